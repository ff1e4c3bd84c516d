"""Where findings lie, in a form that tests compare."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from generator.errors import Finding
from generator.loading import check

Place = tuple[str, str, int | None, str]


def places(findings: Iterable[Finding]) -> list[Place]:
    """Return code, file, row and column of each finding."""
    return [(finding.code, finding.file, finding.row, finding.column) for finding in findings]


def find_places(folder: Path) -> list[Place]:
    """Return where `check` finds something in a folder."""
    return places(check([folder]))
