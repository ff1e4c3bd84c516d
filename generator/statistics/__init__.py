"""Every calculation: what leaves this room is protected and safe to print.

One metric after the other goes through the same steps, in this order:

1. rows that were never sent are added, if the package says what they stand for (`absence`);
2. areas and countries are summed from raw counts, by the trees of the time (`places`, `aggregation`);
3. small numbers are hidden and the rest rounded (`protection`);
4. from protected counts alone come values (`values`), intervals (`intervals`), what they are compared with
   (`benchmarks`) and how they compare (`comparison`), bands (`banding`), and change between periods
   (`change`).

Later methods have their columns, which stay blank: secondary protection, outliers, percentiles and fifths,
control charts, trend and the causes of movement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.release import Directory, ProtectedTables, Release
from generator.model.tables import COMPARISONS, FIFTHS, METRIC_PERIODS, RESULTS, SPC
from generator.statistics.absence import add_absences, add_missing_rows, clear_absent
from generator.statistics.aggregation import add_up, describe_groups
from generator.statistics.banding import add_bands
from generator.statistics.benchmarks import add_benchmarks, find_benchmarks
from generator.statistics.change import add_change
from generator.statistics.comparison import add_comparisons, list_comparisons
from generator.statistics.intervals import add_intervals
from generator.statistics.keys import keys_of
from generator.statistics.numbering import Numbering
from generator.statistics.periods import find_earlier_periods, version_in_force
from generator.statistics.protection import hide_and_round, hide_secondary
from generator.statistics.trace import only_metric, trace_result
from generator.statistics.values import add_values

__all__ = ["compute_tables", "only_metric", "trace_result"]


def compute_tables(release: Release, *, earlier: tuple[ProtectedTables, ...] = ()) -> ProtectedTables:
    """Return the protected results of a release: RESULTS and its companion tables.

    `earlier` holds the protected tables of the releases before this one, for secondary disclosure control;
    that step is not built yet, so they change nothing. RESULTS is sorted by metric, organisation, breakdown
    and time. Coded columns are categoricals; a missing number is NaN, and the absence says why.
    """
    numbering = Numbering.of(release)
    shared = _Shared(numbering, release.directory, earlier)
    parts = [
        _compute_metric(shared, metric_id, rows)
        for metric_id, rows in numbering.rows_by_metric(release.observations)
    ]
    return ProtectedTables(
        results=numbering.join(RESULTS, [part.results for part in parts]),
        comparisons=numbering.join(COMPARISONS, [part.comparisons for part in parts]),
        metric_periods=numbering.join(METRIC_PERIODS, [part.metric_periods for part in parts]),
        spc=numbering.join(SPC, []),
        fifths=numbering.join(FIFTHS, []),
    )


@dataclass(frozen=True)
class _Part:
    """The tables of one metric, or of one version of it."""

    results: pd.DataFrame
    comparisons: pd.DataFrame
    metric_periods: pd.DataFrame


@dataclass(frozen=True)
class _Shared:
    """What every metric is computed with."""

    numbering: Numbering
    directory: Directory
    earlier: tuple[ProtectedTables, ...]


def _compute_metric(shared: _Shared, metric_id: str, rows: pd.DataFrame) -> _Part:
    """Return the tables of one metric; each period follows the version of the definition that held."""
    numbering = shared.numbering
    versions, calendar = numbering.versions[metric_id], numbering.calendar
    in_force = version_in_force(versions, calendar)
    version = in_force[rows["period"]]
    parts = [
        _compute_version(shared, versions[place], rows[version == place]) for place in np.unique(version)
    ]
    results = _in_order([part.results for part in parts])
    periods = find_earlier_periods(calendar, np.unique(results["period"].to_numpy(np.int64)))
    results = add_change(results, versions[-1], calendar, periods, in_force)
    comparisons = _in_order([part.comparisons for part in parts])
    metric_periods = pd.concat([part.metric_periods for part in parts], ignore_index=True)
    metric_periods = metric_periods.sort_values(["breakdown", "period", "organisation"], ignore_index=True)
    return _Part(
        numbering.name_rows(RESULTS, metric_id, results),
        numbering.name_rows(COMPARISONS, metric_id, comparisons),
        numbering.name_rows(METRIC_PERIODS, metric_id, metric_periods),
    )


def _compute_version(shared: _Shared, metric: Metric, rows: pd.DataFrame) -> _Part:
    """Return the tables of one version of a metric, by number: the steps in their order."""
    numbering, directory = shared.numbering, shared.directory
    places, calendar = numbering.places, numbering.calendar
    rows = clear_absent(rows.reset_index(drop=True))
    reason = directory.descriptor.missing_rows
    rows = add_missing_rows(rows, metric, numbering.everyone, places, calendar, reason)
    rows = _in_order([rows])

    aggregates = add_up(rows, metric, places, calendar)
    rows = _in_order([rows.assign(serves=True), aggregates.totals])

    rows = hide_and_round(rows, metric, places)
    rows = hide_secondary(rows, shared.earlier)

    rows = add_values(rows, metric)
    rows = add_absences(rows)
    rows = add_intervals(rows, metric)
    targets = directory["targets"]
    targets = targets[targets["metric_id"] == metric.metric_id]
    benchmarks = find_benchmarks(rows, metric, places, calendar, targets)
    rows = add_benchmarks(rows, benchmarks, metric, places)
    rows = add_comparisons(rows, metric)
    rows = add_bands(rows, benchmarks, metric)
    return _Part(
        rows.assign(version=metric.version),
        list_comparisons(rows, benchmarks, metric),
        describe_groups(aggregates.groups, rows, metric, places, calendar),
    )


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the parts as one table in the order of keys; rows of the same key keep their order."""
    rows = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return rows.iloc[np.argsort(keys_of(rows), kind="stable")].reset_index(drop=True)
