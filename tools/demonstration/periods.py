"""The times that the demonstration's figures describe, and what each of its two releases covers."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from generator.model.vocabulary import Frequency

# Not calendar.month_name, which speaks the language of the machine.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
QUARTERS_SHOWN = 14
YEARS_SHOWN = 6
MULTI_YEARS_SHOWN = 4
SNAPSHOTS_SHOWN = 4


@dataclass(frozen=True)
class Period:
    """One row of PERIODS."""

    period: str
    start: date
    end: date
    frequency: Frequency
    label: str


@dataclass(frozen=True)
class ReleasePlan:
    """What one release covers, and its dates."""

    release: str
    title: str
    publication_date: date
    next_publication_date: date
    last_quarter: tuple[int, int]
    """Year and quarter of the latest figures."""
    last_year: int
    """The year in which the latest yearly figures begin (each April)."""
    last_multi_year: int
    """The last of the latest three calendar years."""
    last_snapshot: int


FIRST_RELEASE = ReleasePlan(
    "2026-q1",
    "Quality of care in Fernmark, January to March 2026",
    date(2026, 5, 14),
    date(2026, 8, 13),
    last_quarter=(2026, 1),
    last_year=2024,
    last_multi_year=2024,
    last_snapshot=2026,
)
SECOND_RELEASE = ReleasePlan(
    "2026-q2",
    "Quality of care in Fernmark, April to June 2026",
    date(2026, 8, 13),
    date(2026, 11, 12),
    last_quarter=(2026, 2),
    last_year=2025,
    last_multi_year=2025,
    last_snapshot=2026,
)
RELEASES = (FIRST_RELEASE, SECOND_RELEASE)


def periods_of(plan: ReleasePlan) -> list[Period]:
    """Return the periods of a release: by frequency, oldest first."""
    last = plan.last_quarter[0] * 4 + plan.last_quarter[1] - 1
    quarters = [divmod(number, 4) for number in range(last - QUARTERS_SHOWN + 1, last + 1)]
    return [
        *(_month(year, quarter * 3 + month) for year, quarter in quarters for month in (1, 2, 3)),
        *(_quarter(year, quarter + 1) for year, quarter in quarters),
        *(_rolling_year(year, quarter + 1) for year, quarter in quarters),
        *(_year(plan.last_year - back) for back in reversed(range(YEARS_SHOWN))),
        *(_multi_year(plan.last_multi_year - back) for back in reversed(range(MULTI_YEARS_SHOWN))),
        *(_snapshot(plan.last_snapshot - back) for back in reversed(range(SNAPSHOTS_SHOWN))),
    ]


def all_periods() -> list[Period]:
    """Return the periods of both releases, each once, by frequency and end."""
    order = list(Frequency)
    periods = {period.period: period for plan in RELEASES for period in periods_of(plan)}
    return sorted(periods.values(), key=lambda period: (order.index(period.frequency), period.end))


def _month(year: int, month: int) -> Period:
    start, end = date(year, month, 1), _month_end(year, month)
    return Period(f"{year}-{month:02}", start, end, Frequency.MONTH, f"{MONTHS[month - 1]} {year}")


def _quarter(year: int, quarter: int) -> Period:
    first = quarter * 3 - 2
    label = f"{MONTHS[first - 1]} to {MONTHS[first + 1]} {year}"
    return Period(
        f"{year}-q{quarter}", date(year, first, 1), _month_end(year, first + 2), Frequency.QUARTER, label
    )


def _rolling_year(year: int, quarter: int) -> Period:
    last = quarter * 3
    start = date(year, 1, 1) if last == 12 else date(year - 1, last + 1, 1)
    label = f"{MONTHS[start.month - 1]} {start.year} to {MONTHS[last - 1]} {year}"
    return Period(f"year-to-{year}-q{quarter}", start, _month_end(year, last), Frequency.ROLLING_YEAR, label)


def _year(year: int) -> Period:
    label = f"April {year} to March {year + 1}"
    name = f"{year}-{(year + 1) % 100:02}"
    return Period(name, date(year, 4, 1), date(year + 1, 3, 31), Frequency.YEAR, label)


def _multi_year(last: int) -> Period:
    start, end = date(last - 2, 1, 1), date(last, 12, 31)
    return Period(f"{last - 2}-to-{last}", start, end, Frequency.MULTI_YEAR, f"{last - 2} to {last}")


def _snapshot(year: int) -> Period:
    day = date(year, 3, 31)
    return Period(f"on-{day}", day, day, Frequency.SNAPSHOT, f"31 March {year}")


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
