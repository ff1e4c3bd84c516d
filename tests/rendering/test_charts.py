"""Plates: what is drawn, where, and that nothing of a data package can be more than text in them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.rendering.axes import bar_edges
from generator.rendering.charts import (
    DatedNote,
    LabelledValue,
    PlatePeriod,
    SeriesBreak,
    draw_spread,
    draw_trend,
)
from generator.rendering.plates import WIDTH, Note, Plate, PlateName, Scale, plate_sheet
from generator.rendering.symbols import PROPERTIES
from tests.factories import make_metric

MOST_MARKS = 300
HOSTILE = "</text><script>alert(1)</script> & \u202eunits\x00"
DRAWN = ("path", "line", "text")


def values_like_england(count: int = 6300) -> npt.NDArray[np.float64]:
    return np.random.default_rng(1).normal(70, 9, count).clip(0, 100)


def quarters(count: int) -> list[PlatePeriod]:
    return [
        PlatePeriod(
            f"p{place}",
            f"Q{place % 4 + 1} {2022 + place // 4}",
            date(2022 + place // 4, place % 4 * 3 + 3, 30),
        )
        for place in range(count)
    ]


def country_rows(count: int, *, missing: Sequence[int] = ()) -> pd.DataFrame:
    """Return METRIC_PERIODS of a country whose value rises by one a quarter; no figures in those missing."""
    value = pd.Series(np.arange(count) + 60.0)
    value[list(missing)] = np.nan
    rows = {"p10": value - 10, "p30": value - 4, "p70": value + 4, "p90": value + 10}
    return pd.DataFrame({"period": [f"p{place}" for place in range(count)], "value": value, **rows})


def spread(**more: Any) -> Plate:
    plate = draw_spread(make_metric("m1"), values_like_england(), benchmarks=[69.6], **more)
    assert plate is not None
    return plate


def trend(count: int = 14, *, missing: Sequence[int] = (), **more: Any) -> Plate:
    rows = country_rows(count, missing=missing)
    plate = draw_trend(make_metric("m1"), quarters(count), rows, country_label="England", **more)
    assert plate is not None
    return plate


def marks_of(plate: Plate, tag: str, look: str = "", value: str = "") -> list[ElementTree.Element]:
    """Return the plate's elements of that tag whose own or group's look has that value."""
    return [
        child
        for group in ElementTree.fromstring(plate.symbol).iter()
        for child in group
        if child.tag == tag and (not look or child.get(look, group.get(look)) == value)
    ]


def bars_of(plate: Plate) -> list[tuple[float, float, float]]:
    """Return left edge, width and height of each bar, in plate pixels."""
    paths = [mark.get("d", "") for mark in marks_of(plate, "path", "fill", "var(--candour-spread)")]
    numbers = [[float(number) for number in re.findall(r"-?[\d.]+", path)] for path in paths]
    return [(plate.left + left, width, height) for left, _, width, height, _ in numbers]


def texts_of(plate: Plate) -> list[str]:
    return [mark.text or "" for mark in marks_of(plate, "text")]


def test_a_bar_is_drawn_for_each_bin_that_holds_an_organisation() -> None:
    plate = spread()

    bars = bars_of(plate)

    filled = [bar for bar in plate.summary.bars if bar.organisations]
    assert len(bars) == len(filled)
    assert 40 <= len(plate.summary.bars) <= 50
    assert sum(bar.organisations for bar in plate.summary.bars) == plate.summary.drawn == 6300


def test_bars_stand_where_the_plate_says_and_are_as_high_as_their_counts() -> None:
    """Altair's scale and the plate's own must be one, or an organisation would stand in the wrong bar."""
    plate = spread()

    bars = bars_of(plate)

    filled = [bar for bar in plate.summary.bars if bar.organisations]
    tallest = max(bar.organisations for bar in filled)
    for (left, width, height), bar in zip(bars, filled, strict=True):
        assert left == pytest.approx(plate.x(bar.lower), abs=0.11)
        assert left + width == pytest.approx(plate.x(bar.upper), abs=0.21)
        assert height == pytest.approx(60 * bar.organisations / tallest, abs=0.11)


def test_the_scale_reaches_to_benchmarks_and_intervals_that_are_near() -> None:
    values = np.linspace(60, 80, 40)
    metric = make_metric("m1")

    plain, near, far = (
        draw_spread(metric, values, benchmarks=[benchmark], limits=np.array(limits))
        for benchmark, limits in ((70, [61, 79]), (88, [57, 83, np.nan]), (20, [2, 99]))
    )

    assert plain is not None
    assert plain.is_inside(60)
    assert not plain.is_inside(57)
    assert near is not None
    assert all(near.is_inside(value) for value in (57, 83, 88))
    assert far is not None
    assert far.is_inside(55), "room for a part of wide intervals"
    assert not far.is_inside(50), "the bars keep most of the plate"


def test_a_trend_stands_where_the_plate_says() -> None:
    plate = trend()

    (line,) = marks_of(plate, "path", "stroke", "var(--candour-line)")

    points = re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", line.get("d", ""))
    assert len(points) == 14
    for (x, y), (period, place), value in zip(points, plate.positions.items(), range(60, 74), strict=True):
        assert plate.left + float(x) == pytest.approx(place, abs=0.11), period
        assert plate.top + float(y) == pytest.approx(plate.y(value), abs=0.11), period


def test_periods_lie_by_time() -> None:
    periods = [PlatePeriod(str(year), str(year), date(year, 3, 31)) for year in (2018, 2019, 2020, 2025)]
    rows = country_rows(4).assign(period=["2018", "2019", "2020", "2025"])

    plate = draw_trend(make_metric("m1"), periods, rows)

    assert plate is not None
    first, second, third, last = plate.positions.values()
    assert third - second == pytest.approx(second - first, abs=0.2)
    assert last - third == pytest.approx(5 * (second - first), abs=1)


def test_rows_come_in_any_order_and_as_categories() -> None:
    rows = country_rows(6)
    shuffled = rows.iloc[[3, 1, 5, 0, 4, 2]].astype({"period": "category"})

    plates = [draw_trend(make_metric("m1"), quarters(6), table) for table in (rows, shuffled)]

    assert plates[0] == plates[1]


def test_a_missing_period_is_a_gap_in_line_and_bands() -> None:
    plate = trend(missing=[5])

    lines = marks_of(plate, "path", "stroke", "var(--candour-line)")
    bands = marks_of(plate, "path", "fill", "var(--candour-band)")

    assert [mark.get("d", "").count("L") for mark in lines] == [4, 7]
    assert len(bands) == 2
    assert (plate.summary.drawn, plate.summary.left_out) == (13, 1)


def test_a_period_on_its_own_is_still_seen() -> None:
    plate = trend(missing=[1, 3])

    strokes = marks_of(plate, "line", "stroke", "var(--candour-band)")

    assert len(strokes) == 2
    assert len(marks_of(plate, "path", "stroke", "var(--candour-line)")) == 3


def test_a_break_parts_the_series_and_says_why() -> None:
    plate = trend(breaks=[SeriesBreak("p6", "new definition"), SeriesBreak("unknown", "not drawn")])

    lines = marks_of(plate, "path", "stroke", "var(--candour-line)")
    (rule,) = marks_of(plate, "line", "stroke", "var(--candour-muted)")

    assert [mark.get("d", "").count("L") for mark in lines] == [5, 7]
    assert plate.breaks == {"p6"}
    place = plate.left + float(re.findall(r"[\d.]+", rule.get("transform", ""))[0])
    assert plate.positions["p5"] < place < plate.positions["p6"]
    assert "new definition" in texts_of(plate)
    assert "not drawn" not in texts_of(plate)


def test_dated_events_are_drawn_within_the_time_shown() -> None:
    notes = [DatedNote(date(2023, 5, 1), "new contract"), DatedNote(date(2019, 1, 1), "long ago")]

    plate = trend(events=notes)

    assert len(marks_of(plate, "line", "stroke", "var(--candour-muted)")) == 1
    assert "1" in texts_of(plate)
    assert "2" not in texts_of(plate)
    assert plate.notes == (Note(1, date(2023, 5, 1), "new contract"),)


def test_events_are_numbered_in_the_order_of_time() -> None:
    """Their labels are too long for a line of their own; the page lists them below the chart, in full."""
    notes = [DatedNote(date(2023, 5, 1), "second"), DatedNote(date(2022, 5, 1), "first")]

    plate = trend(events=notes)

    assert [(note.number, note.label) for note in plate.notes] == [(1, "first"), (2, "second")]
    assert {"1", "2"} <= set(texts_of(plate))
    assert "first" not in texts_of(plate)


def test_missing_values_are_counted_and_never_drawn() -> None:
    values = np.concatenate([values_like_england(100), [np.nan, np.inf, -np.inf]])

    plate = draw_spread(make_metric("m1"), values, benchmarks=[math.nan])

    assert plate is not None
    assert (plate.summary.drawn, plate.summary.left_out) == (100, 3)
    assert "nan" not in plate.symbol.lower()


def test_few_values_make_no_spread() -> None:
    assert draw_spread(make_metric("m1"), np.array([1.0, 2.0, 3.0, 4.0, np.nan])) is None


@pytest.mark.parametrize("count", [0, 1])
def test_less_than_two_periods_make_no_trend(count: int) -> None:
    assert draw_trend(make_metric("m1"), quarters(count), country_rows(count)) is None


def test_a_trend_without_country_figures_needs_to_be_told_its_reach() -> None:
    """Supplied rates have no aggregate, but an organisation's own line can still be shown."""
    empty = country_rows(4, missing=[0, 1, 2, 3])

    assert draw_trend(make_metric("m1"), quarters(4), empty) is None
    plate = draw_trend(make_metric("m1"), quarters(4), empty, reach=(20.0, 40.0))

    assert plate is not None
    assert plate.y_domain == (20.0, 40.0)


def test_values_far_from_all_others_are_counted_at_the_edge() -> None:
    values = np.concatenate([np.linspace(1, 5, 200), [900.0, 950.0]])

    plate = draw_spread(make_metric("m1", kind="rate", unit="per 1,000", multiplier=1000), values)

    assert plate is not None
    assert (plate.summary.drawn, plate.summary.beyond_low, plate.summary.beyond_high) == (200, 0, 2)
    assert plate.x_domain[1] < 50
    assert "2 \u203a" in texts_of(plate)
    assert not plate.is_inside(900.0)
    assert plate.x(900.0) == plate.right


def test_whole_numbers_stand_in_the_middle_of_their_bars() -> None:
    values = np.array([0, 0, 1, 2, 2, 3, 5, 8], dtype=float)

    plate = draw_spread(make_metric("m1", kind="count", unit="cases", decimals=0), values)

    assert plate is not None
    bars = {(bar.lower + bar.upper) / 2: bar.organisations for bar in plate.summary.bars if bar.organisations}
    assert bars == {0: 2, 1: 1, 2: 2, 3: 1, 5: 1, 8: 1}


def test_no_bar_of_a_proportion_passes_100_percent() -> None:
    plate = draw_spread(make_metric("m1"), np.linspace(61.3, 100, 300))

    assert plate is not None
    assert plate.x_domain[1] == pytest.approx(100)


def test_equal_values_are_one_bar() -> None:
    plate = draw_spread(make_metric("m1"), np.full(20, 97.3))

    assert plate is not None
    assert [bar.organisations for bar in plate.summary.bars if bar.organisations] == [20]


@settings(max_examples=60)
@given(
    values=st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=5, max_size=60),
    country=st.none() | st.floats(-1e6, 1e6),
    decimals=st.integers(0, 4),
)
def test_every_value_is_in_a_bar_or_beyond_an_edge(
    values: list[float], country: float | None, decimals: int
) -> None:
    edges = bar_edges(
        make_metric("m1", kind="mean", unit="days", decimals=decimals),
        np.array(values),
        [] if country is None else [country],
    )

    counts = np.histogram(values, edges)[0]
    beyond = sum(value < edges[0] or value > edges[-1] for value in values)
    assert counts.sum() + beyond == len(values)
    assert len(counts) <= 50
    assert all(a < b for a, b in pairwise(edges))


def test_a_status_has_a_bar_for_each_level_best_first() -> None:
    metric = make_metric("m1", kind="status", unit="", decimals=0, levels="Full|Most|Part")

    plate = draw_spread(metric, np.array([1, 1, 1, 2, 3, np.nan]))

    assert plate is not None
    assert plate.scale is Scale.LEVELS
    assert [bar.organisations for bar in plate.summary.bars] == [3, 1, 1]
    assert plate.summary.left_out == 1
    assert plate.y(1) < plate.y(2) < plate.y(3)
    assert [text for text in texts_of(plate) if text.isalpha()] == ["Full", "Most", "Part"]
    assert draw_trend(metric, quarters(4), country_rows(4)) is None


def test_thresholds_are_drawn_where_they_are_near() -> None:
    plate = spread(thresholds=[LabelledValue(80, "good 80%"), LabelledValue(-500, "nowhere")])

    (line,) = marks_of(plate, "line", "stroke", "var(--candour-muted)")

    assert f"translate({plate.x(80) - plate.left:.1f}," in line.get("transform", "")
    assert "good 80%" in texts_of(plate)
    assert "nowhere" not in texts_of(plate)


def test_hostile_words_are_words() -> None:
    """Units, labels and names come from the package; in the plate they are escaped text and nothing else."""
    metric = make_metric("m1", kind="ratio", unit=HOSTILE)

    first = draw_spread(
        metric,
        values_like_england(),
        thresholds=[LabelledValue(80.0, HOSTILE)],
    )
    second = draw_trend(
        metric, quarters(6), country_rows(6), country_label=HOSTILE, breaks=[SeriesBreak("p3", HOSTILE)]
    )

    for plate in (first, second):
        assert plate is not None
        root = ElementTree.fromstring(plate.symbol)
        assert {element.tag for element in root.iter()} <= {"symbol", "g", *DRAWN}
        assert "<script" not in plate.symbol
        assert any("</text><script>" in text for text in texts_of(plate))
        assert not set("\u202e\x00") & set(plate.symbol)
        plate_sheet("care", [plate]).content.decode("utf-8")


@pytest.mark.parametrize(
    "draw", [lambda: spread(thresholds=[LabelledValue(80, "good")]), lambda: trend(missing=[1, 3, 7])]
)
def test_plates_take_every_colour_from_the_page(draw: Callable[[], Plate]) -> None:
    plate = draw()
    root = ElementTree.fromstring(plate.symbol)

    colours = {element.get(name) for element in root.iter() for name in ("fill", "stroke")} - {None, "none"}
    attributes = {name for element in root.iter() for name in element.attrib}

    assert colours <= set(PROPERTIES.values())
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", plate.symbol)
    assert not attributes & {"style", "class", "href", "clip-path", "filter", "onload"}
    assert [element.get("id") for element in root.iter() if element.get("id")] == [plate.symbol_id]


@pytest.mark.parametrize("draw", [spread, trend])
def test_plates_stay_light(draw: Callable[[], Plate]) -> None:
    plate = draw()
    root = ElementTree.fromstring(plate.symbol)

    assert sum(element.tag in DRAWN for element in root.iter()) <= MOST_MARKS
    assert len(plate.symbol) < 6000


@pytest.mark.parametrize("draw", [spread, trend])
def test_texts_are_large_enough_on_a_phone(draw: Callable[[], Plate]) -> None:
    """At 288 screen pixels a text must be 11 pixels high at least."""
    plate = draw()
    texts = marks_of(plate, "text")

    assert texts
    sizes = {float(size) for size in re.findall(r'font-size="([\d.]+)"', plate.symbol)}
    assert min(sizes) * 288 / WIDTH >= 11


@pytest.mark.parametrize(
    ("good", "acceptable", "rows"), [(77.0, 74.0, 1), (80.0, 60.0, 2), (42.0, 46.0, 2), (97.0, 98.0, 2)]
)
def test_words_of_thresholds_stand_beside_their_own_lines(good: float, acceptable: float, rows: int) -> None:
    lines = {"good from 80%": good, "acceptable from 65%": acceptable}

    plate = spread(thresholds=[LabelledValue(value, label) for label, value in lines.items()])

    heights = set()
    for label, value in lines.items():
        (text,) = [mark for mark in marks_of(plate, "text") if mark.text == label]
        is_right = label not in {mark.text for mark in marks_of(plate, "text", "text-anchor", "end")}
        x, y = (float(number) for number in re.findall(r"-?[\d.]+", text.get("transform", ""))[:2])
        heights.add(y)
        width = 13 * 0.6 * len(label)
        assert abs(plate.left + x - plate.x(value)) <= 4.2, "beside its line"
        assert 0 <= plate.left + x - (0 if is_right else width) <= WIDTH - (width if is_right else 0)
    assert len(heights) == rows
    assert plate.thresholds == (plate.x(good), plate.x(acceptable))


def test_years_are_named_where_a_year_has_several_periods() -> None:
    for count in (6, 14, 40):
        plate = trend(count)

        words = [mark for mark in marks_of(plate, "text") if re.fullmatch(r"20\d\d", mark.text or "")]
        places = [float(re.findall(r"-?[\d.]+", mark.get("transform", ""))[0]) for mark in words]

        assert 2 <= len(words) <= 8
        assert min(b - a for a, b in pairwise(sorted(places))) >= 34
        assert str(2022 + (count - 1) // 4) in [mark.text for mark in words], "the last is always named"


def test_what_happened_within_a_period_lies_on_its_side_of_the_middle() -> None:
    periods = [
        PlatePeriod(f"p{n}", f"Q{n + 1}", date(2025, 3 * n + 3, 30), date(2025, 3 * n + 1, 1))
        for n in range(4)
    ]

    plate = draw_trend(make_metric("m1"), periods, country_rows(4), events=[DatedNote(date(2025, 7, 8), "x")])

    assert plate is not None
    (rule,) = marks_of(plate, "line", "stroke", "var(--candour-muted)")
    place = plate.left + float(re.findall(r"[\d.]+", rule.get("transform", ""))[0])
    assert plate.positions["p2"] > place > (plate.positions["p1"] + plate.positions["p2"]) / 2


def test_long_period_names_give_way_to_months() -> None:
    periods = [
        PlatePeriod(f"p{n}", f"April {2000 + n} to March {2001 + n}", date(2001 + n, 3, 31)) for n in range(5)
    ]

    plate = draw_trend(make_metric("m1"), periods, country_rows(5))

    assert plate is not None
    assert "03/2005" in texts_of(plate)


def test_the_same_data_give_the_same_bytes() -> None:
    first = plate_sheet("care", [spread(), trend()])
    second = plate_sheet("care", [spread(), trend()])

    assert first == second
    assert re.fullmatch(r"assets/plates/care\.[0-9a-f]{10}\.svg", first.path)


def test_a_sheet_holds_every_plate_under_its_own_name() -> None:
    sheet = plate_sheet("care", [spread(), trend()])

    root = ElementTree.fromstring(sheet.content)

    assert [child.get("id") for child in root] == ["spread-m1", "trend-m1"]
    assert [PlateName.SPREAD, PlateName.TREND] == ["spread", "trend"]
