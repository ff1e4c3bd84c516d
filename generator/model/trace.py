"""Where a printed number comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TracedRow:
    """One row of a data package that a number was made from. Hidden figures are never part of it."""

    file: str
    """Path below the release's folder."""
    row: int
    """As a spreadsheet counts: the header is row 1."""
    organisation_code: str
    period: str
    counted: bool
    """Whether its figures entered the number: a row with an absence only tells why there is none."""
    absence: str
    cells: tuple[tuple[str, str], ...]
    """Column and cell as it stands in the file; empty where the number is hidden."""


@dataclass(frozen=True)
class Trace:
    """Everything that one result was made from."""

    release: str
    metric_id: str
    organisation_code: str
    breakdown_id: str
    period: str
    is_total: bool
    """Whether the result is a sum over the rows of several organisations."""
    is_hidden: bool
    """Whether disclosure control hides the result: then the place is told, never a value."""
    formula: str
    """How the value follows from the rows, in words."""
    rows: tuple[TracedRow, ...]
    digests: tuple[tuple[str, str], ...]
    """Each file named and its SHA-256."""
