"""The lines of control charts, looked up by organisation and metric: SPC's segments, and the target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import BenchmarkKind


@dataclass(frozen=True)
class Segment:
    """One part of a control chart: a row of SPC. The lines are NaN where there are too few points."""

    start: str
    """Its first period."""
    mean: float
    lower: float
    upper: float
    points: int

    @property
    def has_limits(self) -> bool:
        """Whether it has its lines."""
        return not math.isnan(self.mean)


@dataclass(frozen=True)
class ControlLines:
    """SPC and targets for everybody. England has a million such lines, so they stay in columns."""

    segments: tuple[npt.NDArray[Any], ...]
    """The columns of a segment."""
    segment_pairs: Pairs
    targets: npt.NDArray[np.float64]
    target_pairs: Pairs

    @classmethod
    def of(
        cls,
        spc: pd.DataFrame,
        held_comparisons: pd.DataFrame,
        results: pd.DataFrame,
        metric_ids: Sequence[str],
        period_order: Mapping[str, int],
    ) -> ControlLines:
        """Return the lines of these metrics. The target kept is that of the latest period with a value."""
        own = spc[
            (spc["breakdown_id"] == ALL_PATIENTS).to_numpy() & spc["metric_id"].isin(metric_ids).to_numpy()
        ]
        own = own.sort_values("segment", kind="stable")
        segment_pairs = Pairs.of(own["organisation_code"], own["metric_id"])

        held = held_comparisons[(held_comparisons["benchmark_kind"] == BenchmarkKind.TARGET).to_numpy()]
        held = held[held["metric_id"].isin(metric_ids).to_numpy()]
        metrics = results["metric_id"].cat
        starts = np.searchsorted(metrics.codes, np.arange(len(metrics.categories)))
        place = starts[held["metric_id"].cat.codes] + held["row"].to_numpy()
        columns = {
            name: pd.Series(results[name].array.take(place))
            for name in ("organisation_code", "metric_id", "breakdown_id", "period")
        }
        rows = pd.DataFrame({**columns, "target": held["benchmark"].to_numpy()}, copy=False)
        rows = rows[(rows["breakdown_id"] == ALL_PATIENTS).to_numpy()]
        time = rows["period"].astype(str).map(pd.Series(period_order, dtype=np.int64))
        rows = rows.iloc[np.argsort(time.to_numpy(), kind="stable")]
        rows = rows.drop_duplicates(["organisation_code", "metric_id"], keep="last")
        target_pairs = Pairs.of(rows["organisation_code"], rows["metric_id"])
        return cls(
            tuple(own[name].to_numpy()[segment_pairs.order] for name in Segment.__dataclass_fields__),
            segment_pairs,
            rows["target"].to_numpy()[target_pairs.order],
            target_pairs,
        )

    def segments_of(self, code: str, metric_id: str) -> tuple[Segment, ...]:
        """Return the segments of one chart in order; none where nothing is charted."""
        rows = self.segment_pairs.rows(code, metric_id)
        columns = (column[rows].tolist() for column in self.segments)
        return tuple(
            Segment(str(start), mean, lower, upper, int(points))
            for start, mean, lower, upper, points in zip(*columns, strict=True)
        )

    def target_of(self, code: str, metric_id: str) -> float:
        """Return the target that holds for an organisation's latest value; NaN for none."""
        found = self.targets[self.target_pairs.rows(code, metric_id)]
        return float(found[0]) if len(found) else math.nan


@dataclass(frozen=True)
class Pairs:
    """Where the rows of each organisation and metric are, once sorted. Numbers, because texts take memory."""

    codes: Mapping[str, int]
    metric_ids: Mapping[str, int]
    keys: npt.NDArray[np.int64]
    """Sorted."""
    order: npt.NDArray[np.int64]
    """The rows in the order of their keys."""

    @classmethod
    def of(cls, codes: pd.Series, metric_ids: pd.Series) -> Pairs:
        """Return the pairs of two columns."""
        first, second = codes.astype("category"), metric_ids.astype("category")
        keys = (first.cat.codes.to_numpy(np.int64) << 32) | second.cat.codes.to_numpy(np.int64)
        order = np.argsort(keys, kind="stable")
        return cls(_numbers(first), _numbers(second), keys[order], order)

    def rows(self, code: str, metric_id: str) -> slice:
        """Return which of the sorted rows are the pair's."""
        if code not in self.codes or metric_id not in self.metric_ids:
            return slice(0, 0)
        key = (self.codes[code] << 32) | self.metric_ids[metric_id]
        begin, end = np.searchsorted(self.keys, [key, key + 1])
        return slice(int(begin), int(end))


def _numbers(column: pd.Series) -> dict[str, int]:
    """Return the number of each category."""
    return {str(text): number for number, text in enumerate(column.cat.categories)}
