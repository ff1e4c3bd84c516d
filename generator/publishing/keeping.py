"""Texts that cost seconds to make and are the same in every build: made once and kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def kept_text(folder: Path, name: str, make: Callable[[], str]) -> str:
    """Return the text of this name from the folder; where there is none, made, and kept if it can be.

    The name has to tell everything that the text depends on.
    """
    path = folder / name
    if path.is_file():
        return path.read_text(encoding="utf-8")
    text = make()
    # A folder that cannot be written to costs time in the next build, nothing else.
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        # In one step, so that a build beside this one never reads half of it.
        draft.replace(path)
    return text
