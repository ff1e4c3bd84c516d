"""Funnels: as many marks as a plate may have, each where its organisation lies, flags by their form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from generator.model.vocabulary import Outlier
from generator.rendering.charts import FunnelPoint, draw_funnel
from generator.rendering.plates import Plate
from tests.factories import make_metric

MOST_MARKS = 300
DRAWN = ("path", "line", "text")
HOSTILE = "</text><script>alert(1)</script> & \u202eunits\x00"


def curves(smallest: float = 100, largest: float = 1600) -> pd.DataFrame:
    size = np.geomspace(smallest, largest, 40)
    half = 100 / np.sqrt(size)
    return pd.DataFrame(
        {
            "denominator": size,
            "lower_99_8": 70 - 3.09 * half,
            "lower_95": 70 - 1.96 * half,
            "centre": np.full(40, 70.0),
            "upper_95": 70 + 1.96 * half,
            "upper_99_8": 70 + 3.09 * half,
        }
    )


def funnel(points: Sequence[FunnelPoint], limits: pd.DataFrame | None = None, name: str = "England") -> Plate:
    plate = draw_funnel(
        make_metric("m1"),
        points,
        curves() if limits is None else limits,
        country_label=name,
        size_label="How many were counted",
    )
    assert plate is not None
    return plate


def like_england(flagged: int) -> list[FunnelPoint]:
    random = np.random.default_rng(1)
    sizes, values = random.lognormal(7, 0.6, 6300), random.normal(70, 4, 6300)
    outliers = [Outlier.ALARM_HIGH if place % 3 == 0 else Outlier.ALERT_LOW for place in range(flagged)]
    outliers += [Outlier.NONE] * (6300 - flagged)
    return [FunnelPoint(*point) for point in zip(sizes.tolist(), values.tolist(), outliers, strict=True)]


def few() -> list[FunnelPoint]:
    return [
        FunnelPoint(100, 60, Outlier.NONE),
        FunnelPoint(400, 70, Outlier.NONE),
        FunnelPoint(900, 75, Outlier.ALERT_HIGH),
        FunnelPoint(1600, 62, Outlier.ALARM_LOW),
        FunnelPoint(900, 70, Outlier.NONE),
    ]


def signs(plate: Plate, look: str, value: str) -> list[tuple[float, float]]:
    """Return where the signs with that look stand, from the plot's corner."""
    return [
        (float(place[1]), float(place[2]))
        for group in ElementTree.fromstring(plate.symbol).iter()
        for mark in group
        if mark.tag == "path" and mark.get(look, group.get(look)) == value
        if (place := re.match(r"translate\(([\d.]+),([\d.]+)\)", mark.get("transform", "")))
    ]


@pytest.mark.parametrize("flagged", [0, 60, 600])
def test_no_more_marks_than_a_plate_may_have(flagged: int) -> None:
    plate = funnel(like_england(flagged))

    marks = [mark for mark in ElementTree.fromstring(plate.symbol).iter() if mark.tag in DRAWN]

    assert len(marks) <= MOST_MARKS
    assert plate.summary.drawn == 6300
    assert plate.summary.is_grouped
    assert len(plate.symbol) < 40_000


def test_each_of_few_organisations_stands_where_its_size_and_value_are() -> None:
    """By the square root of its size: that of 400 is half way between those of 100 and 900."""
    plate = funnel(few())
    low, high = plate.y_domain

    places = signs(plate, "fill", "var(--candour-spread)")

    assert not plate.summary.is_grouped
    (first, _), (second, middle), (third, same) = places
    assert second - first == pytest.approx(third - second, abs=0.2)
    assert middle == same == pytest.approx((high - 70) / (high - low) * plate.plot_height, abs=0.1)


def test_alerts_are_hollow_and_alarms_filled() -> None:
    plate = funnel(few())

    assert len(signs(plate, "fill", "var(--candour-ground)")) == 1
    assert len(signs(plate, "fill", "currentColor")) == 1


def test_flagged_organisations_are_drawn_one_by_one_while_they_are_few() -> None:
    plate = funnel(like_england(60))

    assert len(signs(plate, "fill", "currentColor")) == 20
    assert len(signs(plate, "fill", "var(--candour-ground)")) == 40


def test_those_far_from_all_others_stand_on_the_edge() -> None:
    points = [*like_england(0), FunnelPoint(2000, 700, Outlier.ALARM_HIGH)]

    plate = funnel(points)

    assert plate.summary.beyond_high == 1
    assert signs(plate, "fill", "currentColor")[0][1] == 0


def test_names_come_out_as_text() -> None:
    plate = funnel(few(), name=HOSTILE)

    assert {mark.tag for mark in ElementTree.fromstring(plate.symbol).iter()} <= {"symbol", "g", *DRAWN}
    assert "alert(1)" in "".join(ElementTree.fromstring(plate.symbol).itertext()) or "…" in plate.symbol


def test_there_is_no_funnel_without_curves_or_for_a_handful() -> None:
    assert draw_funnel(make_metric("m1"), few(), curves().iloc[:0]) is None
    assert draw_funnel(make_metric("m1"), few()[:4], curves()) is None
