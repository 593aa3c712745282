"""Long answers in the user's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

#: Editors that are there on most machines, simplest first.
_COMMON = ("nano", "vi", "notepad")


def write(draft: str) -> str | None:
    """The text after editing; None when no editor could be run or it failed.

    The draft lies in a folder that only the user can read, and goes when the editor is closed.
    """
    command = _editor()
    if command is None:
        return None
    with tempfile.TemporaryDirectory(prefix="beian-") as folder:
        file = Path(folder) / "answer.txt"
        file.write_text(draft + "\n" if draft else "", "utf-8")
        try:
            done = subprocess.run([*command, str(file)], check=False)
            return file.read_text("utf-8-sig") if done.returncode == 0 else None
        except (OSError, UnicodeDecodeError):
            return None


def _editor() -> list[str] | None:
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if named:
        return shlex.split(named)
    return next(([one] for one in _COMMON if shutil.which(one)), None)
