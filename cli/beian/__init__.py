"""beian prepares the filing dossier of a generative-AI service in China.

``load``, ``check`` and ``build`` are the same flow that the command line runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["BeianError", "Library", "__version__", "build", "check", "load"]

if TYPE_CHECKING:
    from beian.assembly import build
    from beian.errors import BeianError
    from beian.library import Library
    from beian.pipeline import check, load

_HOMES = {
    "build": "beian.assembly",
    "BeianError": "beian.errors",
    "Library": "beian.library",
    "check": "beian.pipeline",
    "load": "beian.pipeline",
}


def __getattr__(name: str) -> Any:
    """Finds the public names where they live, only when they are asked for."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
