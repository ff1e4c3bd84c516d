"""Totals of areas and countries, and how many organisations of each group reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.tables import PERCENTILES
from generator.model.vocabulary import COUNTED_KINDS, Absence, Submission
from generator.statistics.absence import FIGURES, has_counts, is_absent, is_reported
from generator.statistics.categories import choose, numbers_of, repeat
from generator.statistics.keys import KEY, Flags, Numbers, Positions, find_rows, keys_of, take_or_blank
from generator.statistics.panel import Panel
from generator.statistics.periods import Calendar
from generator.statistics.places import AREA, Places, Standing, Timeline

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
    panel, timeline = Panel.of(rows), places.through(calendar)
    # Areas of several levels would be counted twice.
    has_totals = metric.kind in COUNTED_KINDS and metric.applies_to != AREA
    is_expected = places.expected_in(metric, calendar)
    columns = _columns_to_sum(
        rows,
        metric,
        counts_in_totals(rows, metric, places, calendar),
        is_expected[rows["period"].to_numpy(), rows["organisation"].to_numpy()],
        has_totals=has_totals,
    )
    sums = _sum_by_group(columns, panel, timeline)
    expected = _expected_in_groups(is_expected, panel, timeline)

    supplied = np.zeros(expected.shape, dtype=np.bool_)
    of_group = np.flatnonzero(places.is_group[panel.organisations[panel.line]])
    group = np.searchsorted(places.groups, panel.organisations[panel.line[of_group]])
    supplied[group, panel.column[of_group]] = True
    # A country is always described.
    is_cell = (sums["present"] > 0) | supplied | (expected > 0) | places.is_country[places.groups, np.newaxis]
    group, column = np.nonzero(is_cell)
    cells = pd.DataFrame(
        {
            "organisation": places.groups[group],
            "breakdown": panel.breakdown[column],
            "period": panel.period[column],
            **{name: sums[name][is_cell] for name in columns},
            "expected": (expected + sums["unexpected"] - sums["exempt"])[is_cell],
        }
    )
    return Aggregates(
        totals=_totals(cells[~supplied[is_cell] & has_totals]),
        groups=cells[[*KEY, "reported", "expected"]],
    )


def describe_groups(groups: pd.DataFrame, results: pd.DataFrame, percentiles: pd.DataFrame) -> pd.DataFrame:
    """Return METRIC_PERIODS of one metric, by number: the groups with their protected totals and percentiles.

    The percentiles are those of countries (`ranks.list_percentiles`); areas have none.
    """
    place = find_rows(keys_of(results), keys_of(groups))
    described = groups.assign(
        **{
            name: take_or_blank(results[name].to_numpy(), place)
            for name in ("numerator", "denominator", "value")
        }
    )
    place = find_rows(keys_of(percentiles), keys_of(groups))
    return described.assign(
        **{
            f"p{percent}": take_or_blank(percentiles[f"p{percent}"].to_numpy(), place)
            for percent in PERCENTILES
        }
    )


def counts_in_totals(rows: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar) -> Flags:
    """Tell which rows are of organisations of the metric's kind that were open in the period."""
    counts = places.through(calendar).is_open & (places.kind == metric.applies_to)
    return np.asarray(counts[rows["period"].to_numpy(), rows["organisation"].to_numpy()])


def _sum_by_group(columns: dict[str, Numbers], panel: Panel, timeline: Timeline) -> dict[str, Numbers]:
    """Return the sums of columns of the rows as grids: a group in each line, the panel's columns."""
    used = [name for name, figures in columns.items() if figures.any()]
    grids = [panel.spread(columns[name], 0.0) for name in used]
    groups = timeline.standings[0].members.shape[1]
    sums = {name: np.zeros((groups, len(panel.period))) for name in columns}
    for standing, column in _columns_by_standing(panel, timeline):
        side_by_side = (
            np.hstack([grid[:, column] for grid in grids])
            if grids
            else np.zeros((len(panel.organisations), 0))
        )
        summed = standing.members[panel.organisations].T @ side_by_side
        for place, name in enumerate(used):
            sums[name][:, column] = summed[:, place * len(column) : (place + 1) * len(column)]
    return sums


def _expected_in_groups(is_expected: Flags, panel: Panel, timeline: Timeline) -> Numbers:
    """Return how many are expected to report: a group in each line, the panel's columns."""
    expected = np.zeros((timeline.standings[0].members.shape[1], len(panel.period)))
    for standing, column in _columns_by_standing(panel, timeline):
        there = np.ascontiguousarray(is_expected[panel.period[column]].T, dtype=np.float64)
        expected[:, column] = standing.members.T @ there
    return expected


def _columns_by_standing(panel: Panel, timeline: Timeline) -> Iterator[tuple[Standing, Positions]]:
    """Yield who belongs where, with the columns of the periods in which it held."""
    of_column = timeline.standing[panel.period]
    for number, standing in enumerate(timeline.standings):
        column = np.flatnonzero(of_column == number)
        if len(column):
            yield standing, column


def _columns_to_sum(
    rows: pd.DataFrame, metric: Metric, counts: Flags, is_expected: Flags, *, has_totals: bool
) -> dict[str, Numbers]:
    """Return what is summed over the organisations of a group, 0 in rows that do not count."""
    reported = is_reported(rows, metric) & counts
    summed = has_counts(rows) & has_totals & counts
    flags: dict[str, Flags] = {
        "present": counts,
        "reported": reported,
        # It closed before the period's last day, or is not listed as a provider of the service, but reported.
        "unexpected": reported & ~is_expected,
        # It says itself that there is nothing to report.
        "exempt": is_absent(rows, Absence.NOT_APPLICABLE) & counts & is_expected,
        "summed": summed,
    }
    figures = {name: rows[name].to_numpy() for name in SUMMED}
    # Kish's base of the whole is (Σ denominator)² / Σ (denominator² / effective base): the weights add up.
    effective_base = rows["effective_base"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = figures["denominator"] ** 2 / effective_base
    figures["spread"] = np.where(np.isfinite(spread), spread, np.nan)
    columns: dict[str, Numbers] = {}
    for name, figure in figures.items():
        known = summed & ~np.isnan(figure)
        columns[name] = np.where(known, figure, 0.0)
        flags[f"without_{name}"] = summed & ~known
    submission = rows["submission"].cat.codes.to_numpy()
    for word in (Submission.PROVISIONAL, Submission.REVISED):
        flags[word] = summed & (submission == numbers_of("submission")[word])
    for word in sorted(set(rows["absence"].unique()) - {""}):
        flags[f"absent_{word}"] = is_absent(rows, word) & counts
    return columns | {name: flag.astype(np.float64) for name, flag in flags.items()}


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
            "basis": repeat("basis", "", len(sums)),
            "serves": (sums["summed"] * 100 >= sums["expected"] * SERVES_FROM).to_numpy(),
        }
    )
