"""Small releases drawn by a seed: every kind of metric, two trees, closures, absences, targets by place."""

from __future__ import annotations

from typing import Any

import numpy as np

from generator.model.release import Release
from tests.factories import METRIC_ROW, Row, make_release

PERIODS: list[Row] = [
    *(
        {
            "period": f"{year}-q{quarter}",
            "start": f"{year}-{3 * quarter - 2:02d}-01",
            "end": f"{year}-{end}",
            "frequency": "quarter",
        }
        for year in (2024, 2025)
        for quarter, end in enumerate(("03-31", "06-30", "09-30", "12-31"), start=1)
    ),
    {"period": "y2024", "start": "2024-01-01", "end": "2024-12-31", "frequency": "year"},
    {"period": "y2025", "start": "2025-01-01", "end": "2025-12-31", "frequency": "year"},
    {"period": "r2025-q3", "start": "2024-10-01", "end": "2025-09-30", "frequency": "rolling_year"},
    {"period": "r2025-q4", "start": "2025-01-01", "end": "2025-12-31", "frequency": "rolling_year"},
]
NAMES = {
    "quarter": ["2024-q4", "2025-q1", "2025-q2", "2025-q3", "2025-q4"],
    "year": ["y2024", "y2025"],
    "rolling_year": ["r2025-q3", "r2025-q4"],
}
KINDS = ("proportion", "rate", "ratio", "mean", "standardised", "score", "count", "status")
ABSENCES = ("not_submitted", "too_few", "failed_checks", "zero_denominator", "not_applicable")


class Draw:
    """Choices from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def among(self, *choices: Any) -> Any:
        return choices[int(self.random.integers(len(choices)))]

    def whole(self, low: int, high: int) -> float:
        return float(self.random.integers(low, high + 1))


def random_release(seed: int) -> Release:
    """Return the release of this seed."""
    draw = Draw(seed)
    organisations = _organisations(draw)
    metrics = [
        version
        for number in range(4)
        for version in _metric(draw, f"m{number}", KINDS[(seed + 2 * number) % 8])
    ]
    used = [NAMES["quarter"], NAMES["year"], NAMES["rolling_year"]]
    observations = [
        row
        for metric in {str(metric["metric_id"]): metric for metric in metrics}.values()
        for period in next(names for names in used if _frequency_of(names) == metric["frequency"])
        for breakdown in (("all", "women") if draw.chance(0.3) else ("all",))
        for row in _observations(draw, metric, organisations, breakdown, period)
    ]
    draw.random.shuffle(observations)
    return make_release(
        observations,
        metrics=metrics,
        descriptor={"missing_rows": draw.among("", "not_submitted")},
        organisations=organisations,
        memberships=_memberships(draw),
        periods=PERIODS,
        breakdowns=[{"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": 1}],
        kinds=[{"kind": "network", "singular": "network", "plural": "networks", "is_area": True}],
        services=[{"service_id": "renal", "title": "Kidney care", "description": "Care for kidneys."}],
        provisions=[
            {"organisation_code": "T1", "service_id": "renal", "from": "2025-01-01", "site_code": "S1"},
            {"organisation_code": "T2", "service_id": "renal", "to": "2025-06-30"},
        ],
        targets=_targets(draw, metrics),
    )


def _frequency_of(names: list[str]) -> str:
    return next(frequency for frequency, known in NAMES.items() if known == names)


def _organisations(draw: Draw) -> list[Row]:
    dates = {
        "P2": {"closed_on": draw.among("2025-02-15", "2025-03-31", "2024-06-30")},
        "P5": {"opened_on": draw.among("2025-02-15", "2025-04-01", "2025-10-01")},
    }
    parents = {
        **{f"P{number}": draw.among("N1", "N2", "A1") for number in range(1, 8)},
        **dict(zip(("T1", "T2", "T3", "S1", "S2"), ("C1", "A1", "A2", "T1", "T2"), strict=True)),
        **dict(zip(("N1", "N2", "A1", "A2", "R1"), ("A1", "A2", "R1", "R1", "C1"), strict=True)),
        **dict.fromkeys(("L1", "L2"), "C1"),
        "C1": "",
    }
    if draw.chance(0.25):
        parents |= {"C2": "", "T3": "C2"}
    kinds = {"P": "practice", "T": "provider", "S": "site", "N": "network", "C": "country"}
    return [
        {
            "organisation_code": code,
            "name": code,
            "kind": kinds.get(code[0], "area"),
            "parent_code": parent,
            **dates.get(code, {}),
        }
        for code, parent in parents.items()
    ]


def _memberships(draw: Draw) -> list[Row]:
    moved = draw.among("2025-01-01", "2025-05-15")
    rows: list[Row] = [
        {"organisation_code": f"P{number}", "parent_code": draw.among("L1", "L2"), "tree": "local"}
        for number in range(1, 8)
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


def _metric(draw: Draw, metric_id: str, kind: str) -> list[Row]:
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
        "applies_to": draw.among("practice", "practice", "practice", "provider", "site", "network"),
        "benchmark": draw.among("country", "parent", "target", "none", "peers"),
        "target": draw.among(None, draw.whole(10, 90)),
        "threshold_good": draw.among(None, good),
        "threshold_acceptable": draw.among(None, acceptable),
        "minimum_denominator": draw.among(None, 50),
        "disclosure": draw.among("people", "people", "events", "open"),
        "sensitive": draw.chance(0.3),
        "frequency": draw.among("quarter", "quarter", "quarter", "year", "rolling_year"),
        "rolling": draw.chance(0.1),
    }
    if base["applies_to"] == "provider" and draw.chance(0.5):
        base["service_id"] = "renal"
    if draw.chance(0.3):
        first = {**base, "version": "1", "valid_to": "2025-03-31"}
        return [
            first,
            {**base, "version": "2", "valid_from": "2025-04-01", "threshold_good": draw.whole(20, 90)},
        ]
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


def _observations(
    draw: Draw, metric: Row, organisations: list[Row], breakdown: str, period: str
) -> list[Row]:
    rows: list[Row] = []
    for organisation in organisations:
        own = organisation["kind"] == metric["applies_to"]
        if not draw.chance(0.9 if own else 0.08):
            continue
        row: Row = {
            "metric_id": metric["metric_id"],
            "organisation_code": organisation["organisation_code"],
            "breakdown_id": breakdown,
            "period": period,
            "submission": draw.among("final", "final", "provisional", "revised"),
            "note": draw.among("", "", "", "Checked by hand.", "Was 412 before.", "3 of 12"),
        }
        if draw.chance(0.12):
            rows.append({**row, "absence": draw.among(*ABSENCES)})
        else:
            rows.append({**row, **_figures(draw, str(metric["kind"]))})
    return rows


def _figures(draw: Draw, kind: str) -> Row:
    size = draw.among(draw.whole(0, 30), draw.whole(10, 400), draw.whole(900, 6000))
    if draw.chance(0.05):
        size = 0.0
    row: dict[str, Any] = {"denominator": size}
    if kind == "proportion":
        row["numerator"] = draw.among(0.0, size, draw.whole(0, int(size)), draw.whole(0, int(size)))
        if draw.chance(0.3):
            row["excluded"] = draw.whole(0, 30)
        if draw.chance(0.2):
            row |= {"base": max(draw.whole(5, 200), 1.0), "numerator": row["numerator"] * 0.75}
            row["effective_base"] = draw.among(None, row["base"] * 0.75)
        if draw.chance(0.2) and size:
            row["value"] = row["numerator"] / size * 100
            if draw.chance(0.5):
                row["numerator"] = None
    elif kind == "rate":
        row["numerator"] = draw.whole(0, 40)
    elif kind == "ratio":
        row |= {"numerator": draw.whole(0, 40), "denominator": draw.whole(1, 40) + 0.25}
    elif kind == "count":
        row = {draw.among("numerator", "value"): draw.whole(0, 40)}
    elif kind == "status":
        row = {"value": draw.whole(1, 3)}
    else:
        row["value"] = draw.whole(10, 90) + 0.5
        if kind == "mean":
            row["standard_deviation"] = draw.among(None, draw.whole(0, 12))
            row["base"] = draw.among(None, draw.whole(1, 60))
        else:
            row["numerator"] = draw.among(None, draw.whole(0, 40))
        if draw.chance(0.5):
            row |= {"lower": row["value"] - 3, "upper": row["value"] + 2.5}
    return row
