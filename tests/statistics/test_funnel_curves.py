"""The curves of funnels: where they run, which funnels have them, and that only what is shown counts."""

from __future__ import annotations

import numpy as np
import pytest

from generator.model.vocabulary import Kind
from generator.statistics.funnels import ALARM, ALERT, CURVE_POINTS, funnel_limits
from tests.factories import Row
from tests.statistics.funnel_stories import tell

SIZED = {f"P{place:02d}": (0.7 * size, float(size)) for place, size in enumerate(range(100, 1500, 100))}
"""Practices of every size with the same result."""


def test_curves_run_from_the_smallest_to_the_largest_organisation() -> None:
    curves = tell(SIZED).draw()

    assert len(curves) == CURVE_POINTS
    assert curves["denominator"].iloc[[0, -1]].tolist() == [100, 1400]
    shares = curves["denominator"].to_numpy()[1:] / curves["denominator"].to_numpy()[:-1]
    assert shares == pytest.approx(np.full(CURVE_POINTS - 1, shares[0]))
    assert curves["centre"].tolist() == pytest.approx([70.0] * CURVE_POINTS)


@pytest.mark.parametrize(("kind", "multiplier"), [("proportion", 100), ("rate", 1000), ("ratio", 1)])
@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_curves_are_the_limits_that_flag(kind: str, multiplier: float, spread: float) -> None:
    """In the metric's unit, and widened where the organisations differ by more than chance explains."""
    counts = {
        code: (size * (0.5 + spread * (place % 2)), size)
        for place, (code, (_, size)) in enumerate(SIZED.items())
    }
    story = tell(counts, {"kind": kind, "multiplier": multiplier})

    curves, measured = story.draw(), story.measure().iloc[0]

    assert measured["limits_used"] == ("adjusted" if spread else "exact")
    tau2 = np.full(len(curves), measured["tau2"] if spread else np.nan)
    centre = np.full(len(curves), measured["centre"])
    for level, name in ((ALERT, "95"), (ALARM, "99_8")):
        limits = funnel_limits(curves["denominator"].to_numpy(), centre, tau2, Kind(kind), level)
        for side, limit in zip(("lower", "upper"), limits, strict=True):
            assert curves[f"{side}_{name}"].to_numpy() == pytest.approx(limit * multiplier)


def test_only_the_latest_period_has_curves() -> None:
    rows: list[Row] = [
        {"organisation_code": code, "period": period, "numerator": numerator, "denominator": size}
        for period in ("2025-q3", "2025-q4")
        for code, (numerator, size) in SIZED.items()
    ]
    story = tell(rows)

    curves = story.draw()

    assert len(story.measure()) == 2
    assert {story.numbering.calendar.names[period] for period in curves["period"]} == {"2025-q4"}


def test_what_is_hidden_does_not_bear_on_the_curves() -> None:
    story = tell({**SIZED, "P20": (1.0, 2.0)})
    hidden = story.rows_of("P20")
    shown = story.raw.assign(
        numerator=story.raw["numerator"].mask(hidden),
        denominator=story.raw["denominator"].mask(hidden),
        absence=story.raw["absence"].mask(hidden, "suppressed"),
    )

    assert story.draw(shown)["denominator"].min() == 100


def test_organisations_of_one_size_have_one_point() -> None:
    alike = {f"P{place:02d}": (270.0, 400.0) for place in range(12)}

    assert tell(alike).draw()["denominator"].tolist() == pytest.approx([400])


def test_there_are_no_curves_without_a_funnel() -> None:
    few = dict(list(SIZED.items())[:9])

    assert tell(few).draw().empty
    assert tell(SIZED, {"kind": "mean"}).draw().empty
