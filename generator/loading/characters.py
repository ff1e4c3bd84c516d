"""Characters that a reader cannot see, or that act on the text around them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from generator.errors import Finding
from generator.loading.faults import fault


def unsafe_characters(text: str) -> str:
    """Return the code points in the text that are control, bidirectional or invisible, as U+200B, U+202E."""
    found = sorted(
        {
            character
            for character in text
            if character != "\n"
            and (
                unicodedata.category(character) in ("Cc", "Cf", "Co", "Zl", "Zp")
                or character in INVISIBLE_LETTERS
            )
        }
    )
    return ", ".join(f"U+{ord(character):04X}" for character in found)


def find_unsafe_text(value: Any, file: str, place: str = "") -> Iterator[Finding]:
    """Yield a finding for each text inside a JSON value with control or invisible characters."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from find_unsafe_text(inner, file, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from find_unsafe_text(inner, file, f"{place}[{position}]")
    elif isinstance(value, str) and (found := unsafe_characters(value)):
        yield fault("TXT_UNSAFE_CHAR", file, f"holds {found}", column=place)


INVISIBLE_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800"
"""Characters that print as nothing although Unicode counts them as letters, marks or symbols."""
