"""Months made into quarters. A quarter needs all three of its months; one that lacks any says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from generator.importers.ae_files import COUNTS
from generator.importers.expected_rows import NOTE
from generator.model.vocabulary import Absence

MONTHS_IN_A_QUARTER = 3
ENOUGH_TO_COMPARE = 10
"""So many organisations do not have every figure of an earlier month again by chance."""
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months, known by the first of them, counted in months from the year 0."""

    first_month: int

    @property
    def period(self) -> str:
        """Identifier of the period: 2021-q2 is April to June 2021."""
        return f"{self.first_month // 12}-q{self.first_month % 12 // 3 + 1}"

    @property
    def months(self) -> tuple[int, ...]:
        """Its months."""
        return tuple(range(self.first_month, self.first_month + MONTHS_IN_A_QUARTER))

    @property
    def start(self) -> date:
        """First day."""
        return first_day(self.first_month)

    @property
    def end(self) -> date:
        """Last day."""
        return first_day(self.first_month + MONTHS_IN_A_QUARTER) - timedelta(days=1)

    @property
    def label(self) -> str:
        """What a reader calls it: April to June 2021."""
        return f"{MONTH_NAMES[self.months[0] % 12]} to {month_name(self.months[-1])}"


def first_day(month: int) -> date:
    """Return the first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def month_name(month: int) -> str:
    """Return what a month is called: April 2021."""
    return f"{MONTH_NAMES[month % 12]} {month // 12}"


def quarters_between(first_month: int, last_month: int) -> tuple[Quarter, ...]:
    """Return the quarters from that of the first month to that of the last one."""
    start = first_month - first_month % MONTHS_IN_A_QUARTER
    return tuple(Quarter(month) for month in range(start, last_month + 1, MONTHS_IN_A_QUARTER))


def find_copies(months: pd.DataFrame) -> dict[int, int]:
    """Return each month in which every organisation has its figures of one earlier month, and that month.

    Organisations to which nobody came say nothing, nor do fewer than ENOUGH_TO_COMPARE.
    """
    busy = months[months["attendances"] > 0]
    by_month = {
        int(str(month)): rows.set_index("organisation")[list(COUNTS)].fillna(-1)
        for month, rows in busy.groupby("month")
    }
    copies: dict[int, int] = {}
    for month, figures in by_month.items():
        for earlier, before in by_month.items():
            if earlier >= month:
                break
            both = figures.index.intersection(before.index)
            is_same = len(both) >= ENOUGH_TO_COMPARE and figures.loc[both].equals(before.loc[both])
            if is_same:
                copies[month] = earlier
                break
    return copies


def build_quarters(months: pd.DataFrame, quarters: Sequence[Quarter], copies: dict[int, int]) -> pd.DataFrame:
    """Return QUARTERS: one row for each organisation of MONTHS and each quarter.

    Columns: organisation, quarter (its first month), COUNTS summed over the three months (NaN where one is
    blank), `waits_fail` and `bed_waits_fail` (in any of them), rows (how many months have one), and absence:
    why the quarter has no figures, blank where it has.

    - `not_submitted`: the organisation has no row for a month, but has some before and after it;
    - `not_stated`: it has no row for a month before its first one, or after its last;
    - `failed_checks`: a month is a copy of an earlier one;
    - `late`: the file ends before the quarter does.
    """
    organisations = sorted(set(months["organisation"]))
    first_month, width = quarters[0].first_month, len(quarters) * MONTHS_IN_A_QUARTER
    place = pd.Index(organisations).get_indexer(pd.Index(months["organisation"]))
    column = months["month"].to_numpy() - first_month
    grid = {name: np.full((len(organisations), width), np.nan) for name in COUNTS}
    for name, cells in grid.items():
        cells[place, column] = months[name]
    is_there = np.zeros((len(organisations), width), dtype=bool)
    is_there[place, column] = True

    begun = np.logical_or.accumulate(is_there, axis=1)
    goes_on = np.logical_or.accumulate(is_there[:, ::-1], axis=1)[:, ::-1]
    number = np.arange(width)[None, :] + first_month
    is_late = np.broadcast_to(number > months["month"].max(), is_there.shape)
    is_copy = is_there & np.isin(number, list(copies))
    reasons = {
        Absence.NOT_SUBMITTED: ~is_there & begun & goes_on,
        Absence.NOT_STATED: ~is_there & ~(begun & goes_on) & ~is_late,
        Absence.FAILED_CHECKS: is_copy,
        Absence.LATE: is_late,
    }
    by_quarter = (len(organisations), len(quarters), MONTHS_IN_A_QUARTER)
    absence = np.select(
        [flags.reshape(by_quarter).any(axis=2).ravel() for flags in reasons.values()],
        [reason.value for reason in reasons],
        default="",
    )
    fails = {name: np.zeros(is_there.shape, dtype=bool) for name in ("waits_fail", "bed_waits_fail")}
    for name, flags in fails.items():
        flags[place, column] = months[name]
    return pd.DataFrame(
        {
            "organisation": np.repeat(organisations, len(quarters)),
            "quarter": np.tile([quarter.first_month for quarter in quarters], len(organisations)),
            **{name: cells.reshape(by_quarter).sum(axis=2).ravel() for name, cells in grid.items()},
            **{name: flags.reshape(by_quarter).any(axis=2).ravel() for name, flags in fails.items()},
            "rows": is_there.reshape(by_quarter).sum(axis=2).ravel(),
            "absence": absence,
        }
    )


def published_notes(
    rows: pd.DataFrame, months: pd.DataFrame, part: str, whole: str, copies: dict[int, int]
) -> list[str]:
    """Return what the publisher's file has for each of these rows of QUARTERS, month by month.

    Args:
        rows: those without a figure.
        months: MONTHS of the same file.
        part: the count shown; with a `whole` it is shown as a part of it.
        whole: blank where the part stands alone.
        copies: as `find_copies` found them.
    """
    figures = months.set_index(["organisation", "month"])[[part, whole] if whole else [part]]
    published = {
        key: " of ".join(_in_words(cell) for cell in cells)
        for key, cells in zip(figures.index.to_list(), figures.to_numpy().tolist(), strict=True)
    }
    notes = []
    keys = zip(rows["organisation"].to_list(), rows["quarter"].to_list(), rows["rows"].to_list(), strict=True)
    for organisation, first_month, count in keys:
        if not count:
            notes.append(NOTE)
            continue
        here = Quarter(first_month).months
        told = [f"{month_name(month)}: {published.get((organisation, month), 'no row')}" for month in here]
        told += [
            f"{month_name(month)} repeats {month_name(copies[month])} at every organisation"
            for month in here
            if month in copies
        ]
        notes.append(f"Published: {'; '.join(told)}")
    return notes


def _in_words(count: float) -> str:
    return "blank" if np.isnan(count) else f"{count:.0f}"
