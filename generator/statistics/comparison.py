"""Where a value lies against its benchmark, and whether that is good."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import BenchmarkKind, Comparison, Direction, Judgement
from generator.statistics.categories import choose, repeat
from generator.statistics.keys import KEY, Positions


def add_comparisons(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the rows with comparison and judgement against their benchmark."""
    comparison = compare(rows["lower"], rows["upper"], rows["benchmark"])
    return rows.assign(comparison=comparison, judgement=judge(comparison, metric.direction))


def list_comparisons(rows: pd.DataFrame, benchmarks: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return COMPARISONS of one metric, by number: each shown result against every benchmark it has.

    Sorted by key, then country, parent, target. Peers are not built yet and have no rows.
    """
    shown = rows["value"].notna().to_numpy()
    parts = []
    for number, kind in enumerate((BenchmarkKind.COUNTRY, BenchmarkKind.PARENT, BenchmarkKind.TARGET)):
        benchmark = benchmarks[str(kind)].to_numpy()
        place = np.flatnonzero(shown & ~np.isnan(benchmark))
        part = rows[[*KEY, "lower", "upper"]].iloc[place]
        comparison = compare(part["lower"], part["upper"], pd.Series(benchmark[place], index=part.index))
        parts.append(
            part.assign(
                benchmark_kind=repeat("benchmark_kind", kind, len(place)),
                benchmark_place=_place_of(kind, benchmarks)[place],
                benchmark=benchmark[place],
                comparison=comparison,
                judgement=judge(comparison, metric.direction),
                position=place * len(BenchmarkKind) + number,
            )
        )
    together = pd.concat(parts, ignore_index=True)
    together = together.iloc[np.argsort(together.pop("position").to_numpy(), kind="stable")]
    return together.reset_index(drop=True)


def compare(lower: pd.Series, upper: pd.Series, benchmark: pd.Series) -> pd.Categorical:
    """Return where each interval lies against its benchmark; an end that touches it is `similar`.

    `not_compared` where a limit or the benchmark is missing.
    """
    low, high, against = (series.to_numpy(np.float64) for series in (lower, upper, benchmark))
    return choose(
        "comparison",
        {
            Comparison.NOT_COMPARED: np.isnan(low) | np.isnan(high) | np.isnan(against),
            Comparison.LOWER: high < against,
            Comparison.HIGHER: low > against,
        },
        otherwise=Comparison.SIMILAR,
    )


def judge(comparison: pd.Categorical, direction: Direction) -> pd.Categorical:
    """Return each comparison seen through the metric's direction; a neutral metric gets no judgement."""
    better = Comparison.LOWER if direction is Direction.LOWER_IS_BETTER else Comparison.HIGHER
    compared = np.asarray(comparison != Comparison.NOT_COMPARED)
    return choose(
        "judgement",
        {
            Judgement.NOT_COMPARED: ~compared,
            Judgement.NO_JUDGEMENT: compared & (direction is Direction.NEUTRAL),
            Judgement.SIMILAR: np.asarray(comparison == Comparison.SIMILAR),
            Judgement.BETTER: np.asarray(comparison == better),
        },
        otherwise=Judgement.WORSE,
    )


def _place_of(kind: BenchmarkKind, benchmarks: pd.DataFrame) -> Positions:
    """Return the number of the organisation that each benchmark belongs to; a target belongs to none."""
    if kind is BenchmarkKind.TARGET:
        return np.full(len(benchmarks), -1, dtype=np.int64)
    return benchmarks[f"{kind}_place"].to_numpy(np.int64)
