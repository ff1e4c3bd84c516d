"""How dates and periods are printed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rendering.editions import CALENDAR


def test_dates_are_said_in_full() -> None:
    assert CALENDAR.day(date(2026, 5, 14)) == "14 May 2026"


@pytest.mark.parametrize(
    ("start", "end", "full", "short"),
    [
        (date(2026, 4, 1), date(2026, 4, 30), "April 2026", "April 2026"),
        (date(2026, 4, 1), date(2026, 6, 30), "April to June 2026", "Apr\N{EN DASH}Jun 2026"),
        (date(2025, 4, 1), date(2026, 3, 31), "April 2025 to March 2026", "2025-26"),
        (date(2025, 7, 1), date(2026, 6, 30), "July 2025 to June 2026", "to Jun 2026"),
        (date(2026, 3, 31), date(2026, 3, 31), "31 March 2026", "31 Mar 2026"),
    ],
)
def test_a_period_is_named_by_its_months(start: date, end: date, full: str, short: str) -> None:
    name = CALENDAR.name_period("p", "", start, end, "")

    assert (name.label, name.short) == (full, short)


def test_the_publishers_name_for_a_period_wins_and_is_shortened_only_where_it_is_long() -> None:
    start, end = date(2026, 4, 1), date(2026, 6, 30)

    brief = CALENDAR.name_period("p", "Q1 26/27", start, end, "quarter")
    long = CALENDAR.name_period("p", "The spring quarter of 2026", start, end, "quarter")

    assert (brief.label, brief.short) == ("Q1 26/27", "Q1 26/27")
    assert (long.label, long.short) == ("The spring quarter of 2026", "Apr\N{EN DASH}Jun 2026")
