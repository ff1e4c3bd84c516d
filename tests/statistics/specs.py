"""The rules of the methods as tables: read from tests/spec, where the methods pages print them from too."""

from __future__ import annotations

import csv
from pathlib import Path

SPEC = Path(__file__).parents[1] / "spec"


def read_rules(name: str) -> list[dict[str, str]]:
    """Return the rows of one table of rules."""
    with (SPEC / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float | None:
    """Return the number of a cell, None where it is blank."""
    return float(text) if text else None


def as_markdown(name: str) -> str:
    """Return a table of rules as the methods pages print it."""
    rows = read_rules(name)
    header = [column.replace("_", " ") for column in rows[0]]
    lines = [header, ["---"] * len(header), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
