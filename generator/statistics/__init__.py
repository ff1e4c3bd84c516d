"""Every calculation: what leaves this room is protected and safe to print.

One metric after the other goes through the same steps, in this order:

1. rows that were never sent are added, if the package says what they stand for (`absence`);
2. areas and countries are summed from raw counts, by the trees of the time (`places`, `aggregation`);
3. small numbers are hidden and the rest rounded (`protection`);
4. from protected counts alone come values (`values`), intervals (`intervals`), what they are compared with
   (`benchmarks`, `peers`) and how they compare (`comparison`), bands (`banding`), ranks (`ranks`), and
   results by fifths of deprivation (`inequality`);
5. outliers are judged by limits as wide as the organisations differ, and the limits are kept as curves to
   draw (`dispersion`, `funnels`);
6. series of periods tell of change (`change`), of control charts (`control_charts`), of trend (`trend`), and
   of why a band or judgement moved (`causes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from generator.model import tables as model
from generator.model.methods import MethodOptions
from generator.model.metric import Metric
from generator.model.policy import DisclosurePolicy
from generator.model.release import Directory, ProtectedTables, Publication, Release
from generator.statistics.absence import add_absences, add_missing_rows, clear_absent
from generator.statistics.aggregation import add_up, describe_groups
from generator.statistics.assembly import Assembly, Written
from generator.statistics.banding import add_bands
from generator.statistics.benchmarks import TARGET_COLUMNS, add_benchmarks, find_benchmarks
from generator.statistics.causes import add_change_cause
from generator.statistics.change import add_change
from generator.statistics.characteristics import find_deprivation
from generator.statistics.comparison import LISTED, add_comparisons, list_comparisons
from generator.statistics.control_charts import add_control_charts
from generator.statistics.disclosure.history import EarlierRelease
from generator.statistics.disclosure.protection import count_reporting, hide_and_round
from generator.statistics.disclosure.secondary import hide_secondary
from generator.statistics.disclosure.subject import Subject
from generator.statistics.dispersion import measure_dispersion
from generator.statistics.earlier import keep_for_later
from generator.statistics.funnels import (
    CURVE_POINTS,
    add_outliers,
    describe_funnels,
    draw_funnels,
    find_standing,
)
from generator.statistics.inequality import FIFTHS, Deprivation, add_slopes, add_up_fifths
from generator.statistics.intervals import add_intervals
from generator.statistics.keys import Positions, keys_of
from generator.statistics.numbering import Numbering, RawRows, rows_of_results
from generator.statistics.peers import Peers, find_peers
from generator.statistics.periods import find_earlier_periods, version_in_force
from generator.statistics.ranks import add_ranks, list_percentiles, rank_shown
from generator.statistics.sanity import find_surprises
from generator.statistics.trace import only_metric, trace_result
from generator.statistics.trend import add_trend, number_series
from generator.statistics.values import add_values
from generator.workers import ordered_map

__all__ = ["compute_tables", "find_surprises", "keep_for_later", "only_metric", "trace_result"]


def compute_tables(
    release: Release,
    *,
    earlier: tuple[Publication, ...] = (),
    policy: DisclosurePolicy = DisclosurePolicy(),  # noqa: B008 - frozen
    options: MethodOptions = MethodOptions(),  # noqa: B008 - frozen
    workers: int = 1,
) -> ProtectedTables:
    """Return the protected results of a release: RESULTS and its companion tables.

    `earlier` holds what was published of the releases before this one, oldest first (what `keep_for_later`
    keeps is enough): nothing that they hide may be recovered by looking at both. Metrics are computed by so
    many workers; the tables do not depend on the number. RESULTS is sorted by metric, organisation, breakdown
    and time. Coded columns are categoricals; a missing number is NaN, and the absence says why.
    """
    numbering = Numbering.of(release)
    directory, places = release.directory, numbering.places
    raw = RawRows.of(release.observations, numbering)
    metrics = raw.metrics()
    shared = _Shared(
        raw=raw,
        directory=directory,
        earlier=tuple(
            EarlierRelease(publication.tables.results, places.in_trees_of(publication.directory))
            for publication in earlier
        ),
        policy=policy,
        options=options,
        peers=find_peers(directory, places, options, workers=workers),
        deprivation=Deprivation(find_deprivation(directory, places)),
        assemblies=_lay_out(raw, metrics, directory),
    )
    parts = list(ordered_map(_compute_metric, enumerate(metrics), shared=shared, workers=workers))
    tables = {
        name: assembly.finish([part[name] for part in parts], workers=workers)
        for name, assembly in shared.assemblies.items()
    }
    return ProtectedTables(**tables, peers=shared.peers.table(places))


_FILLED: dict[str, model.Table] = {
    "results": model.RESULTS,
    "held_comparisons": model.HELD_COMPARISONS,
    "metric_periods": model.METRIC_PERIODS,
    "spc": model.SPC,
    "fifths": model.FIFTHS,
    "funnels": model.FUNNELS,
}
"""The tables that metrics write into, by name in ProtectedTables."""


@dataclass(frozen=True)
class _Part:
    """The tables of one version of a metric, by number."""

    results: pd.DataFrame
    comparisons: pd.DataFrame
    metric_periods: pd.DataFrame
    fifths: pd.DataFrame
    funnels: pd.DataFrame


@dataclass(frozen=True)
class _Shared:
    """What every metric is computed with."""

    raw: RawRows
    directory: Directory
    earlier: tuple[EarlierRelease, ...]
    """With all rows of RESULTS."""
    policy: DisclosurePolicy
    options: MethodOptions
    peers: Peers
    deprivation: Deprivation
    assemblies: dict[str, Assembly]

    @property
    def numbering(self) -> Numbering:
        return self.raw.numbering


def _lay_out(raw: RawRows, metrics: Sequence[str], directory: Directory) -> dict[str, Assembly]:
    """Return the empty tables, with room for the most rows that each metric can have."""
    numbering = raw.numbering
    places = numbering.places
    may_be_missing = len(places) if directory.descriptor.missing_rows else 0
    bounds: dict[str, list[int]] = {name: [] for name in _FILLED}
    for metric_id in metrics:
        rows, columns = raw.extent(metric_id)
        results = rows + columns * (len(places.groups) + may_be_missing)
        bounds["results"].append(results)
        bounds["held_comparisons"].append(results * len(LISTED))
        bounds["metric_periods"].append(columns * len(places.groups))
        # A segment has a point.
        bounds["spc"].append(results)
        bounds["fifths"].append(columns * FIFTHS * int(places.is_country.sum()))
        bounds["funnels"].append(columns * CURVE_POINTS * int(places.is_country.sum()))
    return {name: Assembly.of(table, numbering, bounds[name]) for name, table in _FILLED.items()}


def _compute_metric(shared: _Shared, item: tuple[int, str]) -> dict[str, Written]:
    """Write the tables of one metric; each period follows the version of the definition that held."""
    number, metric_id = item
    numbering, options = shared.numbering, shared.options
    places, calendar = numbering.places, numbering.calendar
    versions = numbering.versions[metric_id]
    in_force = version_in_force(versions, calendar)
    earlier = [
        replace(release, rows=rows_of_results(release.rows, metric_id, numbering))
        for release in shared.earlier
    ]
    results, written = _compute_versions(shared, item, earlier, in_force)
    period = results["period"].to_numpy(np.int64)
    results = results.assign(version=in_force[period])
    before = find_earlier_periods(calendar, np.unique(period))
    results = add_change(results, versions[-1], calendar, before, in_force)
    results, segments = add_control_charts(
        results,
        versions,
        in_force,
        places,
        calendar,
        shared.directory["rebases"],
        results["target"].to_numpy(),
        options=options,
    )
    results = add_trend(results, versions[-1], calendar, number_series(versions, in_force))
    previous = earlier[-1].rows if earlier else None
    results = add_change_cause(results, versions, in_force, before, previous)
    for name, table in (("results", results), ("spc", segments)):
        written[name] = shared.assemblies[name].write(number, metric_id, table)
    return written


def _compute_versions(
    shared: _Shared, item: tuple[int, str], earlier: Sequence[EarlierRelease], in_force: Positions
) -> tuple[pd.DataFrame, dict[str, Written]]:
    """Return the results of all versions of a metric, sorted by key, and write the tables beside them."""
    number, metric_id = item
    versions = shared.numbering.versions[metric_id]
    rows = shared.raw.of_metric(metric_id)
    version = in_force[rows["period"]]
    parts = [
        _compute_version(
            shared, earlier, versions[place], rows if len(versions) == 1 else rows[version == place]
        )
        for place in np.unique(version)
    ]
    by_period = ["breakdown", "period", "organisation"]
    results, comparisons = _in_one_order(parts)
    beside = {
        "held_comparisons": comparisons,
        "metric_periods": _join([part.metric_periods for part in parts], by_period),
        "fifths": _join([part.fifths for part in parts], [*by_period, "fifth"]),
        # Parts stand in the order of time: only the last one's funnel is the latest.
        "funnels": parts[-1].funnels,
    }
    written = {
        name: shared.assemblies[name].write(number, metric_id, table) for name, table in beside.items()
    }
    return results, written


def _compute_version(
    shared: _Shared, earlier: Sequence[EarlierRelease], metric: Metric, rows: pd.DataFrame
) -> _Part:
    """Return the tables of one version of a metric, by number: the steps in their order."""
    numbering, directory = shared.numbering, shared.directory
    places, calendar = numbering.places, numbering.calendar
    rows = clear_absent(rows.reset_index(drop=True))
    reason = directory.descriptor.missing_rows
    rows = add_missing_rows(rows, metric, numbering.everyone, places, calendar, reason)
    rows = _in_order([rows])

    aggregates = add_up(rows, metric, places, calendar)
    rows = _in_order([rows.assign(serves=True), aggregates.totals])

    raw = count_reporting(rows, aggregates.groups)
    rows = hide_and_round(raw, metric, places, shared.policy)
    subject = Subject(raw, metric, places, calendar, numbering.dimension, tuple(earlier), shared.policy)
    rows = hide_secondary(rows, subject)

    rows = add_values(rows, metric)
    rows = add_absences(rows)
    rows = add_intervals(rows, metric)
    targets = directory["targets"]
    targets = targets[targets["metric_id"] == metric.metric_id]
    benchmarks = find_benchmarks(rows, metric, places, calendar, targets, shared.peers)
    rows = add_benchmarks(rows, benchmarks, metric, places)
    rows = add_comparisons(rows, metric)
    rows = add_bands(rows, benchmarks, metric)
    ranked = rank_shown(rows, metric, places, calendar)
    rows = add_ranks(rows, metric, ranked)
    dispersion = measure_dispersion(raw, rows, metric, places, calendar)
    standing = find_standing(rows, dispersion, metric, places, calendar)
    rows = add_outliers(rows, dispersion, standing, metric)

    inequality = add_up_fifths(rows, metric, places, calendar, shared.deprivation)
    groups = describe_groups(aggregates.groups, rows, list_percentiles(rows, ranked))
    groups = describe_funnels(groups, rows, dispersion, standing)
    return _Part(
        # Series of several versions are judged against what held in each period.
        rows.assign(**{name: benchmarks[name] for name in TARGET_COLUMNS}),
        list_comparisons(rows, benchmarks, metric),
        add_slopes(groups, inequality.slopes),
        inequality.fifths,
        draw_funnels(dispersion, standing, metric),
    )


def _in_order(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the parts as one table in the order of keys; rows of the same key keep their order."""
    rows = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    keys = keys_of(rows)
    if (keys[1:] >= keys[:-1]).all():
        return rows
    return rows.iloc[np.argsort(keys, kind="stable")].reset_index(drop=True)


def _in_one_order(parts: Sequence[_Part]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return results and comparisons of all versions in the order of keys."""
    if len(parts) == 1:
        return parts[0].results, parts[0].comparisons
    results = pd.concat([part.results for part in parts], ignore_index=True)
    order = np.argsort(keys_of(results), kind="stable")
    place = np.argsort(order)
    starts = np.cumsum([0, *(len(part.results) for part in parts)])
    moved = [
        part.comparisons.assign(row=place[start + part.comparisons["row"].to_numpy()])
        for start, part in zip(starts.tolist(), parts, strict=False)
    ]
    comparisons = pd.concat(moved, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)
    return results.iloc[order].reset_index(drop=True), comparisons


def _join(parts: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Return the parts as one table sorted by these columns."""
    table = pd.concat(parts, ignore_index=True)
    order = np.lexsort([table[name] for name in reversed(columns)])
    return table.iloc[order].reset_index(drop=True)
