"""A teacher in any of its forms, asked once for its losses on a corpus."""

from __future__ import annotations

from pathlib import Path

from gpt2_demo import model as models, study, teacher as teachers, tokens
from gpt2_demo.hub import folder_of
from gpt2_demo.processes import Place
from gpt2_demo.study import Text
from gpt2_demo.teacher import TeacherLosses
from theory.errors import InputError


def lesson(
    teacher: str,
    corpus: str,
    tokenizer: str,
    context: int,
    place: Place,
    autocast: bool,
) -> tuple[Text, TeacherLosses]:
    """The corpus in the teacher's tokens, and the teacher's losses on it.

    Args:
        teacher: A folder, a name, or a file of losses.
        corpus: As in `corpus.load`.
        tokenizer: A folder with one; empty for the teacher's.
        context: Predictions in a window; 0 for the teacher's.
        place: Where the teacher computes.
        autocast: Whether it computes in bfloat16.

    Raises:
        InputError: Teacher, corpus and tokenizer do not fit each other.

    """
    path = Path(teacher)
    if path.is_file():
        return _from_file(path, corpus, tokenizer, context)
    network, vocabulary, _ = models.open_folder(folder_of(teacher))
    longest = int(network.config.n_positions)
    if context > longest:
        msg = f"Need a context of at most {longest}, the teacher's, got {context}."
        raise InputError(msg)
    if tokenizer:
        tokens.require_same(vocabulary, tokens.open_file(Path(tokenizer)))
    text = study.read(corpus, vocabulary, context or longest)
    network = network.to(place.device)

    def asked() -> TeacherLosses:
        return teachers.cached(network, text.train, valid=text.valid, autocast=autocast)

    if place.is_first:
        losses = asked()
    place.wait()
    return text, losses if place.is_first else asked()


def _from_file(
    path: Path, corpus: str, tokenizer: str, context: int
) -> tuple[Text, TeacherLosses]:
    # A folder of `teach` holds the tokenizer and the context beside the losses.
    file = Path(tokenizer) if tokenizer else path.parent / "tokenizer.json"
    if not file.is_file():
        msg = (
            f"{path} has losses alone: name the tokenizer.json that they were computed "
            "with by --tokenizer."
        )
        raise InputError(msg)
    if not context:
        msg = f"{path} has losses alone: give the --context that they were computed in."
        raise InputError(msg)
    text = study.read(corpus, tokens.open_file(file), context)
    return text, teachers.load(path, text.train)
