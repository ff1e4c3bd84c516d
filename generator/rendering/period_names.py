"""How periods are printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from generator.model.vocabulary import Frequency
from generator.rendering.numbers import MONTHS, date_text

_EN_DASH = "\N{EN DASH}"
_SHORT_MONTHS = tuple(month[:3] for month in MONTHS)


@dataclass(frozen=True)
class PeriodName:
    """A period as pages print it."""

    period: str
    label: str
    """In full: April to June 2026."""
    short: str
    """For axes and tables: Q2 2026."""


def name_period(period: str, label: str, start: date, end: date, frequency: str) -> PeriodName:
    """Return how a period is printed in full and in short; the publisher's label wins."""
    if frequency == Frequency.SNAPSHOT or start == end:
        full, short = date_text(end), f"{end.day} {_SHORT_MONTHS[end.month - 1]} {end.year}"
    elif (start.month, start.year) == (end.month, end.year):
        full = short = f"{MONTHS[end.month - 1]} {end.year}"
    else:
        first = MONTHS[start.month - 1] + (f" {start.year}" if start.year != end.year else "")
        full = f"{first} to {MONTHS[end.month - 1]} {end.year}"
        same_year = start.year == end.year
        short = (
            f"{_SHORT_MONTHS[start.month - 1]}{_EN_DASH}{_SHORT_MONTHS[end.month - 1]} {end.year}"
            if same_year
            else f"{start.year}-{end.year % 100:02d}"
            if (start.month, end.month) == (4, 3) and end.year - start.year == 1
            else f"to {_SHORT_MONTHS[end.month - 1]} {end.year}"
        )
    return PeriodName(period, label or full, label if label and len(label) <= 10 else short)
