"""The folder of a training: not written over unasked, and left with what was reached when training ends early."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from .terminal import Refusal, prepare

if TYPE_CHECKING:
    from ..nn import MLP
    from ..training import DivergedError, History

FILES: Final = ("model.safetensors", "history.json", "curves.svg", "checkpoint.safetensors")


class RunFolder:
    """A folder to train into; raises Refusal where it holds another run, or where nothing can be written.

    Nothing of what it holds is removed: each file stays until the one that replaces it is whole.
    """

    def __init__(self, path: Path, *, resume: bool, overwrite: bool) -> None:
        self.path = path
        self.model, self.history, self.curves, self.checkpoint = [path / name for name in FILES]
        self.resume, self.overwrite = resume, overwrite
        there = [name for name in FILES if (path / name).exists()]
        if resume and not self.checkpoint.exists():
            raise Refusal(f"--resume: there is no {self.checkpoint}")
        if there and not (resume or overwrite):
            goes_on = "--resume goes on with it, " if self.checkpoint.exists() else ""
            raise Refusal(
                f"{path} holds a run ({', '.join(there)}): {goes_on}--overwrite replaces it, and --out names another "
                "folder"
            )
        prepare([path / name for name in FILES], path)
        self.before = self.version()

    def version(self) -> tuple[int, int] | None:
        """What tells one checkpoint from the one that takes its place; None where there is none."""
        if not self.checkpoint.exists():
            return None
        found = self.checkpoint.stat()
        return found.st_ino, found.st_mtime_ns

    def cut_short(
        self, model: MLP, stop: KeyboardInterrupt | DivergedError, epochs: int
    ) -> tuple[History, BaseException]:
        """What a run that ended early has come to, and what to raise when that is written.

        It is the history of the epochs that were done; their weights are put into the model, the best of them where
        ``--patience`` kept these. Raises the same at once where none was done.
        """
        from ..training import History
        from ..training.checkpoints import part, read

        kind = KeyboardInterrupt if isinstance(stop, KeyboardInterrupt) else Refusal
        why = str(stop) or "interrupted"
        if not self.resume and self.version() == self.before:
            raise kind(f"{why}; no epoch was done, and nothing was written") from stop
        _, arrays, state = read(self.checkpoint)
        model.load_state_dict(part(arrays, "model." if state["best"] is None else "best."))
        history = History.from_dict(state["history"])
        history.stopped = why
        which = "the network" if state["best"] is None else "the best network"
        goes_on = f"the same command with --resume{' in place of --overwrite' * self.overwrite} goes on"
        return history, kind(f"{why}; {which} of {len(history)} epochs, of {epochs}, is in {self.model}; {goes_on}")
