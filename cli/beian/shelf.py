"""What was made in an earlier run, kept on disk, so that a command starts quickly."""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
from pathlib import Path
from typing import Any


def cache_folder() -> Path | None:
    """Where shelves stand; None when BEIAN_CACHE is empty."""
    named = os.environ.get("BEIAN_CACHE")
    if named is not None:
        return Path(named) if named else None
    from platformdirs import user_cache_path

    return user_cache_path("beian")


class Shelf:
    """What was made of something once, by a key that holds all that decides it.

    ``folder`` None keeps nothing. ``veiled`` is for what a matter says: only who has the key, that is
    the matter's own files, can read the entry. A shelf that cannot be read or written only costs
    time; an entry that is not as it was written is none.
    """

    def __init__(
        self, folder: Path | None, key: bytes, ending: str, *, veiled: bool = False
    ) -> None:
        self._key = hashlib.sha256(key).digest()
        self._veil = veiled
        self._file: Path | None = None
        if folder is not None:
            self._file = folder / f"{hashlib.sha256(self._key).hexdigest()}.{ending}"

    def read(self) -> Any:
        """What :meth:`write` wrote; None when there is no such entry, or a damaged one."""
        if self._file is None:
            return None
        try:
            raw = self._file.read_bytes()
            content = self._veiled(raw[32:])
            if hashlib.sha256(content).digest() == raw[:32]:
                return marshal.loads(content)
        except (OSError, ValueError, EOFError, TypeError):
            pass
        return None

    def write(self, content: Any) -> None:
        """Keeps anything that marshal can write, whole or not at all, for its owner alone."""
        if self._file is None:
            return
        raw = marshal.dumps(content)
        draft = self._file.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with open(handle, "wb") as file:
                    file.write(hashlib.sha256(raw).digest() + self._veiled(raw))
                draft.replace(self._file)
            finally:
                draft.unlink(missing_ok=True)

    def _veiled(self, content: bytes) -> bytes:
        """The content under a stream that follows from the key; twice is the content again."""
        if not self._veil:
            return content
        stream = hashlib.shake_256(self._key).digest(len(content))
        mixed = int.from_bytes(content) ^ int.from_bytes(stream)
        return mixed.to_bytes(len(content))
