"""Where a value stands among the values of others: percentile, quintile, and the percentiles themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.tables import PERCENTILES
from generator.model.vocabulary import Absence, Kind
from generator.statistics.cells import Cells, find_cells
from generator.statistics.keys import Flags, Numbers, Positions, split_keys
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

QUINTILES = 5
UNRANKED_KINDS = (Kind.COUNT, Kind.STATUS)
"""A count grows with the size of the organisation, and a level is no amount: neither is ranked."""
FEWEST_FOR_PERCENTILES = 10
"""Of fewer values each of the nine percentiles would be one or two organisations."""
SHOWN_FOR_EACH_HIDDEN = 9
"""At most a tenth of the values may be hidden: small organisations have them, which are not like the rest."""
HIDDEN = (Absence.SUPPRESSED, Absence.SUPPRESSED_AT_SOURCE, Absence.TOO_FEW)
"""The absences of values that there are."""


@dataclass(frozen=True)
class Ranking:
    """Where each value stands within its group; 0 in the first three for values that are not ranked."""

    rank: Positions
    """1 for the lowest value of the group; equal values share the lowest of their ranks."""
    rank_from_top: Positions
    """1 for the highest value of the group; equal values share the lowest of their ranks."""
    size: Positions
    """How many values are ranked in the group."""
    ordered: Numbers
    """The ranked values, group after group, each from its lowest."""
    count: Positions
    """How many values each group has."""

    def percentile(self) -> Numbers:
        """Return the percentile of each value, 0 to 100: the share of the others that lie below it.

        NaN where it is not ranked or stands alone.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            percentile = (self.rank - 1) / (self.size - 1) * 100
        return np.where(self.size > 1, percentile, np.nan)

    def quantile(self, bands: int, *, invert: bool = False) -> Numbers:
        """Return the band of each value, from 1 (the lowest values; inverted: the highest) to `bands`.

        Equal values share a band, so bands can be uneven or empty. NaN where the value is not ranked or its
        group has fewer values than there are bands. Whole numbers throughout: no rounding decides.
        """
        rank = self.rank_from_top if invert else self.rank
        size = np.maximum(self.size, 1)
        band = bands + 1 - ((size + 1 - rank) * bands + size - 1) // size
        return np.where((rank > 0) & (self.size >= bands), band, np.nan)

    def cut_points(self, percents: Sequence[int]) -> list[Numbers]:
        """Return for each percentage the percentile of every group, with linear interpolation.

        NaN in a group without values.
        """
        first = np.cumsum(self.count) - self.count
        filled = np.flatnonzero(self.count)
        cuts = [np.full(len(self.count), np.nan) for _ in percents]
        for percent, cut in zip(percents, cuts, strict=True):
            last = self.count[filled] - 1
            place = last * percent / 100
            below = np.floor(place).astype(np.int64)
            low = self.ordered[first[filled] + below]
            high = self.ordered[first[filled] + np.minimum(below + 1, last)]
            cut[filled] = low + (high - low) * (place - below)
        return cuts


@dataclass(frozen=True)
class CountryRanking:
    """The values shown of one metric, ranked within each country, breakdown and period."""

    cells: Cells
    ranking: Ranking
    is_area: Flags
    """Which rows are those of areas: areas of several levels hold each other, and are not ranked."""


def rank_shown(rows: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar) -> CountryRanking:
    """Return the ranks of the values shown among organisations of the metric's kind, from a single sort."""
    cells = find_cells(rows, metric, places, calendar)
    ranking = rank_within(cells.number, rows["value"].to_numpy(np.float64), len(cells))
    return CountryRanking(cells, ranking, places.is_area[rows["organisation"].to_numpy(np.int64)])


def add_ranks(rows: pd.DataFrame, metric: Metric, ranked: CountryRanking) -> pd.DataFrame:
    """Return the rows with percentile (0 to 100) and quintile (1 holds the lowest values).

    Both are blank for areas and countries, and where no value is shown; the percentile of the only value, and
    the quintile among fewer than five, as well. Counts and statuses are not ranked.
    """
    if metric.kind in UNRANKED_KINDS:
        return rows.assign(percentile=np.nan, quintile=np.nan)
    ranking = ranked.ranking
    return rows.assign(
        percentile=np.where(ranked.is_area, np.nan, ranking.percentile()),
        quintile=np.where(ranked.is_area, np.nan, ranking.quantile(QUINTILES)),
    )


def list_percentiles(rows: pd.DataFrame, ranked: CountryRanking) -> pd.DataFrame:
    """Return p10 to p90 of the values shown by organisation (the country), breakdown and period, sorted.

    Only where at least ten values are shown, and at most a tenth of all there are is hidden: the percentiles
    of what is left would lie beside those of everybody.
    """
    country, breakdown, period = split_keys(ranked.cells.keys)
    cuts = ranked.ranking.cut_points(PERCENTILES)
    percentiles = pd.DataFrame(
        {
            "organisation": country,
            "breakdown": breakdown,
            "period": period,
            **{f"p{percent}": cut for percent, cut in zip(PERCENTILES, cuts, strict=True)},
        }
    )
    shown = ranked.ranking.count
    cell = ranked.cells.number[rows["absence"].isin(HIDDEN).to_numpy()]
    hidden = np.bincount(cell[cell >= 0], minlength=len(shown))
    is_told = (shown >= FEWEST_FOR_PERCENTILES) & (shown >= SHOWN_FOR_EACH_HIDDEN * hidden)
    return percentiles[is_told].reset_index(drop=True)


def rank_within(group: Positions, value: Numbers, groups: int) -> Ranking:
    """Return where each value stands within its group.

    Groups are numbered from 0 to below `groups`. A value that is NaN, or in group -1, is not ranked.
    """
    ranked = np.flatnonzero((group >= 0) & ~np.isnan(value))
    # By value first and then, stably, by group: the second sort counts, where groups are few.
    ranked = ranked[np.argsort(value[ranked])]
    narrow = group[ranked].astype(np.min_scalar_type(max(groups - 1, 0)))
    ranked = ranked[np.argsort(narrow, kind="stable")]
    ordered, own = value[ranked], group[ranked]
    count = np.bincount(own, minlength=groups)
    first = (np.cumsum(count) - count)[own]

    is_new = np.ones(len(ranked) + 1, dtype=np.bool_)
    is_new[1:-1] = (ordered[1:] != ordered[:-1]) | (own[1:] != own[:-1])
    begin = np.flatnonzero(is_new)
    run = np.cumsum(is_new[:-1]) - 1
    rank, rank_from_top, size = (np.zeros(len(group), dtype=np.int64) for _ in range(3))
    size[ranked] = count[own]
    rank[ranked] = begin[run] - first + 1
    rank_from_top[ranked] = first + count[own] - begin[run + 1] + 1
    return Ranking(rank, rank_from_top, size, ordered, count)
