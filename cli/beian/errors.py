"""What the surroundings do wrong: tell the user this, and stop."""

from __future__ import annotations

from beian.model import Place


class BeianError(Exception):
    """One clear Chinese sentence, where it happened, and a way forward."""

    def __init__(
        self, message: str, *, place: Place | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        lines = [f"{self.place}  {self.message}" if self.place else self.message]
        if self.hint:
            lines.append(f"    建议  {self.hint}")
        return "\n".join(lines)
