"""An organisation's own marks: in the right place, told apart by shape, kept on the plate."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.vocabulary import Judgement
from generator.rendering.marks import (
    TrendPoint,
    benchmark_mark,
    sign_path,
    spread_mark,
    trend_mark,
)
from generator.rendering.plates import Plate, PlateName, Scale, Summary, fit_text, pixels, text_width

SIMILAR = Judgement.SIMILAR


def make_spread(*thresholds: float) -> Plate:
    """Return a plate on which a value from 0 to 288 stands 16 pixels further right."""
    return Plate(
        PlateName.SPREAD,
        "m1",
        width=320,
        height=134,
        left=16,
        top=22,
        plot_width=288,
        plot_height=90,
        scale=Scale.VALUES,
        x_domain=(0, 288),
        y_domain=(-50, 100),
        symbol="",
        summary=Summary(100, 0),
        lane=97,
        thresholds=thresholds,
    )


def make_trend(*, breaks: frozenset[str] = frozenset(), country_label_y: float | None = None) -> Plate:
    """Return a plate of five periods, 50 pixels apart, on which a value v from 0 to 100 stands at 110 - v."""
    positions = {f"p{place}": 50.0 * (place + 1) for place in range(5)}
    return Plate(
        PlateName.TREND,
        "m1",
        width=320,
        height=140,
        left=40,
        top=10,
        plot_width=215,
        plot_height=100,
        scale=Scale.PERIODS,
        x_domain=(0, 4),
        y_domain=(0, 100),
        symbol="",
        summary=Summary(5, 0),
        positions=positions,
        breaks=breaks,
        country_label_y=country_label_y,
    )


def points(*values: float, provisional: tuple[int, ...] = ()) -> list[TrendPoint]:
    return [
        TrendPoint(f"p{place}", value, is_provisional=place in provisional)
        for place, value in enumerate(values)
    ]


def test_each_judgement_has_a_shape_of_its_own() -> None:
    """Colour is never the only sign; no judgement and not compared share a shape, as both say nothing."""
    shapes = {judgement: sign_path(judgement, 10, 10) for judgement in Judgement}

    assert len(set(shapes.values())) == 4
    assert shapes[Judgement.NO_JUDGEMENT] == shapes[Judgement.NOT_COMPARED]


def test_the_interval_lies_in_the_lane_with_caps() -> None:
    mark = spread_mark(make_spread(), 100, 80, 120, SIMILAR)

    assert mark.interval == "M96 93v8m0-4H136m0-4v8"
    assert mark.stem.startswith("M116 22V")
    assert mark.sign.arrow == ""
    assert not mark.is_cut


def test_without_an_interval_none_is_drawn() -> None:
    mark = spread_mark(make_spread(), 100, math.nan, math.nan, SIMILAR)

    assert mark.interval == ""
    assert not mark.is_cut


def test_a_value_beyond_the_plate_stands_at_its_edge_with_an_arrow() -> None:
    low = spread_mark(make_spread(), -50, -60, 10, SIMILAR)
    high = spread_mark(make_spread(), 999, 200, 1100, SIMILAR)

    assert low.sign.arrow.startswith("M8 ")
    assert high.sign.arrow.startswith("M312 ")
    assert low.interval == "M16 97H26M21 92l-5 5l5 5M26 93v8", "an arrow head where the interval goes on"
    assert high.interval == "M216 97H304M216 93v8M299 92l5 5l-5 5"
    assert low.is_cut
    assert high.is_cut


def test_the_benchmark_stands_on_its_value_with_its_name() -> None:
    mark = benchmark_mark(make_spread(), 100, "Amberdale")

    assert mark is not None
    assert mark.path == "M115 17h2V112h-2Z"
    assert (mark.label.text, mark.label.x, mark.label.anchor) == ("Amberdale", "116", "middle")


def test_a_benchmarks_name_keeps_off_the_lines_of_thresholds_where_it_can() -> None:
    mark = benchmark_mark(make_spread(120), 100, "Amberdale")

    assert mark is not None
    assert mark.label.anchor == "end"


def test_a_benchmark_beyond_the_plate_is_named_at_its_edge() -> None:
    low, high = (benchmark_mark(make_spread(), value, "Target") for value in (-1, 289))

    assert low is not None
    assert (low.path, low.label.text, low.label.anchor) == ("", "\u2039 Target", "start")
    assert high is not None
    assert (high.path, high.label.text, high.label.anchor) == ("", "Target \u203a", "end")


def test_without_a_benchmark_none_is_drawn() -> None:
    assert benchmark_mark(make_spread(), math.nan, "Amberdale") is None
    assert benchmark_mark(replace(make_spread(), scale=Scale.LEVELS), 2, "Amberdale") is None


@given(
    value=st.floats(-500, 800),
    name=st.text(min_size=1, max_size=80),
    thresholds=st.lists(st.floats(16, 304), max_size=2),
)
def test_no_name_leaves_the_plate(value: float, name: str, thresholds: list[float]) -> None:
    mark = benchmark_mark(make_spread(*thresholds), value, name)

    assert mark is not None
    width = text_width(mark.label.text, is_bold=True)
    start = float(mark.label.x) - {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.label.anchor] * width
    assert start >= -0.2
    assert start + width <= 320.2


def test_a_line_stops_at_gaps() -> None:
    mark = trend_mark(make_trend(), points(10, 20, math.nan, 40, 50), SIMILAR)

    assert mark is not None
    assert mark.line == "M50 100L100 90M200 70L250 60"


def test_a_value_between_gaps_is_a_dot() -> None:
    mark = trend_mark(make_trend(), points(10, math.nan, 30, math.nan, 50), SIMILAR)

    assert mark is not None
    assert mark.line == "M50 100h0M150 80h0M250 60h0"


def test_no_line_leads_across_a_break() -> None:
    mark = trend_mark(make_trend(breaks=frozenset({"p3"})), points(10, 20, 30, 40, 50), SIMILAR)

    assert mark is not None
    assert mark.line == "M50 100L100 90L150 80M200 70L250 60"


def test_provisional_values_are_hollow() -> None:
    mark = trend_mark(make_trend(), points(10, 20, 30, 40, 50, provisional=(3, 4)), SIMILAR)

    assert mark is not None
    assert mark.hollow_dots == "M200 70h0"
    assert mark.sign.is_hollow


def test_points_may_come_in_any_order_and_strangers_are_left_out() -> None:
    ordered = points(10, 20, 30, 40, 50)

    mark = trend_mark(make_trend(), [TrendPoint("1999", 5.0), *reversed(ordered)], SIMILAR)

    assert mark == trend_mark(make_trend(), ordered, SIMILAR)


def test_values_beyond_a_trend_are_arrows_at_its_edge() -> None:
    mark = trend_mark(make_trend(), points(150, -5, 30, 40, 50), SIMILAR)

    assert mark is not None
    assert mark.line.startswith("M50 10L100 110L")
    assert len(re.findall("Z", mark.arrows)) == 2


def test_an_organisation_without_values_has_no_mark() -> None:
    assert trend_mark(make_trend(), points(math.nan, math.nan), SIMILAR) is None


def test_the_label_keeps_clear_of_the_countrys_name() -> None:
    for value in range(101):
        mark = trend_mark(
            make_trend(country_label_y=70), points(1, 2, 3, 4, float(value)), SIMILAR, label="1.0%"
        )

        assert mark is not None
        assert mark.label is not None
        assert abs(float(mark.label.y) - 70) >= 15
        assert 10 <= float(mark.label.y) <= 140


def test_the_label_leaves_the_unit_to_the_axis() -> None:
    plate = replace(make_trend(), unit="per 1,000 patients")

    mark = trend_mark(plate, points(1, 2, 3, 4, 5), SIMILAR, label="4.2 per 1,000 patients")

    assert mark is not None
    assert mark.label is not None
    assert mark.label.text == "4.2"


def test_an_older_value_is_not_labelled_as_the_latest() -> None:
    mark = trend_mark(make_trend(), points(10, 20, 30, math.nan, math.nan), SIMILAR, label="30.0")

    assert mark is not None
    assert mark.label is None
    assert mark.sign.path == sign_path(SIMILAR, 150, 80)


def test_the_last_value_shows_its_interval() -> None:
    last = TrendPoint("p4", 50, 40, 130)

    mark = trend_mark(make_trend(), [*points(10, 20), last], Judgement.BETTER)

    assert mark is not None
    assert mark.whisker == "M250 70V10M246 70h8M245 15l5 -5l5 5", "the upper end goes on beyond the plate"
    assert mark.is_cut
    assert mark.sign.judgement is Judgement.BETTER


def test_a_status_is_marked_before_its_level() -> None:
    plate = replace(make_spread(), scale=Scale.LEVELS, top=4, plot_height=120, y_domain=(3.5, 0.5), lane=9)

    mark = spread_mark(plate, 2, math.nan, math.nan, Judgement.NO_JUDGEMENT)

    assert mark.sign.path == sign_path(Judgement.NO_JUDGEMENT, 9, 64)


@pytest.mark.parametrize(
    ("value", "text"), [(-0.04, "0"), (12.0, "12"), (12.25, "12.2"), (0.06, "0.1"), (-3.5, "-3.5")]
)
def test_lengths_have_one_decimal_at_most(value: float, text: str) -> None:
    assert pixels(value) == text


def test_texts_are_cut_to_their_room_and_cleaned() -> None:
    assert fit_text("Short  name\n", 200) == "Short name"
    assert fit_text("a\x00b\u202ec\ud800", 200) == "abc"
    assert fit_text("A name that is far too long", 80).endswith("…")
    assert text_width(fit_text("A name that is far too long", 80)) <= 80
