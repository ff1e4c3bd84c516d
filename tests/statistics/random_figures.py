"""Figures drawn by chance: steady ones that have a level, as real ones do, and wild ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.factories import Row

COUNTED = ("proportion", "rate", "ratio")
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

    def part(self, whole: float, share: float) -> float:
        """Return how many of so many, by chance."""
        return float(self.random.binomial(int(whole), min(max(share, 0.0), 1.0)))


def draw_observations(
    draw: Draw, metric: Row, organisations: list[Row], periods: list[str], *, steady: bool
) -> list[Row]:
    """Return the rows of a metric: of everyone together, sometimes of women and men, which may add up."""
    rows: list[Row] = []
    parted = draw.chance(0.35) and metric["kind"] in COUNTED and len(organisations) * len(periods) < 120
    breakdowns = ("women", "men") if parted else draw.among(("all",), ("all",), ("all", "women"))
    dispersion = draw.among(0.0, 0.03, 0.1)
    level = draw.among(0.3, 0.5, 0.7, 0.9)
    for organisation in organisations:
        own = organisation["kind"] == metric["applies_to"]
        if not own and not draw.chance(0.12):
            continue
        for breakdown in breakdowns:
            drift = draw.among(0.0, 0.0, 0.01, -0.02)
            course = _Course(
                level + float(draw.random.normal(0, dispersion)), drift, draw.whole(40, 900), len(periods)
            )
            constant = draw.chance(0.1)
            for place, period in enumerate(periods):
                if not draw.chance(0.93 if own else 0.5):
                    continue
                row: Row = {
                    "metric_id": metric["metric_id"],
                    "organisation_code": organisation["organisation_code"],
                    "breakdown_id": breakdown,
                    "period": period,
                    "submission": draw.among("final", "final", "provisional", "revised"),
                    "basis": ("national", "self_declared", "verified")[place % 3],
                    "note": draw.among("", "", "", "Checked by hand.", "Was 412 before.", "3 of 12"),
                }
                if draw.chance(0.04 if steady else 0.12):
                    rows.append({**row, "absence": draw.among(*ABSENCES)})
                elif steady:
                    figures = course.figures(draw, metric, 0 if constant else place)
                    rows.append({**row, **figures})
                else:
                    rows.append({**row, **_wild_figures(draw, str(metric["kind"]))})
    if parted:
        rows += _sums(draw, rows)
    return rows


@dataclass(frozen=True)
class _Course:
    """How one organisation does over time: a level that drifts, and a jump in the middle."""

    level: float
    drift: float
    size: float
    length: int

    def figures(self, draw: Draw, metric: Row, place: int) -> Row:
        kind, scale = str(metric["kind"]), float(metric["multiplier"])
        share = self.level + self.drift * place + (0.08 if place > self.length / 2 and self.drift else 0)
        if draw.chance(0.03):
            share -= 0.25
        share = min(max(share, 0.0), 1.0)
        if kind == "proportion":
            row: dict[str, Any] = {"denominator": self.size, "numerator": draw.part(self.size, share)}
            if draw.chance(0.1):
                row["excluded"] = draw.whole(0, 30)
            if draw.chance(0.05):
                row |= {"base": max(round(self.size / 2), 1), "effective_base": self.size / 2.5}
            return row
        if kind == "rate":
            return {"denominator": self.size * 20, "numerator": draw.part(self.size, share)}
        if kind == "ratio":
            return {
                "denominator": self.size * 0.06 + 0.25,
                "numerator": draw.part(self.size * 0.2, share / 2),
            }
        if kind == "count":
            return {"numerator": draw.part(self.size, share)}
        if kind == "status":
            return {"value": draw.whole(1, 3)}
        value = round(share * 100 * scale, 1) + draw.among(0.0, 0.5, 1.0)
        row = {"value": value}
        if draw.chance(0.95):
            row |= {"lower": value - 2.5, "upper": value + 3}
        return row


def _sums(draw: Draw, rows: list[Row]) -> list[Row]:
    """Return the rows of everyone together, of women and men who both have figures; some have more."""
    by_place: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_place.setdefault((str(row["organisation_code"]), str(row["period"])), []).append(row)
    sums: list[Row] = []
    for parts in by_place.values():
        if any(part.get("numerator") is None or part.get("denominator") is None for part in parts):
            continue
        sums.append(
            {
                **{
                    name: parts[0][name]
                    for name in ("metric_id", "organisation_code", "period", "submission")
                },
                "breakdown_id": "all",
                "numerator": sum(part["numerator"] for part in parts),
                "denominator": sum(part["denominator"] for part in parts) + draw.among(0.0, 0.0, 0.0, 25.0),
            }
        )
    return sums


def _wild_figures(draw: Draw, kind: str) -> Row:
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
