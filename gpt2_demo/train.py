"""Train one model by one arm: batches, steps, evaluations, checkpoints."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch.nn.parallel import DistributedDataParallel

from gpt2_demo import checkpoint, model as models
from gpt2_demo.arms import Arm
from gpt2_demo.history import History
from gpt2_demo.plan import DivergedError, Plan, Progress, Task
from gpt2_demo.processes import Place
from gpt2_demo.targets import Targets
from gpt2_demo.windows import Order
from theory.errors import InputError
from theory.files import sweep

CHECKPOINT = "checkpoint.safetensors"
LOG = "log.jsonl"


class Trainer:
    """A run that may be stopped and taken up at any step.

    The same task, arm and plan give the same bits on a CPU, in one go or resumed.
    """

    def __init__(
        self,
        task: Task,
        arm: Arm,
        plan: Plan,
        place: Place | None = None,
        folder: Path | None = None,
    ) -> None:
        """Build model, optimiser and order; take up the folder's checkpoint."""
        self.task, self.arm, self.plan, self.folder = task, arm, plan, folder
        self.place = place or Place(torch.device("cpu"))
        if plan.batch % self.place.world:
            world = self.place.world
            msg = f"Need a batch that {world} processes divide, got {plan.batch}."
            raise InputError(msg)
        if arm.is_polyak and task.teacher is None:
            msg = f"{arm.method} needs a teacher's losses; teach one, or give its file."
            raise InputError(msg)
        self.model = task.model(plan.seed).to(self.place.device)
        self.optimizer = arm.optimizer(self.model.parameters())
        self.order = Order(len(task.train), plan.batch, plan.seed)
        self.history = History()
        self.step = 0
        self.targets = self._targets()
        if folder is not None:
            self._take_up(folder / CHECKPOINT)

    def run(
        self,
        watch: Callable[[Progress], None] | None = None,
        stop_at: int | None = None,
    ) -> History:
        """Train to the end, or to `stop_at`; `watch` is called at each evaluation.

        Raises:
            DivergedError: A loss was not finite.

        """
        forward = self._forward()
        last = min(self.plan.steps, stop_at or self.plan.steps)
        began, first = time.perf_counter(), self.step
        while self.step < last:
            self._one(forward)
            self.step += 1
            is_last = self.step == self.plan.steps
            if self.step % self.plan.evaluate_every == 0 or is_last:
                self._evaluate(watch, began, first)
            if self.plan.save_every and (
                self.step % self.plan.save_every == 0 or is_last
            ):
                self._check()
                self._save()
        self._check()
        return self.history

    # -- a step ------------------------------------------------------------------

    def _forward(self) -> Any:
        wrapped = self.model
        if self.place.world > 1:
            wrapped = DistributedDataParallel(wrapped)
        return torch.compile(wrapped) if self.plan.compiled else wrapped

    def _one(self, forward: Any) -> None:
        batch = self.order.at(self.step)
        share = batch[self.place.rank :: self.place.world]
        micro = self.plan.micro or len(share)
        self.optimizer.zero_grad(set_to_none=True)
        loss = torch.zeros((), device=self.place.device)
        for first in range(0, len(share), micro):
            some = share[first : first + micro]
            is_last = first + micro >= len(share)
            quiet = nullcontext() if is_last else _no_sync(forward)
            tokens = self.task.train.batch(some).to(
                self.place.device, non_blocking=True
            )
            with quiet:
                with models.precision(self.place.device, self.plan.autocast):
                    each = self.task.losses(forward, tokens)
                # A mean over the whole batch: a micro-batch counts by its size.
                part = each.sum() / len(share)
                part.backward()
            loss += part.detach()
        self.history.add(self._update(batch, self.place.mean(loss)))

    def _update(self, batch: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
        nan = torch.full_like(loss, math.nan)
        if not self.arm.is_polyak:
            rate = self.arm.rate_at(self.step, self.plan.steps)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            self.optimizer.step()
            size = torch.full_like(loss, rate)
            return {"loss": loss, "target": nan, "step_size": size, "capped": nan}
        assert self.targets is not None
        if self.targets.learns:
            self.targets.see(float(loss))
        target = self.targets.of(batch)
        self.optimizer.step(loss=loss, target_loss=target)
        last = self.optimizer.last
        return {
            "loss": loss,
            "target": torch.full_like(loss, target),
            "step_size": last["eta"],
            "capped": last["capped"],
        }

    def _targets(self) -> Targets | None:
        if not self.arm.is_polyak or self.task.teacher is None:
            return None
        return Targets(self.arm.target, self.task.teacher.values, self.plan.seed)

    # -- now and then ------------------------------------------------------------

    def _check(self) -> None:
        rows = self.history.flush()
        if not math.isfinite(float(rows[:, 0].sum())):
            bad = self.step - len(rows) + int((~_finite(rows[:, 0])).argmax())
            msg = (
                f"The training loss was {rows[bad - self.step, 0]} at step {bad}. "
                "The last checkpoint, if any, is from before. Use a smaller rate."
            )
            raise DivergedError(msg)

    def _evaluate(
        self, watch: Callable[[Progress], None] | None, began: float, first: int
    ) -> None:
        self._check()
        if self.place.is_first:
            found = models.losses(
                self.model, self.task.valid, autocast=self.plan.autocast
            )
            self.history.at.append(self.step)
            self.history.valid.append(float(found.double().mean()))
            tokens = (self.step - first) * self.plan.batch * self.task.train.context
            speed = tokens / (time.perf_counter() - began)
            now = Progress(
                self.step,
                self.plan.steps,
                self.history.steps["loss"][-1],
                self.history.valid[-1],
                speed,
            )
            self._log(now)
            if watch is not None:
                watch(now)
        self.place.wait()

    def _log(self, now: Progress) -> None:
        if self.folder is not None:
            with (self.folder / LOG).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(now)) + "\n")

    # -- checkpoints -------------------------------------------------------------

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What must be the same for a checkpoint to be taken up."""
        task, plan = self.task, self.plan
        teacher = None if task.teacher is None else asdict(task.teacher.key)
        return {
            "train": task.train.sha256,
            "valid": task.valid.sha256,
            "vocab": task.vocab,
            "shape": asdict(task.shape),
            "teacher": teacher if self.arm.is_polyak else None,
            "soft": None if task.soft is None else models.fingerprint(task.soft),
            "arm": asdict(self.arm),
            "steps": plan.steps,
            "batch": plan.batch,
            "seed": plan.seed,
            "autocast": plan.autocast,
        }

    def _save(self) -> None:
        if self.place.is_first and self.folder is not None:
            tensors = checkpoint.gather(self.model, self.optimizer)
            tensors |= {f"history.{k}": v for k, v in self.history.arrays().items()}
            tensors["random.cpu"] = torch.random.get_rng_state()
            if self.place.device.type == "cuda":
                tensors["random.cuda"] = torch.cuda.get_rng_state()
            average = self.targets.average if self.targets else math.nan
            meta = {
                "step": self.step,
                "groups": checkpoint.groups(self.optimizer),
                "identity": self.identity,
                "average": average if math.isfinite(average) else None,
            }
            checkpoint.Checkpoint(tensors, meta).save(self.folder / CHECKPOINT)
        self.place.wait()

    def _take_up(self, path: Path) -> None:
        if self.place.is_first:
            path.parent.mkdir(parents=True, exist_ok=True)
            sweep(path.parent)
        if not path.is_file():
            return
        found = checkpoint.load(path)
        ours = json.loads(json.dumps(self.identity))
        # A checkpoint from before a key was there has nothing to say of it: None.
        for key, theirs in (dict.fromkeys(ours) | found.meta["identity"]).items():
            if theirs != ours[key]:
                msg = (
                    f"{path} belongs to another run: its {key} is {theirs}, here it is "
                    f"{ours[key]}. Name another folder, or remove that file."
                )
                raise InputError(msg)
        checkpoint.restore(found, self.model, self.optimizer)
        self.history = History.of(found.part("history"))
        self.step = int(found.meta["step"])
        if self.targets is not None and found.meta["average"] is not None:
            self.targets.average = found.meta["average"]
        torch.random.set_rng_state(found.tensors["random.cpu"])
        if "random.cuda" in found.tensors and self.place.device.type == "cuda":
            torch.cuda.set_rng_state(found.tensors["random.cuda"])
        if self.place.is_first:
            self._cut_log(path.parent / LOG)

    def _cut_log(self, path: Path) -> None:
        """Drop what was logged after the checkpoint: it is done again."""
        if path.is_file():
            lines = path.read_text("utf-8").splitlines(keepends=True)
            kept = [x for x in lines if x.endswith("\n") and self._is_done(x)]
            path.write_text("".join(kept), "utf-8")

    def _is_done(self, line: str) -> bool:
        return bool(json.loads(line)["step"] <= self.step)


def run_id(identity: dict[str, Any]) -> str:
    """A short hash of what a run is."""
    text = json.dumps(identity, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _finite(values: Any) -> Any:
    return abs(values) < math.inf


def _no_sync(forward: Any) -> Any:
    return forward.no_sync() if hasattr(forward, "no_sync") else nullcontext()
