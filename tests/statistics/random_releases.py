"""Small releases drawn by a seed: every kind of metric, two trees, closures, absences, targets by place.

Some are many organisations in few periods, some long series of few, some annual, some come after earlier
releases that they revise, so that every method has something to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from generator.model.methods import MethodOptions, TwoOfThree
from generator.model.policy import DisclosurePolicy, Rule
from generator.model.release import Release
from tests.factories import METRIC_ROW, Row, make_release
from tests.statistics.random_figures import COUNTED, Draw, draw_observations
from tests.statistics.random_periods import NAMES, PERIODS

KINDS = ("proportion", "rate", "ratio", "mean", "standardised", "score", "count", "status")


@dataclass(frozen=True)
class Shape:
    """How large the releases of a story are."""

    practices: int = 7
    quarters: int = 5
    years: int = 2
    metrics: int = 4
    steady: float = 0.0
    """Share of the metrics whose figures have a level, as real ones do; the others are wild."""
    frequencies: tuple[str, ...] = ("quarter", "quarter", "quarter", "year", "rolling_year")
    kinds: tuple[str, ...] = KINDS
    applies_to: tuple[str, ...] = (*("practice",) * 5, "provider", "site", "network", "area")
    networks: int = 2
    releases: int = 1


@dataclass(frozen=True)
class Story:
    """Releases, the oldest first, and the settings they are computed with."""

    releases: tuple[Release, ...]
    policy: DisclosurePolicy
    options: MethodOptions


SMALL = Shape()
LONG = Shape(practices=5, quarters=16, steady=0.8, frequencies=("quarter", "quarter", "month"))
CROWDED = Shape(
    practices=18,
    quarters=3,
    steady=0.8,
    kinds=(*COUNTED, "mean", *COUNTED, "count"),
    applies_to=(*("practice",) * 7, "provider", "network"),
    networks=12,
)
ANNUAL = Shape(quarters=2, years=7, steady=0.8, frequencies=("year", "year", "rolling_year"))
SHAPES = (SMALL, LONG, CROWDED, ANNUAL)


def random_release(seed: int) -> Release:
    """Return the small release of this seed."""
    return _releases(Draw(seed), seed, SMALL)[-1]


def random_story(seed: int) -> Story:
    """Return the story of this seed: of every four one of each shape, every third in three releases."""
    draw, shape, turn = Draw(seed), SHAPES[seed % 4], seed // 4 % 3
    practices = (18, 56, 34)[turn] if shape is CROWDED else shape.practices
    shape = Shape(**{**vars(shape), "practices": practices, "releases": 1 + turn})
    policy = draw.among(
        DisclosurePolicy(),
        DisclosurePolicy(),
        DisclosurePolicy(hide_up_to=9, round_to=10, minimum_base=20, events_open_from=500),
        DisclosurePolicy(people=Rule.HIDE, events=Rule.OPEN, dominance=0.7),
        DisclosurePolicy(people=Rule.ROUND_ALL, events=Rule.ROUND_ALL),
    )
    options = MethodOptions(
        two_of_three=draw.among(*TwoOfThree) if shape.quarters > 12 else TwoOfThree.MDC_2023,
        peers=draw.among(3, 10),
    )
    return Story(_releases(draw, seed, shape), policy, options)


def _releases(draw: Draw, seed: int, shape: Shape) -> tuple[Release, ...]:
    organisations = _organisations(draw, shape)
    metrics = [
        version
        for number in range(shape.metrics)
        for version in _metric(draw, f"m{number}", shape.kinds[(seed + 3 * number) % len(shape.kinds)], shape)
    ]
    names = {
        "month": NAMES["month"][-shape.quarters :],
        "quarter": NAMES["quarter"][-shape.quarters :],
        "year": NAMES["survey" if draw.chance(0.2) else "year"][-shape.years :],
        "rolling_year": NAMES["rolling_year"][-2 * max(shape.years - 1, 1) :],
    }
    # A calendar may lack a period: its neighbours are then no neighbours.
    absent = (
        names["quarter"][-2 if draw.chance(0.3) else 4] if shape.quarters > 5 and draw.chance(0.2) else ""
    )
    observations = []
    for metric in {str(metric["metric_id"]): metric for metric in metrics}.values():
        periods = [period for period in names[metric["frequency"]] if period != absent]
        if len(periods) > 5 and draw.chance(0.15):
            # Nobody has figures of one period: a gap in every series.
            periods = [period for period in periods if period != periods[3]]
        if metric["frequency"] in ("month", "quarter") and draw.chance(0.05):
            periods = [*periods, *NAMES["year"][-2:]]
        steady = draw.chance(shape.steady)
        observations += draw_observations(draw, metric, organisations, periods, steady=steady)
    tables: dict[str, Iterable[Row]] = {
        "organisations": organisations,
        "memberships": _memberships(draw),
        "periods": [row for row in PERIODS if row["period"] != absent],
        "breakdowns": [
            {"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": 1},
            {"breakdown_id": "men", "dimension": "sex", "title": "Men", "position": 2},
        ],
        "kinds": [{"kind": "network", "singular": "network", "plural": "networks", "is_area": True}],
        "services": [{"service_id": "renal", "title": "Kidney care", "description": "Care for kidneys."}],
        "provisions": [
            {"organisation_code": "T1", "service_id": "renal", "from": "2025-01-01", "site_code": "S1"},
            {"organisation_code": "T2", "service_id": "renal", "to": "2025-06-30"},
        ],
        "rebases": _rebases(draw, metrics),
        **_characteristics(draw, organisations),
        "peers": _peers(draw, organisations),
    }
    targets = _targets(draw, metrics)
    missing_rows = draw.among("", "not_submitted")
    releases: list[Release] = []
    for _ in range(shape.releases):
        draw.random.shuffle(observations)
        releases.insert(
            0,
            make_release(
                observations,
                metrics=metrics,
                descriptor={"missing_rows": missing_rows},
                targets=targets,
                **tables,
            ),
        )
        observations = _before(draw, observations)
        metrics = [_before_decision(draw, metric) for metric in metrics]
        targets = [row for row in targets if draw.chance(0.8)]
    return tuple(releases)


def _organisations(draw: Draw, shape: Shape) -> list[Row]:
    dates = {
        "P2": {"closed_on": draw.among("2025-02-15", "2025-03-31", "2024-06-30")},
        "P5": {"opened_on": draw.among("2025-02-15", "2025-04-01", "2025-10-01")},
    }
    statuses = {"P2": {"status": "closed"}}
    parents = {
        **{f"P{number}": draw.among("N1", "N2", "A1") for number in range(1, shape.practices + 1)},
        **dict(zip(("T1", "T2", "T3", "S1", "S2"), ("C1", "A1", "A2", "T1", "T2"), strict=True)),
        **dict(zip(("N1", "N2", "A1", "A2", "R1"), ("A1", "A2", "R1", "R1", "C1"), strict=True)),
        **{f"N{number}": draw.among("A1", "A2") for number in range(3, shape.networks + 1)},
        **dict.fromkeys(("L1", "L2"), "C1"),
        "C1": "",
    }
    if draw.chance(0.25):
        parents |= {"C2": "", "T3": "C2"}
        if shape.practices > 7:
            # The other country has its own funnel, ranks and fifths.
            parents |= {f"P{number}": "C2" for number in range(8, 8 + shape.practices // 3)}
    kinds = {"P": "practice", "T": "provider", "S": "site", "N": "network", "C": "country"}
    return [
        {
            "organisation_code": code,
            "name": code,
            "kind": kinds.get(code[0], "area"),
            "parent_code": parent,
            **dates.get(code, {}),
            **statuses.get(code, {}),
        }
        for code, parent in parents.items()
    ]


def _memberships(draw: Draw) -> list[Row]:
    moved = draw.among("2025-01-01", "2025-05-15")
    rows: list[Row] = [
        {"organisation_code": f"P{number}", "parent_code": draw.among("L1", "L2"), "tree": "local"}
        for number in range(1, 4)
        if draw.chance(0.8)
    ]
    rows += [
        {"organisation_code": "P1", "parent_code": "N1", "to": _day_before(moved)},
        {"organisation_code": "P1", "parent_code": "N2", "from": moved},
    ]
    if draw.chance(0.5):
        # Flat: a practice is listed under every level itself.
        rows += [{"organisation_code": "P3", "parent_code": parent} for parent in ("N1", "A1", "R1")]
    return rows


def _day_before(day: str) -> str:
    return str(np.datetime64(day) - np.timedelta64(1, "D"))


def _metric(draw: Draw, metric_id: str, kind: str, shape: Shape) -> list[Row]:
    good, acceptable = sorted((draw.whole(20, 90), draw.whole(20, 90)), reverse=True)
    direction = draw.among("higher_is_better", "lower_is_better", "neutral")
    if direction == "lower_is_better":
        good, acceptable = acceptable, good
    base = {
        **METRIC_ROW,
        "metric_id": metric_id,
        "kind": kind,
        "multiplier": {"proportion": 100, "rate": 1000}.get(kind, 1),
        "direction": direction,
        "applies_to": draw.among(*shape.applies_to),
        "benchmark": draw.among("country", "parent", "target", "none", "peers"),
        "target": draw.among(None, draw.whole(10, 90)),
        "threshold_good": draw.among(None, good),
        "threshold_acceptable": draw.among(None, acceptable),
        "minimum_denominator": draw.among(None, 50),
        "disclosure": draw.among("people", "people", "events", "open"),
        "sensitive": draw.chance(0.3),
        "frequency": draw.among(*shape.frequencies),
        "rolling": draw.chance(0.1),
    }
    if base["applies_to"] == "provider" and draw.chance(0.5):
        base["service_id"] = "renal"
    if draw.chance(0.3):
        begins = draw.among("2025-04-01", "2025-04-01", "2023-05-17")
        first = {**base, "version": "1", "valid_to": _day_before(begins)}
        second = {**base, "version": "2", "valid_from": begins, "threshold_good": draw.whole(20, 90)}
        return [first, {**second, "breaks_series": draw.among(None, True)}]
    return [base]


def _targets(draw: Draw, metrics: list[Row]) -> list[Row]:
    return [
        {
            "metric_id": draw.among(*metrics)["metric_id"],
            "organisation_code": code,
            "from": draw.among(None, "2025-04-01"),
            "target": draw.among(None, draw.whole(10, 90)),
            "threshold_good": draw.among(None, draw.whole(10, 90)),
            "threshold_acceptable": draw.among(None, draw.whole(10, 90)),
            "set_by": "the board",
        }
        for code in ("", "R1", "A1", "L1", "P1", "C1")
        if draw.chance(0.5)
    ]


def _rebases(draw: Draw, metrics: list[Row]) -> list[Row]:
    return [
        {
            "metric_id": draw.among(*metrics)["metric_id"],
            "organisation_code": code,
            "date": draw.among("2022-07-01", "2022-08-20", "2025-03-31", "2025-07-01"),
            "reason": "A new computer system.",
        }
        for code in ("", "P1", "P3", "A1", "C1")
        if draw.chance(0.2)
    ]


def _characteristics(draw: Draw, organisations: list[Row]) -> dict[str, list[Row]]:
    """Return what practices are like: often with gaps, sometimes known for two years, always with ties."""
    characteristics: list[Row] = [
        {"characteristic_id": "need", "use_for_peers": draw.chance(0.5), "role": "deprivation"},
        {"characteristic_id": "old", "use_for_peers": draw.chance(0.7)},
        {"characteristic_id": "size", "use_for_peers": draw.chance(0.3)},
    ]
    context: list[Row] = [
        {
            "organisation_code": row["organisation_code"],
            "characteristic_id": characteristic["characteristic_id"],
            "period": period,
            "value": draw.whole(1, 12),
        }
        for row in organisations
        for characteristic in characteristics
        for period in ("y2023", "y2024")
        if row["kind"] == "practice" and draw.chance(0.7)
    ]
    return {
        "characteristics": [{"title": "What it is like", "unit": "%", **row} for row in characteristics],
        "context": context,
    }


def _peers(draw: Draw, organisations: list[Row]) -> list[Row]:
    kind = draw.among("provider", "site", "practice", "")
    codes = [str(row["organisation_code"]) for row in organisations if row["kind"] == kind]
    return [
        {"organisation_code": code, "peer_code": peer}
        for code in codes
        for peer in codes
        if code != peer and draw.chance(0.4)
    ]


# Earlier releases


def _before(draw: Draw, observations: list[Row]) -> list[Row]:
    """Return what the release before had: not yet the last period, and some figures not yet revised."""
    last: dict[str, str] = {}
    for row in observations:
        last[row["metric_id"]] = max(str(row["period"]), last.get(row["metric_id"], ""))
    before: list[Row] = []
    for row in observations:
        if row["period"] == last[row["metric_id"]] or draw.chance(0.02):
            continue
        then = dict(row)
        count = row.get("numerator")
        if count is not None and draw.chance(0.1):
            most = row.get("denominator") or count + 20
            then["numerator"] = min(max(count + draw.among(-15.0, -3.0, -1.0, 1.0, 4.0, 20.0), 0.0), most)
            then.pop("value", None)
        before.append(then)
    return before


def _before_decision(draw: Draw, metric: Row) -> Row:
    """Return a metric as it was defined before: sometimes with another threshold, target or direction."""
    then = dict(metric)
    if draw.chance(0.3):
        then["threshold_good"] = draw.among(None, draw.whole(20, 90))
    if draw.chance(0.2):
        then["target"] = draw.whole(10, 90)
    if draw.chance(0.1):
        then["direction"] = draw.among("higher_is_better", "lower_is_better")
    if draw.chance(0.05):
        then["version"] = "0"
    return then
