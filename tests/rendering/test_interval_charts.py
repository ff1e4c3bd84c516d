"""Values with their intervals: in the order they come in, each on its scale, and no name left behind."""

from __future__ import annotations

import math
import re

import pytest

from generator.model.vocabulary import Judgement
from generator.rendering.interval_charts import (
    MOST_NAMED_ALWAYS,
    IntervalChart,
    IntervalRow,
    by_value,
    interval_chart,
)
from tests.factories import make_metric

NAN = math.nan


def chart_of(rows: list[IntervalRow], lines: list[tuple[str, float, bool]] | None = None) -> IntervalChart:
    chart = interval_chart(make_metric("m1"), rows, lines or [])
    assert chart is not None
    return chart


def row(name: str, value: float, judgement: Judgement = Judgement.SIMILAR) -> IntervalRow:
    return IntervalRow(name, value, value - 5, value + 5, judgement)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)h0", path)]


def test_rows_stand_below_each_other_and_their_values_across() -> None:
    (marks,) = chart_of([row("High", 80), row("Middle", 70), row("Low", 60)]).marks

    places = points(marks.values)

    assert [round(y) // 10 for _, y in places] == [0, 1, 2]
    assert places[0][0] > places[1][0] > places[2][0]
    assert places[0][0] - places[1][0] == pytest.approx(places[1][0] - places[2][0], abs=0.2)


def test_the_highest_comes_first_and_what_is_missing_is_left_out() -> None:
    rows = by_value([row("Low", 60), row("None", NAN), row("b", 70), row("A", 70), row("High", 80)])

    chart = chart_of(rows)

    assert chart.names == ("High", "A", "b", "Low")
    assert chart.left_out == 1


def test_judgements_are_drawn_apart() -> None:
    rows = [row("a", 80, Judgement.BETTER), row("b", 70), row("c", 60, Judgement.WORSE)]

    chart = chart_of(rows)

    assert [marks.judgement for marks in chart.marks] == ["better", "similar", "worse"]
    assert sum(len(points(marks.values)) for marks in chart.marks) == 3


def test_lines_stand_on_the_same_scale_and_reach_all_rows() -> None:
    chart = chart_of([row("a", 80), row("b", 60)], [("Area", 80, False), ("Country", NAN, True)])

    (line,) = chart.lines
    x = points(chart.marks[0].values)[0][0]
    assert line.path == f"M{x:g} 0V{chart.height}"
    assert float(line.place.removesuffix("%")) == pytest.approx(x / 10, abs=0.06)
    assert (line.place[-1], line.anchor) == ("%", "end")


def test_a_value_without_an_interval_has_no_bar() -> None:
    chart = chart_of([IntervalRow("a", 80, NAN, NAN), IntervalRow("b", 70, NAN, NAN)])

    assert chart.marks[0].intervals == ""
    assert len(points(chart.marks[0].values)) == 2


def test_wide_intervals_end_at_the_edge_and_strays_stand_on_it() -> None:
    rows = [IntervalRow(f"p{place}", 70 + place / 10, 69, 73) for place in range(60)]
    chart = chart_of([*rows, IntervalRow("stray", 10, 0, 60)])

    assert chart.beyond == 1
    assert points(chart.marks[0].values)[-1][0] == 0
    assert all(0 <= float(x) <= 1000 for x in re.findall(r"[MH]([\d.]+)", chart.marks[0].intervals))


def test_only_a_few_rows_have_names_on_every_screen() -> None:
    few, many = ([row(f"p{place}", 60 + place) for place in range(count)] for count in (12, 13))

    assert chart_of(few).is_named_always
    assert not chart_of(many).is_named_always
    assert MOST_NAMED_ALWAYS == 12


def test_one_value_is_no_chart() -> None:
    assert interval_chart(make_metric("m1"), [row("a", 70), row("b", NAN)]) is None
    assert interval_chart(make_metric("m1", kind="status", levels="a|b"), [row("a", 1), row("b", 2)]) is None
