"""Totals of areas and countries, and how many organisations of each group reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.tables import PERCENTILES
from generator.model.vocabulary import COUNTED_KINDS, Absence, Submission
from generator.statistics.absence import FIGURES, has_counts, is_reported
from generator.statistics.categories import choose
from generator.statistics.keys import (
    KEY,
    Flags,
    Numbers,
    Positions,
    find_rows,
    key_of,
    keys_of,
    split_keys,
    take_or_blank,
)
from generator.statistics.periods import Calendar
from generator.statistics.places import AREA, Places

SERVES_FROM = 80
"""A total serves as a benchmark when at least this percentage of the expected organisations is in it."""

SUMMED = ("numerator", "denominator", "excluded", "base")


@dataclass(frozen=True)
class Aggregates:
    """What is known of the areas and countries of one metric from the organisations in them."""

    totals: pd.DataFrame
    """Rows like the observations, one for each total, with `serves`: whether it may be a benchmark."""
    groups: pd.DataFrame
    """Columns organisation (the group), breakdown, period, reported, expected; sorted by them."""


def add_up(rows: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar) -> Aggregates:
    """Return the totals of every area and country, from raw counts, and how many reported.

    The organisations are those of the metric's kind that were open in the period; each belongs where it
    belonged on the period's last day. Only proportions, rates and ratios have totals. Rows of areas and
    countries in the input are figures that the source supplied: they count in no total, and no total is given
    beside them. The rows are sorted by key.
    """
    own = rows[_counts_in_totals(rows, metric, places, calendar)]
    is_expected = {
        period: places.is_expected(metric, calendar.end[period]) for period in np.unique(rows["period"])
    }
    place, group = _belonging(own, places, calendar)
    key = key_of(places.groups[group], *(own[name].to_numpy(np.int64)[place] for name in KEY[1:]))
    supplied = keys_of(rows[places.is_group[rows["organisation"]]])
    expected = _expected_by_cell(rows, is_expected, places, calendar)
    cells = np.unique(np.concatenate([key, supplied, expected.index.to_numpy(np.int64)]))

    # Areas of several levels would be counted twice.
    has_totals = metric.kind in COUNTED_KINDS and metric.applies_to != AREA
    columns = _columns_to_sum(own, metric, is_expected, has_totals=has_totals)
    cell = np.searchsorted(cells, key)
    sums = pd.DataFrame(
        {name: np.bincount(cell, column[place], len(cells)) for name, column in columns.items()}
    )
    sums[list(KEY)] = np.column_stack(split_keys(cells))
    sums["expected"] = expected.reindex(cells, fill_value=0.0).to_numpy()
    sums["expected"] += sums["unexpected"] - sums["exempt"]
    is_supplied = find_rows(np.sort(supplied), cells) >= 0
    return Aggregates(
        totals=_totals(sums[~is_supplied & has_totals]),
        groups=sums[[*KEY, "reported", "expected"]],
    )


def describe_groups(
    groups: pd.DataFrame, results: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar
) -> pd.DataFrame:
    """Return METRIC_PERIODS of one metric, by number: the groups with their protected totals and percentiles.

    Percentiles are those of the values shown of a country's organisations, with linear interpolation.
    """
    place = find_rows(keys_of(results), keys_of(groups))
    described = groups.assign(
        **{
            name: take_or_blank(results[name].to_numpy(), place)
            for name in ("numerator", "denominator", "value")
        }
    )
    percentiles = _percentiles(results, metric, places, calendar)
    place = find_rows(keys_of(percentiles), keys_of(groups))
    return described.assign(
        **{
            f"p{percent}": take_or_blank(percentiles[f"p{percent}"].to_numpy(), place)
            for percent in PERCENTILES
        }
    )


def _counts_in_totals(rows: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar) -> Flags:
    """Tell which rows are of organisations of the metric's kind that were open in the period."""
    organisation, period = (rows[name].to_numpy(np.int64) for name in ("organisation", "period"))
    counts = places.kind[organisation] == metric.applies_to
    for number in np.unique(period):
        here = period == number
        is_open = places.is_open_between(calendar.start[number], calendar.end[number])
        counts[here] &= is_open[organisation[here]]
    return np.asarray(counts, dtype=np.bool_)


def _belonging(rows: pd.DataFrame, places: Places, calendar: Calendar) -> tuple[Positions, Positions]:
    """Return every pair of a row's position and a group (a place in places.groups) that it belongs to."""
    organisation, period = (rows[name].to_numpy(np.int64) for name in ("organisation", "period"))
    pairs = []
    for number in np.unique(period):
        here = np.flatnonzero(period == number)
        member, group = places.on(calendar.end[number]).members[organisation[here]].nonzero()
        pairs.append((here[member], group.astype(np.int64)))
    if not pairs:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    row, group = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    return row, group


def _expected_by_cell(
    rows: pd.DataFrame, is_expected: Mapping[int, Flags], places: Places, calendar: Calendar
) -> pd.Series:
    """Return by key how many are expected in each group, breakdown and period; a country is always there."""
    keys, counts = [], []
    for period, breakdowns in rows.groupby("period")["breakdown"].unique().items():
        number = int(str(period))
        expected = is_expected[number].astype(np.float64) @ places.on(calendar.end[number]).members
        listed = (expected > 0) | places.is_country[places.groups]
        group, breakdown = np.meshgrid(places.groups[listed], breakdowns)
        keys.append(key_of(group.ravel(), breakdown.ravel(), np.full(group.size, number, dtype=np.int64)))
        counts.append(np.tile(expected[listed], len(breakdowns)))
    return pd.Series(np.concatenate(counts), index=np.concatenate(keys))


def _columns_to_sum(
    rows: pd.DataFrame, metric: Metric, is_expected: Mapping[int, Flags], *, has_totals: bool
) -> dict[str, Numbers | Flags]:
    """Return what is summed over the organisations of a group, 0 in rows that do not count."""
    reported = is_reported(rows, metric)
    summed = has_counts(rows) & has_totals
    organisation, period = (rows[name].to_numpy(np.int64) for name in ("organisation", "period"))
    unexpected = reported.copy()
    exempt = np.asarray(rows["absence"] == Absence.NOT_APPLICABLE).copy()
    for number, expected in is_expected.items():
        # It closed before the period's last day, or is not listed as a provider of the service, but reported.
        unexpected[(period == number) & expected[organisation]] = False
        # It says itself that there is nothing to report.
        exempt[(period == number) & ~expected[organisation]] = False
    columns: dict[str, Numbers | Flags] = {
        "present": np.ones(len(rows)),
        "reported": reported,
        "unexpected": unexpected,
        "exempt": exempt,
        "summed": summed,
    }
    for name in SUMMED:
        figure = rows[name].to_numpy()
        columns[name] = np.where(summed & ~np.isnan(figure), figure, 0.0)
        columns[f"without_{name}"] = summed & np.isnan(figure)
    # Kish's base of the whole is (Σ denominator)² / Σ (denominator² / effective base): the weights add up.
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = rows["denominator"].to_numpy() ** 2 / rows["effective_base"].to_numpy()
    columns["spread"] = np.where(summed & np.isfinite(spread), spread, 0.0)
    columns["without_spread"] = summed & ~np.isfinite(spread)
    for word in (Submission.PROVISIONAL, Submission.REVISED):
        columns[word] = summed & (rows["submission"] == word).to_numpy()
    for word in sorted(set(rows["absence"].unique()) - {""}):
        columns[f"absent_{word}"] = (rows["absence"] == word).to_numpy()
    return columns


def _totals(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of totals: where counts were summed, or where rows tell that nobody has reported."""
    sums = sums[(sums["summed"] > 0) | ((sums["present"] > 0) & (sums["reported"] == 0))]
    has_sum = (sums["summed"] > 0).to_numpy()
    figures = {name: np.full(len(sums), np.nan) for name in FIGURES}
    for name in SUMMED:
        # A partial sum of what only some have stated would mislead.
        figures[name] = np.where(has_sum & (sums[f"without_{name}"] == 0), sums[name], np.nan)
    denominator, spread = sums["denominator"].to_numpy(), sums["spread"].to_numpy()
    known = has_sum & (sums["without_spread"].to_numpy() == 0) & (spread > 0)
    figures["effective_base"][known] = denominator[known] ** 2 / spread[known]
    shared = {
        name.removeprefix("absent_"): ~has_sum & (sums[name] == sums["present"]).to_numpy()
        for name in sums.columns
        if name.startswith("absent_")
    }
    submissions = (Submission.PROVISIONAL, Submission.REVISED)
    return pd.DataFrame(
        {
            **{name: sums[name].to_numpy() for name in KEY},
            **figures,
            "absence": choose("absence", {"": has_sum, **shared}, otherwise=Absence.NOT_STATED),
            "submission": choose(
                "submission",
                {word: (sums[word] > 0).to_numpy() for word in submissions},
                otherwise=Submission.FINAL,
            ),
            "note": pd.Series("", index=range(len(sums)), dtype="str"),
            "serves": (sums["summed"] * 100 >= sums["expected"] * SERVES_FROM).to_numpy(),
        }
    )


def _percentiles(results: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar) -> pd.DataFrame:
    """Return the percentiles of organisations' values by country, breakdown and period, sorted by them."""
    shown = results[results["value"].notna() & _counts_in_totals(results, metric, places, calendar)]
    organisation, period = (shown[name].to_numpy(np.int64) for name in ("organisation", "period"))
    country = np.full(len(shown), -1, dtype=np.int64)
    for number in np.unique(period):
        here = period == number
        country[here] = places.on(calendar.end[number]).country[organisation[here]]
    shown = shown.assign(country=country)[country >= 0]
    key = key_of(*(shown[name].to_numpy(np.int64) for name in ("country", "breakdown", "period")))
    order = np.lexsort((shown["value"].to_numpy(), key))
    values = shown["value"].to_numpy()[order]
    _, first, count = np.unique(key[order], return_index=True, return_counts=True)
    cells = shown.iloc[order[first]]
    columns = {}
    for percent in PERCENTILES:
        place = (count - 1) * percent / 100
        below = np.floor(place).astype(np.int64)
        low, high = values[first + below], values[first + np.minimum(below + 1, count - 1)]
        columns[f"p{percent}"] = low + (high - low) * (place - below)
    return pd.DataFrame(
        {
            "organisation": cells["country"].to_numpy(),
            "breakdown": cells["breakdown"].to_numpy(),
            "period": cells["period"].to_numpy(),
            **columns,
        }
    )
