"""Where a value lies against its benchmark, and whether that is good."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import BenchmarkKind, Comparison, Direction, Judgement
from generator.statistics.categories import choose, from_codes, numbers_of, translate
from generator.statistics.keys import Numbers, Positions

LISTED = (BenchmarkKind.COUNTRY, BenchmarkKind.PARENT, BenchmarkKind.PEERS, BenchmarkKind.TARGET)
"""The benchmarks that results are listed against, in their order."""


def add_comparisons(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the rows with comparison and judgement against their benchmark."""
    comparison = compare(rows["lower"], rows["upper"], rows["benchmark"])
    return rows.assign(comparison=comparison, judgement=judge(comparison, metric.direction))


def list_comparisons(rows: pd.DataFrame, benchmarks: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return HELD_COMPARISONS of one metric, by number: each shown result against every benchmark it has.

    Sorted by row, then country, parent, peers, target.
    """
    shown = ~np.isnan(rows["value"].to_numpy(np.float64))
    against = np.column_stack([benchmarks[str(kind)].to_numpy() for kind in LISTED]).ravel()
    place = np.column_stack([_place_of(kind, benchmarks) for kind in LISTED]).ravel()
    chosen = np.flatnonzero(~np.isnan(against) & np.repeat(shown, len(LISTED)))
    row, kind = chosen // len(LISTED), chosen % len(LISTED)
    lower, upper, benchmark = (
        rows["lower"].to_numpy().take(row),
        rows["upper"].to_numpy().take(row),
        against.take(chosen),
    )
    comparison = compare(lower, upper, benchmark)
    numbers = np.array([numbers_of("benchmark_kind")[kind] for kind in LISTED], dtype=np.int8)
    return pd.DataFrame(
        {
            "row": row,
            "benchmark_kind": from_codes("benchmark_kind", numbers.take(kind)),
            "benchmark_place": place.take(chosen),
            "benchmark": benchmark,
            "comparison": comparison,
            "judgement": judge(comparison, metric.direction),
        },
        copy=False,
    )


def compare(
    lower: Numbers | pd.Series, upper: Numbers | pd.Series, benchmark: Numbers | pd.Series
) -> pd.Categorical:
    """Return where each interval lies against its benchmark; an end that touches it is `similar`.

    `not_compared` where a limit or the benchmark is missing.
    """
    low, high, against = (np.asarray(figures, dtype=np.float64) for figures in (lower, upper, benchmark))
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
    lower, higher = Judgement.WORSE, Judgement.BETTER
    if direction is Direction.LOWER_IS_BETTER:
        lower, higher = higher, lower
    meaning: dict[str, str] = {
        Comparison.NOT_COMPARED: Judgement.NOT_COMPARED,
        Comparison.LOWER: lower,
        Comparison.SIMILAR: Judgement.SIMILAR,
        Comparison.HIGHER: higher,
    }
    if direction is Direction.NEUTRAL:
        meaning |= dict.fromkeys(
            (Comparison.LOWER, Comparison.SIMILAR, Comparison.HIGHER), Judgement.NO_JUDGEMENT
        )
    return translate(comparison, "judgement", meaning)


def _place_of(kind: BenchmarkKind, benchmarks: pd.DataFrame) -> Positions:
    """Return the number of the organisation that each benchmark belongs to; a target belongs to none."""
    if kind is BenchmarkKind.TARGET:
        return np.full(len(benchmarks), -1, dtype=np.int64)
    return benchmarks[f"{kind}_place"].to_numpy(np.int64)
