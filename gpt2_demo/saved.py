"""Models in folders, laid out as transformers does: read without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as as_safetensors
from transformers import GPT2LMHeadModel

from gpt2_demo import tokens
from gpt2_demo.hub import CONFIG, TOKENIZER, WEIGHTS, quiet
from gpt2_demo.tokens import Vocabulary
from theory.errors import InputError
from theory.files import writable, write

NO_DROPOUT = {"embd_pdrop": 0.0, "attn_pdrop": 0.0, "resid_pdrop": 0.0}
"""So that a loss is a function of weights and tokens, in training too."""
METADATA = "ratecheck"


def save(
    model: Any, vocabulary: Vocabulary, folder: Path, metadata: Mapping[str, Any]
) -> None:
    """Write a folder that `open_folder` and transformers' `from_pretrained` read.

    Each file is whole or as it was; the weights come last, and name the tokenizer.

    Args:
        model: A GPT-2.
        vocabulary: What it reads.
        folder: Made if need be.
        metadata: What JSON can hold; it lies in the header of the weights.

    Raises:
        InputError: The folder cannot be written, or the disk is full.

    """
    is_tied = model.config.tie_word_embeddings
    weights = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in model.state_dict().items()
        if not (is_tied and name == "lm_head.weight")
    }
    own = json.dumps({"tokenizer": vocabulary.sha256, "metadata": dict(metadata)})
    write(writable(folder) / CONFIG, model.config.to_json_string().encode())
    vocabulary.save(folder / TOKENIZER)
    header = {"format": "pt", METADATA: own}
    write(folder / WEIGHTS, as_safetensors(weights, metadata=header))


def open_folder(folder: Path) -> tuple[Any, Vocabulary, dict[str, Any]]:
    """Model in float32 on the CPU without dropout, its tokenizer, and its metadata.

    Raises:
        InputError: A file is missing, damaged, a pickle, or does not fit the others.

    """
    own = _header(folder)
    vocabulary = tokens.open_file(folder / TOKENIZER)
    if own and own["tokenizer"] != vocabulary.sha256:
        msg = (
            f"{folder / TOKENIZER} is not the tokenizer that its model was saved with."
        )
        raise InputError(msg)
    model = _weights(folder)
    if vocabulary.size > model.config.vocab_size:
        msg = (
            f"The model in {folder} knows {model.config.vocab_size} tokens, and its "
            f"tokenizer {vocabulary.size}. One of them is another model's."
        )
        raise InputError(msg)
    return model, vocabulary, own.get("metadata", {})


def _header(folder: Path) -> dict[str, Any]:
    if not (folder / WEIGHTS).is_file():
        msg = f"Need {WEIGHTS} in {folder}, and there is none."
        if pickles := sorted(path.name for path in folder.glob("*.bin")):
            msg += (
                f" {', '.join(pickles)} is a pickle, which may run any code when read: "
                "let save_pretrained of transformers write safetensors."
            )
        raise InputError(msg)
    try:
        with safe_open(folder / WEIGHTS, framework="pt") as file:
            return dict(json.loads((file.metadata() or {}).get(METADATA, "{}")))
    except (OSError, SafetensorError, ValueError) as error:
        msg = f"{folder / WEIGHTS} is damaged ({error}). Write or fetch it again."
        raise InputError(msg) from error


def _weights(folder: Path) -> Any:
    model, report = _read(folder)
    # Weights that are missing would silently be drawn at random.
    faults = [f"{kind}: {name}" for kind in report for name in sorted(report[kind])]
    if faults:
        more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
        msg = f"The weights in {folder} are not those of its {CONFIG}: "
        raise InputError(msg + ", ".join(faults[:3]) + more + ".")
    return model.float()


def _read(folder: Path) -> tuple[Any, dict[str, Any]]:
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        with quiet():
            model, report = GPT2LMHeadModel.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # the report names them
                use_cache=False,
                **NO_DROPOUT,
            )
    except Exception as error:  # transformers raises whatever it meets
        msg = f"Cannot read the model in {folder}: {type(error).__name__}: {error}"
        raise InputError(msg) from error
    if config.get("model_type") != "gpt2":
        msg = f"Need a GPT-2, and {folder} holds a {config.get('model_type')}."
        raise InputError(msg)
    return model, report
