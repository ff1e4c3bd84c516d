"""Why a band or a judgement moved: the one thing that, changed alone, would have moved it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import ChangeCause, Judgement
from generator.statistics.banding import add_bands
from generator.statistics.categories import choose, words_of
from generator.statistics.comparison import compare, judge
from generator.statistics.keys import Flags, Positions, find_rows, keys_of
from generator.statistics.panel import Panel
from generator.statistics.periods import EarlierPeriods

NEEDED = (
    *("numerator", "denominator", "base", "effective_base"),
    *("value", "lower", "upper", "benchmark", "comparison", "judgement", "band"),
)
"""Columns of both rows of a pair."""
THRESHOLDS = ("threshold_good", "threshold_acceptable")


def add_change_cause(
    rows: pd.DataFrame,
    versions: Sequence[Metric],
    version: Positions,
    periods: EarlierPeriods,
    previous: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return the rows of one metric, all versions together and sorted by key, with the column change_cause.

    A row is held against the same row of the previous release (`previous`, from `rows_of_results`; None where
    there is no earlier release). A row that the previous release did not have is held against the previous
    period of the same frequency in this one. Blank where neither band nor judgement moved, and where a value
    is hidden or absent on either side. `version` numbers the version that holds in each period. The rows have
    the columns threshold_good and threshold_acceptable of `find_benchmarks`.
    """
    words = words_of("change_cause")
    causes = np.full(len(rows), words.categories.get_loc(""), dtype=np.int8)
    period = rows["period"].to_numpy(np.int64)
    is_new = np.ones(len(rows), dtype=np.bool_)
    if previous is not None and len(previous):
        place = find_rows(keys_of(previous), keys_of(rows))
        is_new = place < 0
        moved = _moved(rows, previous, place)
        then = _take(previous, (*NEEDED, "version"), place[moved])
        now = _take(rows, (*NEEDED, *THRESHOLDS), moved)
        causes[moved] = _causes_of(
            now,
            then,
            versions,
            (version[period[moved]], then["version"].to_numpy(np.int64)),
            # The thresholds of that time are not among the results: any may have changed.
            thresholds_differ=np.ones(len(moved), dtype=np.bool_),
            otherwise=ChangeCause.REVISED_VALUE,
        )
    earlier = periods.previous[period]
    panel = Panel.of(rows)
    place = panel.find_in(periods.previous[panel.period])
    moved = _moved(rows, rows, np.where(is_new, place, -1))
    then, now = (_take(rows, (*NEEDED, *THRESHOLDS), chosen) for chosen in (place[moved], moved))
    causes[moved] = _causes_of(
        now,
        then,
        versions,
        (version[period[moved]], version[earlier[moved]]),
        thresholds_differ=_differ(now, then, THRESHOLDS),
        otherwise=ChangeCause.NEW_PERIOD,
    )
    return rows.assign(change_cause=pd.Categorical.from_codes(causes, dtype=words))


def _moved(rows: pd.DataFrame, then: pd.DataFrame, place: Positions) -> Positions:
    """Return the positions of the rows whose band or judgement differs from that at `place` of the others.

    Both must show a value. Between no judgement and none possible there is no move.
    """
    both = np.flatnonzero(place >= 0)
    before = place[both]
    shown = rows["value"].notna().to_numpy()[both] & then["value"].notna().to_numpy()[before]
    both, before = both[shown], before[shown]
    band_now, band_then = _codes(rows, "band")[both], _codes(then, "band")[before]
    judgement_now, judgement_then = _codes(rows, "judgement")[both], _codes(then, "judgement")[before]
    judged = judgement_now != judgement_then
    judged &= _IS_JUDGED[judgement_now] | _IS_JUDGED[judgement_then]
    return np.asarray(both[(band_now != band_then) | judged])


def _causes_of(
    now: pd.DataFrame,
    then: pd.DataFrame,
    versions: Sequence[Metric],
    version: tuple[Positions, Positions],
    *,
    thresholds_differ: Flags,
    otherwise: ChangeCause,
) -> Positions:
    """Return the code of the cause of each pair of rows, of which something moved.

    `version` is that of now and then. What neither the definition, nor the thresholds, nor the benchmark
    alone explain is put down to the figures: `otherwise`.
    """
    band_moved = _codes(now, "band") != _codes(then, "band")
    by_definition = version[0] != version[1]
    by_threshold, by_benchmark = (np.zeros(len(now), dtype=np.bool_) for _ in range(2))
    for number in np.unique(version[0]):
        metric, here = versions[number], np.flatnonzero((version[0] == number) & ~by_definition)
        old, new = then.iloc[here], now.iloc[here]
        # Seen through today's direction the comparison of that time would have been another judgement.
        turned = np.asarray(judge(_words(old, "comparison"), metric.direction) != _words(old, "judgement"))
        by_definition[here] = turned
        would_be = judge(compare(old["lower"], old["upper"], new["benchmark"]), metric.direction)
        by_benchmark[here] = np.asarray(would_be == _words(new, "judgement"))

        tested = here[(band_moved & thresholds_differ)[here]]
        would_be = add_bands(then.iloc[tested], now.iloc[tested], metric)["band"].array
        by_threshold[tested] = np.asarray(would_be == _words(now.iloc[tested], "band"))
    return np.asarray(
        choose(
            "change_cause",
            {
                ChangeCause.DEFINITION: by_definition,
                ChangeCause.THRESHOLD: band_moved & by_threshold,
                otherwise: band_moved,
                ChangeCause.BENCHMARK: by_benchmark,
            },
            otherwise=otherwise,
        ).codes
    )


def _differ(one: pd.DataFrame, other: pd.DataFrame, columns: Sequence[str]) -> Flags:
    """Tell which rows differ in any of these figures; two missing ones do not differ."""
    pairs = [(one[name].to_numpy(np.float64), other[name].to_numpy(np.float64)) for name in columns]
    same = [(left == right) | (np.isnan(left) & np.isnan(right)) for left, right in pairs]
    return np.asarray(~np.all(same, axis=0))


def _take(table: pd.DataFrame, columns: Sequence[str], place: Positions) -> pd.DataFrame:
    """Return these columns of the rows at these positions."""
    return pd.DataFrame({name: table[name].array.take(place) for name in columns}, copy=False)


def _codes(table: pd.DataFrame, column: str) -> Positions:
    return np.asarray(table[column].cat.codes)


def _words(table: pd.DataFrame, column: str) -> pd.Categorical:
    words = table[column].array
    assert isinstance(words, pd.Categorical)
    return words


_IS_JUDGED = np.isin(
    words_of("judgement").categories.to_numpy(object), [Judgement.BETTER, Judgement.SIMILAR, Judgement.WORSE]
)
"""By code of the words of RESULTS: whether the word judges."""
