from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, islice, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.methods import MethodOptions, TwoOfThree
from generator.statistics.control_charts import add_control_charts, measure_limits
from generator.statistics.numbering import Numbering, RawRows
from generator.statistics.periods import version_in_force
from tests.factories import Row, make_release
from tests.statistics.slow_control_charts import SERIES, Point, slow_limits, slow_signals

MISSING = float("nan")
"""A row without a value; None stands for no row at all."""
Points = Sequence[Point]

PERIODS: list[Row] = [
    {
        "period": f"{year}-q{quarter}",
        "start": f"{year}-{3 * quarter - 2:02d}-01",
        "end": f"{year}-{end}",
        "frequency": "quarter",
    }
    for year in range(2019, 2026)
    for quarter, end in enumerate(("03-31", "06-30", "09-30", "12-31"), start=1)
]
"""Twenty-eight quarters, 2019-q1 to 2025-q4."""
NAMES = [str(period["period"]) for period in PERIODS]

STEADY = list(islice(cycle([50.0, 52.0, 51.0, 49.0]), 16))
"""Mean 50.5, moving ranges 2, 1, 2, 1 …, which have a mean of 1.53."""
SHIFTED = [*STEADY[:7], *(figure + 10 for figure in STEADY[:9])]


class Chart:
    """What the charts of one metric say, by name."""

    def __init__(self, rows: pd.DataFrame, segments: pd.DataFrame, numbering: Numbering) -> None:
        codes, periods = numbering.places.codes, numbering.calendar.names
        self.rows = rows.assign(code=codes[rows["organisation"]], name=periods[rows["period"]])
        self.segments = segments.assign(
            code=codes[segments["organisation"]], start=periods[segments["start"]]
        )

    def variation(self, code: str = "P1") -> list[str]:
        return [str(word) for word in self.rows.loc[self.rows["code"] == code, "variation"]]

    def assurance(self, code: str = "P1") -> list[str]:
        return [str(word) for word in self.rows.loc[self.rows["code"] == code, "assurance"]]

    def starts(self, code: str = "P1") -> list[tuple[int, str, int]]:
        own = self.segments[self.segments["code"] == code]
        return list(zip(own["segment"], own["start"], own["points"], strict=True))


def draw(
    series: Points | Mapping[str, Points],
    *metrics: Row,
    target: float = MISSING,
    options: MethodOptions = MethodOptions(),  # noqa: B008 - frozen
    periods: Sequence[Row] = PERIODS,
    rebases: Sequence[Row] = (),
) -> Chart:
    """Return the charts of these organisations (P1 if there is one series), from the first period on."""
    by_code = series if isinstance(series, Mapping) else {"P1": series}
    observations = [
        {"organisation_code": code, "period": period["period"], "value": None if np.isnan(value) else value}
        for code, values in by_code.items()
        for period, value in zip(periods, values, strict=False)
        if value is not None
    ]
    release = make_release(
        observations,
        metrics=[{"kind": "score", **metric} for metric in metrics or ({},)],
        periods=periods,
        rebases=[{"metric_id": "m1", "reason": "A new system.", **rebase} for rebase in rebases],
    )
    numbering = Numbering.of(release)
    rows = RawRows.of(release.observations, numbering).of_metric("m1")
    versions = numbering.versions["m1"]
    charted = add_control_charts(
        rows,
        versions,
        version_in_force(versions, numbering.calendar),
        numbering.places,
        numbering.calendar,
        release.directory["rebases"],
        np.full(len(rows), target),
        options=options,
    )
    return Chart(*charted, numbering)


def test_the_example_of_the_methods_page() -> None:
    """The ranges up to 82 and back are unusual and left out of the limits; the point itself stays."""
    values = np.array([[71.0, 72, 70, 71, 72, 82, 72, 71, 70, 71, 72, 71, 72, 71]])

    screened, whole = measure_limits(values), measure_limits(values, screen=False)

    assert screened.mean[0] == 72
    assert [screened.lower[0], screened.upper[0]] == pytest.approx([69.10, 74.90], abs=0.005)
    assert [whole.lower[0], whole.upper[0]] == pytest.approx([65.45, 78.55], abs=0.005)
    assert draw(values[0].tolist()).variation() == [
        *["common_cause"] * 5,
        "improvement_high",
        *["common_cause"] * 8,
    ]


def test_a_series_that_never_moves_has_its_limits_on_the_mean() -> None:
    """Screening must not throw away every range when all of them are 0."""
    chart = draw([50.0] * 14, target=50)

    assert chart.segments[["mean", "lower", "upper"]].iloc[0].tolist() == [50, 50, 50]
    assert set(chart.variation()) == {"common_cause"}
    assert set(chart.assurance()) == {"hit_and_miss"}


@pytest.mark.parametrize(("points", "enough"), [(12, False), (13, True)])
def test_limits_and_icons_need_thirteen_points(points: int, enough: bool) -> None:
    chart = draw(STEADY[:points], target=90)

    assert set(chart.variation()) == {"common_cause" if enough else "not_enough_points"}
    assert set(chart.assurance()) == {"consistently_failing" if enough else ""}
    assert chart.segments["mean"].notna().tolist() == [enough]
    assert chart.segments["points"].tolist() == [points]


def test_thirteen_points_without_neighbours_have_no_limits() -> None:
    chart = draw([50.0, MISSING] * 13 + [51.0])

    assert set(chart.variation()) == {"no_data", "not_enough_points"}
    assert np.isnan(chart.segments["mean"].iloc[0])


def test_a_missing_value_is_no_data_and_says_nothing_of_the_target() -> None:
    chart = draw([*STEADY[:13], MISSING], target=90)

    assert chart.variation()[-2:] == ["common_cause", "no_data"]
    assert chart.assurance()[-2:] == ["consistently_failing", ""]


def test_a_series_without_any_value_is_not_charted() -> None:
    chart = draw({"P1": STEADY, "P2": [MISSING] * 16})

    assert set(chart.variation("P2")) == {""}
    assert chart.starts("P2") == []


@pytest.mark.parametrize("gap", [MISSING, None], ids=["row without value", "no row"])
def test_a_gap_ends_a_run_and_takes_no_moving_range(gap: float | None) -> None:
    """Seven in a row are not seven if a quarter is missing among them."""
    series = [*STEADY, *[51.0, 52.0] * 2, gap, *[51.0, 52.0] * 2]
    closed = [*STEADY, *[51.0, 52.0] * 4]

    with_gap, without = draw({"P1": series, "P2": closed}), draw(closed)

    assert "improvement_high" not in with_gap.variation()
    assert with_gap.variation("P2")[-8:] == without.variation()[-8:] == ["improvement_high"] * 8
    assert with_gap.segments["upper"].iloc[0] == pytest.approx(slow_limits(_known(series))[2])  # type: ignore[index]


def test_a_period_that_nobody_has_keeps_its_place() -> None:
    """Also where the list of periods itself leaves it out."""
    series = [*STEADY, *[51.0, 52.0] * 2, None, *[51.0, 52.0] * 2]
    listed = draw(series)
    unlisted = draw(
        [point for point in series if point is not None],
        periods=[period for number, period in enumerate(PERIODS) if number != 20],
    )

    assert listed.variation() == unlisted.variation()
    assert "improvement_high" not in listed.variation()
    assert listed.segments["upper"].tolist() == unlisted.segments["upper"].tolist()


def test_a_rebase_starts_a_new_segment_with_its_own_limits_and_runs() -> None:
    date = "2022-04-01"
    series = [*STEADY[:13], *(figure + 20 for figure in STEADY[:13])]

    one = draw(series)
    two = draw(series, rebases=[{"date": date}])

    assert one.starts() == [(1, "2019-q1", 26)]
    assert two.starts() == [(1, "2019-q1", 13), (2, "2022-q2", 13)]
    assert "common_cause" not in one.variation()
    assert set(two.variation()) == {"common_cause"}
    assert two.segments["mean"].tolist() == pytest.approx([np.mean(STEADY[:13]), np.mean(STEADY[:13]) + 20])


def test_a_rebase_within_a_period_counts_from_that_period() -> None:
    """The last day decides, as it does for definitions and areas."""
    assert draw(STEADY, rebases=[{"date": "2020-03-31"}]).starts()[1][1] == "2020-q1"
    assert draw(STEADY, rebases=[{"date": "2020-04-01"}]).starts()[1][1] == "2020-q2"


@pytest.mark.parametrize("date", ["2018-06-01", "2019-01-01", "2019-03-31", "2023-01-01"])
def test_a_rebase_outside_the_series_changes_nothing(date: str) -> None:
    assert draw(STEADY, rebases=[{"date": date}]).starts() == [(1, "2019-q1", 16)]


def test_a_rebase_is_for_its_own_metric_and_organisation() -> None:
    chart = draw(
        {"P1": STEADY, "P2": STEADY},
        rebases=[
            {"date": "2020-01-01", "organisation_code": "P2"},
            {"date": "2021-01-01", "metric_id": "m2"},
        ],
    )

    assert chart.starts("P1") == [(1, "2019-q1", 16)]
    assert chart.starts("P2") == [(1, "2019-q1", 4), (2, "2020-q1", 12)]


def test_two_rebases_in_one_period_start_one_segment() -> None:
    rebases = [{"date": "2020-01-01"}, {"date": "2020-02-01", "organisation_code": "P1"}]

    assert draw(STEADY, rebases=rebases).starts() == [(1, "2019-q1", 4), (2, "2020-q1", 12)]


def test_a_rebase_in_a_quarter_without_a_row_starts_with_the_next() -> None:
    series = [*STEADY[:4], None, *STEADY[:8]]

    chart = draw(series, rebases=[{"date": "2020-01-01"}])

    assert chart.starts() == [(1, "2019-q1", 4), (2, "2020-q2", 8)]


def test_a_segment_without_values_is_not_numbered() -> None:
    series = [*STEADY[:4], MISSING, *STEADY[:8]]

    chart = draw(series, rebases=[{"date": "2020-01-01"}, {"date": "2020-04-01"}])

    assert chart.starts() == [(1, "2019-q1", 4), (2, "2020-q2", 8)]


@pytest.mark.parametrize(("breaks", "segments"), [("true", 2), (None, 1)])
def test_only_a_version_that_breaks_the_series_starts_a_segment(breaks: str | None, segments: int) -> None:
    versions: tuple[Row, Row] = (
        {"version": "1", "valid_to": "2019-12-31"},
        {"version": "2", "valid_from": "2020-01-01", "breaks_series": breaks is not None},
    )

    assert len(draw(STEADY, *versions).starts()) == segments


@pytest.mark.parametrize(
    "metric",
    [{"kind": "status"}, {"frequency": "year"}, {"frequency": "rolling_year"}, {"rolling": True}],
    ids=str,
)
def test_what_is_not_charted_has_no_chart(metric: Row) -> None:
    chart = draw(STEADY, metric, target=90)

    assert set(chart.variation()) == set(chart.assurance()) == {""}
    assert len(chart.segments) == 0


def test_overlapping_periods_are_not_charted() -> None:
    """A year of months each quarter moves by a quarter of its patients only: limits would be too narrow."""
    overlapping = [{**period, "start": str(period["start"]).replace("-04-", "-03-")} for period in PERIODS]

    assert set(draw(STEADY, periods=overlapping).variation()) == {""}


def test_a_yearly_figure_among_quarters_has_no_place_in_the_chart() -> None:
    years = [
        {"period": f"y{year}", "start": f"{year}-01-01", "end": f"{year}-12-31", "frequency": "year"}
        for year in (2017, 2018)
    ]

    chart = draw([1.0, 99.0, *STEADY], periods=[*years, *PERIODS])

    assert chart.variation() == ["", "", *["common_cause"] * 16]
    assert chart.starts() == [(1, "2019-q1", 16)]


def test_months_are_charted_too() -> None:
    months = [
        {
            "period": f"{year}-{month:02d}",
            "start": f"{year}-{month:02d}-01",
            "end": f"{year}-{month:02d}-28",
            "frequency": "month",
        }
        for year in (2024, 2025)
        for month in range(1, 13)
    ]

    chart = draw(STEADY, {"frequency": "month"}, periods=months)

    assert set(chart.variation()) == {"common_cause"}


@pytest.mark.parametrize(
    ("direction", "early", "late", "met", "assured"),
    [
        ("higher_is_better", "concern_low", "improvement_high", 30, "consistently_passing"),
        ("lower_is_better", "improvement_low", "concern_high", 30, "consistently_failing"),
        ("neutral", "neutral_low", "neutral_high", 30, ""),
    ],
)
def test_direction_decides_what_charts_say(
    direction: str, early: str, late: str, met: float, assured: str
) -> None:
    chart = draw(SHIFTED, {"direction": direction}, target=met)

    assert chart.variation()[0] == early
    assert chart.variation()[-1] == late
    assert set(chart.assurance()) == {assured}


def test_the_setting_decides_what_counts_for_two_of_three() -> None:
    """The fifteenth point is beyond two sigma, beside one beyond the limit."""
    series = [8.0, 9, 7, 8, 9, 8, 7, 9, 8, 8, 7, 9, 8, 14, 11.6, 9, 8, 8, 7, 8]
    before = MethodOptions(two_of_three=TwoOfThree.BEFORE_2023)

    assert draw(series).variation()[13:16] == ["improvement_high", "improvement_high", "common_cause"]
    assert draw(series, options=before).variation()[13:16] == ["improvement_high", *["common_cause"] * 2]


def test_a_metric_without_rows_in_the_calendar_gives_empty_tables() -> None:
    chart = draw([MISSING])

    assert chart.variation() == [""]
    assert list(chart.segments)[:8] == [
        "organisation",
        "breakdown",
        "segment",
        "start",
        "mean",
        "lower",
        "upper",
        "points",
    ]


@settings(max_examples=60)
@given(
    series=st.lists(st.tuples(SERIES, SERIES), min_size=1, max_size=4),
    rows_for_gaps=st.booleans(),
    dates=st.lists(
        st.tuples(st.sampled_from(["", "P1", "P3"]), st.integers(0, 27), st.sampled_from(["start", "end"])),
        max_size=3,
    ),
)
def test_charts_agree_with_those_worked_out_one_by_one(
    series: list[tuple[list[Point], list[Point]]], rows_for_gaps: bool, dates: list[tuple[str, int, str]]
) -> None:
    by_code = {
        code: [MISSING if point is None and rows_for_gaps else point for point in [*first, *second][:28]]
        for code, (first, second) in zip(("P1", "P2", "P3", "P4"), series, strict=False)
    }
    rebases = [
        {"organisation_code": code, "date": PERIODS[place][day]} for code, place, day in dict.fromkeys(dates)
    ]

    chart = draw({**by_code, "C1": [1.0]}, rebases=rebases)

    for code, points in by_code.items():
        starts = {place for owner, place, _ in dates if owner in ("", code)}
        assert chart.variation(code) == _slow_variation(points, starts), (code, starts)


def test_a_chart_depends_on_its_own_series_only() -> None:
    series = {"P1": SHIFTED, "P2": [*STEADY[:15], MISSING], "P3": STEADY[:9], "P4": STEADY}

    together = draw(series)

    for code, points in series.items():
        assert together.variation(code) == draw({code: points}).variation(code)


def _slow_variation(points: list[Point], starts: set[int]) -> list[str]:
    """Return the variation of each row of a series whose segments start at these places."""
    known = _known(points)
    if all(point is None for point in known):
        return ["" for point in points if point is not None]
    edges = sorted({0, len(points), *(start for start in starts if start < len(points))})
    words: list[str] = []
    for first, last in pairwise(edges):
        segment = known[first:last]
        limits = slow_limits(segment) if sum(point is not None for point in segment) >= 13 else None
        rules = slow_signals(segment, limits) if limits else ["not_enough_points"] * len(segment)
        words += ["no_data" if point is None else rule for point, rule in zip(segment, rules, strict=True)]
    named = {"none": "common_cause", "no_data": "no_data", "not_enough_points": "not_enough_points"}
    ups = ("above_limit", "trend_up", "two_of_three_high", "run_above")
    named |= dict.fromkeys(ups, "improvement_high")
    return [
        named.get(word, "concern_low") for word, point in zip(words, points, strict=True) if point is not None
    ]


def _known(points: Points) -> list[Point]:
    return [None if point is None or np.isnan(point) else point for point in points]
