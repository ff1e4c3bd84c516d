"""How dates and periods are printed, in the words of a language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from generator.model.vocabulary import Frequency


@dataclass(frozen=True)
class PeriodName:
    """A period as pages print it."""

    period: str
    label: str
    """In full: April to June 2026."""
    short: str
    """For axes and tables: Q2 2026."""


@dataclass(frozen=True)
class Calendar:
    """The words of a language for dates and stretches of time: wording/<language>/dates.html."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    write: Callable[..., str]
    """Takes the name of a macro and its values, and returns what it says."""

    def day(self, day: date) -> str:
        """Return a date as it is said: 14 May 2026."""
        return self.write("day", day.day, self.months[day.month - 1], day.year)

    def name_period(self, period: str, label: str, start: date, end: date, frequency: str) -> PeriodName:
        """Return how a period is printed in full and in short; the publisher's label wins."""
        first, last = self.months[start.month - 1], self.months[end.month - 1]
        short_first, short_last = self.short_months[start.month - 1], self.short_months[end.month - 1]
        if frequency == Frequency.SNAPSHOT or start == end:
            full, short = self.day(end), self.write("day", end.day, short_last, end.year)
        elif (start.month, start.year) == (end.month, end.year):
            full = short = self.write("month", last, end.year)
        else:
            full = self.write("stretch", first, start.year, last, end.year)
            if start.year == end.year:
                short = self.write("short_stretch", short_first, short_last, end.year)
            elif (start.month, end.month) == (4, 3) and end.year - start.year == 1:
                short = f"{start.year}-{end.year % 100:02d}"
            else:
                short = self.write("until", short_last, end.year)
        return PeriodName(period, label or full, label if label and len(label) <= 10 else short)
