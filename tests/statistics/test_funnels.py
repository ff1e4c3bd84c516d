from __future__ import annotations

import math

import numpy as np
import pytest

from generator.model.vocabulary import Kind
from generator.statistics.funnels import ALARM, ALERT, funnel_limits
from generator.statistics.intervals import rate_interval
from tests.factories import Row
from tests.statistics.funnel_stories import (
    AREAS,
    MULTIPLIERS,
    WORDS,
    one_judged,
    outliers_of,
    series_of,
    tell,
)
from tests.statistics.specs import number, read_rules

SOME = {f"P{number:02d}": (70.0, 100.0) for number in range(14)}
"""Practices that are all alike; a test lays its own over them."""


@pytest.mark.parametrize("rule", read_rules("outliers"), ids=lambda rule: rule["rule"])
def test_rules_of_outliers(rule: dict[str, str]) -> None:
    kind, multiplier = Kind(rule["kind"]), MULTIPLIERS[rule["kind"]]
    tau2 = number(rule["tau2"])
    judged = one_judged(
        float(rule["numerator"]), float(rule["denominator"]), float(rule["centre"]) / multiplier, tau2
    )

    limits = {
        name: ends
        for level, name in ((ALERT, "95"), (ALARM, "99.8"))
        for name, ends in zip(
            (f"lower_{name}", f"upper_{name}"),
            funnel_limits(judged.denominator, judged.centre, judged.tau2, kind, level),
            strict=True,
        )
    }

    limits["value"] = judged.numerator / judged.denominator
    assert {name: f"{end[0] * multiplier:.2f}" for name, end in limits.items()}.items() <= rule.items()
    assert outliers_of(judged, kind) == [rule["outlier"]]


def test_an_organisation_far_from_the_others_is_flagged() -> None:
    outliers = tell({**SOME, "P00": (62.0, 100.0), "P01": (90.0, 100.0), "P02": (52.0, 100.0)}).outliers()

    assert {code: word for code, word in outliers.items() if word not in ("none", "")} == {
        "P01": "alarm_high",
        "P02": "alarm_low",
    }
    assert outliers["P00"] == "none"


def test_over_dispersion_widens_the_limits() -> None:
    counts = {f"P{number:02d}": (40.0 + 4 * number, 100.0) for number in range(12)}

    measured = tell(counts).measure().iloc[0]
    outliers = tell(counts).outliers()

    assert measured["limits_used"] == "adjusted"
    assert set(outliers.values()) == {"none", ""}
    assert outliers_of(one_judged(40, 100, measured["centre"], None), Kind.PROPORTION) == ["alarm_low"]


def test_areas_and_what_is_hidden_or_absent_are_not_judged() -> None:
    story = tell({**SOME, "P10": (None, 100.0), "P11": (0.0, 0.0)})
    hidden = story.rows_of("P00")
    absence = story.raw["absence"].mask(hidden, "suppressed")
    shown = story.raw.assign(numerator=story.raw["numerator"].mask(hidden), absence=absence)

    outliers = story.outliers(shown)

    assert {code for code, word in outliers.items() if word == ""} == {"A1", "C1", "P00", "P10", "P11"}


def test_only_open_organisations_of_the_metrics_kind_are_judged() -> None:
    own: dict[str, Row] = {"P00": {"closed_on": "2025-06-30"}, "P01": {"kind": "site"}}
    organisations = [
        {
            "organisation_code": code,
            "name": code,
            "kind": "practice",
            "parent_code": "A1",
            **own.get(code, {}),
        }
        for code in SOME
    ]

    story = tell(SOME, organisations=[*organisations, *AREAS])

    assert {code for code, word in story.outliers().items() if word == ""} == {"A1", "C1", "P00", "P01"}
    assert story.measure()["units"].tolist() == [12]


def test_a_metric_with_too_few_organisations_flags_nobody() -> None:
    few = dict(list(SOME.items())[:9])

    story = tell({**few, "P00": (5.0, 100.0)})

    assert set(story.outliers().values()) == {""}
    assert story.describe()[["phi", "flagged", "flagged_by_chance"]].isna().all(axis=None)
    assert set(story.describe()["limits_used"]) == {""}


def test_a_survey_is_judged_by_its_effective_base() -> None:
    """Weighted answers are worth fewer than were given: 62 of 100 are nothing unusual, 310 of 500 are."""
    rows = [
        {"organisation_code": code, "numerator": 350 - 40 * (code == "P00"), "denominator": 500}
        for code in SOME
    ]
    survey = [{**row, "base": 500, "effective_base": 100} for row in rows]

    assert tell(rows).outliers()["P00"] == "alarm_low"
    assert tell(survey).outliers()["P00"] == "none"


def test_no_events_are_never_high_and_low_only_where_many_are_expected() -> None:
    counts = {f"P{number:02d}": (10.0, 10.0) for number in range(20)}
    story = tell({**counts, "P00": (0.0, 2.0), "P01": (0.0, 8.0)}, {"kind": "ratio", "multiplier": 1})

    outliers = story.outliers()

    assert story.measure()["limits_used"].tolist() == ["exact"]
    assert (outliers["P00"], outliers["P01"]) == ("none", "alarm_low")


def test_metric_periods_count_the_flagged_and_what_chance_would_flag() -> None:
    story = tell({**SOME, "P01": (90.0, 100.0), "P02": (52.0, 100.0), "P03": (61.0, 100.0)})

    described = story.describe().set_index("code")

    country, area = described.loc["C1"], described.loc["A1"]
    assert (country["flagged"], country["limits_used"]) == (2, "exact")
    assert country["flagged_by_chance"] == pytest.approx(0.05 * 14)
    assert country["phi"] == pytest.approx(story.measure()["phi"].iloc[0])
    assert area["limits_used"] == ""
    assert area[["phi", "tau2", "flagged", "flagged_by_chance"]].isna().all()


@pytest.mark.parametrize("kind", ["proportion", "rate", "ratio"])
@pytest.mark.parametrize("spread", [0.0, 0.02, 0.2])
def test_outliers_can_be_recomputed_from_what_is_published(kind: str, spread: float) -> None:
    """In plain Python, from counts, the country's value, and phi, tau2 and limits_used as published."""
    random = np.random.default_rng(7)
    shares = np.clip(0.3 + spread * random.standard_normal(60), 0.01, 0.99)
    sizes = random.integers(5, 400, 60)
    counts = {
        f"P{place:02d}": (float(random.binomial(size, share)), float(size))
        for place, (size, share) in enumerate(zip(sizes, shares, strict=True))
    }
    story = tell(counts, {"kind": kind, "multiplier": MULTIPLIERS[kind], "disclosure": "people"})

    rows = story.judge()
    described = story.describe().query("code == 'C1'")
    published = described.iloc[0]

    country = rows.loc[story.rows_of("C1"), "value"].to_numpy()[0] / MULTIPLIERS[kind]
    tau2 = described["tau2"].to_numpy()[0] if published["limits_used"] == "adjusted" else None
    expected = {
        code: _recomputed(numerator, denominator, country, tau2, kind)
        for code, (numerator, denominator) in counts.items()
    }
    outliers = story.outliers()
    assert {code: outliers[code] for code in counts} == expected
    flagged = [word for word in expected.values() if word != "none"]
    assert published["flagged"] == len(flagged)
    assert published["limits_used"] == ("adjusted" if published["phi"] > 1 else "exact")
    if spread:
        assert flagged


@pytest.mark.parametrize("direction", ["higher_is_better", "lower_is_better", "neutral"])
def test_direction_does_not_matter(direction: str) -> None:
    """A flag says that a result is unusual, not that it is good or bad."""
    counts = {**SOME, "P01": (90.0, 100.0), "P02": (52.0, 100.0)}

    assert tell(counts, {"direction": direction}).outliers() == tell(counts).outliers()


def test_an_absent_row_changes_nothing() -> None:
    counts = {**SOME, "P01": (90.0, 100.0), "P02": (52.0, 100.0)}

    more = tell({**counts, "P99": (None, None)}).outliers()

    assert more.pop("P99") == ""
    assert more == tell(counts).outliers()


def _recomputed(numerator: float, denominator: float, centre: float, tau2: float | None, kind: str) -> str:
    """Return the outlier of one organisation by the rules of the methods page, step by step."""
    side = 0
    for level in (ALERT, ALARM):
        value = numerator / denominator
        if kind == "proportion":
            half = level.z * math.sqrt(centre * (1 - centre) / denominator)
            low, high = value < centre - half, value > centre + half
        else:
            own = rate_interval(
                series_of(numerator), series_of(denominator), confidence=level.confidence
            ).iloc[0]
            low, high = own["upper"] < centre, own["lower"] > centre
        if tau2 is not None and kind == "proportion":
            half = level.z * math.sqrt(1 / (4 * denominator) + tau2)
            distance = math.asin(math.sqrt(value)) - math.asin(math.sqrt(centre))
            low, high = low and distance < -half, high and distance > half
        elif tau2 is not None:
            half = level.z * math.sqrt(1 / (4 * denominator * centre) + tau2)
            distance = math.sqrt(value / centre) - 1
            low, high = low and distance < -half, high and distance > half
        side += int(high) - int(low)
    return WORDS[side]
