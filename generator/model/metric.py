"""One metric's definition as a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import pandas as pd

from generator.model.vocabulary import Audience, BenchmarkKind, Direction, DisclosureClass, Frequency, Kind


@dataclass(frozen=True)
class Metric:
    """One version of one metric; the fields are the columns of METRICS, None or "" where blank."""

    metric_id: str
    version: str
    valid_from: date | None
    valid_to: date | None
    breaks_series: bool
    title: str
    question: str
    description: str
    why_it_matters: str
    numerator_label: str
    denominator_label: str
    kind: Kind
    unit: str
    multiplier: float
    decimals: int
    levels: tuple[str, ...]
    range_low: float | None
    range_high: float | None
    direction: Direction
    domain_id: str
    service_id: str
    cqc_question: str
    outcomes_domain: str
    section: str
    applies_to: str
    benchmark: BenchmarkKind
    target: float | None
    threshold_good: float | None
    threshold_acceptable: float | None
    minimum_denominator: float | None
    disclosure: DisclosureClass
    sensitive: bool
    frequency: Frequency
    rolling: bool
    audience: Audience
    weight: float | None
    method: str
    source_name: str
    source_url: str
    owner: str
    review_by: date | None
    caveats: str


_ENUMS: dict[str, Any] = {
    "kind": Kind,
    "direction": Direction,
    "benchmark": BenchmarkKind,
    "disclosure": DisclosureClass,
    "frequency": Frequency,
    "audience": Audience,
}
_FLAGS = ("breaks_series", "sensitive", "rolling")


def metric_from_row(row: Mapping[Any, Any]) -> Metric:
    """Return the metric of one row of METRICS as loaded (defaults applied)."""
    values: dict[str, Any] = {}
    for item in fields(Metric):
        value = row[item.name]
        if item.name in _FLAGS:
            values[item.name] = not pd.isna(value) and bool(value)
        elif item.name in _ENUMS:
            values[item.name] = _ENUMS[item.name](value)
        elif item.name == "levels":
            values[item.name] = tuple(level.strip() for level in value.split("|")) if value else ()
        elif item.name == "decimals":
            values[item.name] = int(value)
        elif isinstance(value, str):
            values[item.name] = value
        elif pd.isna(value):
            values[item.name] = None
        else:
            values[item.name] = value.date() if isinstance(value, pd.Timestamp) else float(value)
    return Metric(**values)


def metrics_from_table(metrics: pd.DataFrame, domains: pd.DataFrame) -> dict[str, Metric]:
    """Return the latest version of each metric, ordered by its domain's position, then as listed."""
    position = dict(zip(domains["domain_id"], domains["position"], strict=True))
    rows = [metric_from_row(row) for row in metrics.to_dict("records")]
    latest: dict[str, Metric] = {}
    for metric in rows:
        known = latest.get(metric.metric_id)
        if known is None or (metric.valid_from or date.min) >= (known.valid_from or date.min):
            latest[metric.metric_id] = metric
    return {
        metric.metric_id: metric
        for metric in sorted(latest.values(), key=lambda metric: position.get(metric.domain_id, 0))
    }
