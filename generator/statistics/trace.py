"""From a result back to the rows it was made from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from generator.errors import CandourError, ExitStatus
from generator.model.metric import Metric
from generator.model.policy import DisclosurePolicy
from generator.model.release import SOURCE_FILE, SOURCE_ROW, ProtectedTables, Release
from generator.model.tables import OBSERVATIONS
from generator.model.trace import Trace, TracedRow
from generator.model.vocabulary import COUNTED_KINDS, Protection
from generator.statistics.absence import has_counts
from generator.statistics.disclosure.protection import COUNTRY_FROM, TOTAL_DIGITS
from generator.statistics.periods import Calendar
from generator.statistics.places import COUNTRY, Places

_FIGURES = tuple(
    column.name
    for column in OBSERVATIONS.columns
    if column.type.dtype == "float64" or column.name in ("submission", "note")
)
_STRICTEST = DisclosurePolicy()


def trace_result(
    release: Release,
    tables: ProtectedTables,
    code: str,
    metric_id: str,
    period: str,
    breakdown_id: str,
    *,
    policy: DisclosurePolicy = _STRICTEST,
) -> Trace:
    """Return the rows that one result was made from, with their places in the files.

    `tables` are the protected results of (at least) the metric, under this policy; they tell the latest
    period, for an empty `period`, and what is hidden. The cells of a hidden row are never part of the trace.

    Raises:
        CandourError: TRACE_UNKNOWN (2), where there is no such result.
    """
    results = tables.results
    own = results[_equals(results, "metric_id", metric_id) & _equals(results, "breakdown_id", breakdown_id)]
    if own.empty:
        raise _unknown(f'there is no metric "{metric_id}" with results for "{breakdown_id}"')
    calendar = Calendar.of(release.directory["periods"])
    period = period or _latest(own, calendar)
    found = own[_equals(own, "organisation_code", code) & _equals(own, "period", period)]
    if found.empty:
        raise _unknown(f'"{code}" has no result for {metric_id} in "{period}"')
    result = found.iloc[0]
    metric = release.directory.metrics[metric_id]
    rows, is_total = _rows_behind(release, metric, calendar, code, period, breakdown_id)
    hidden = own[_equals(own, "protection", Protection.HIDDEN) & _equals(own, "period", period)]
    is_hidden = str(result["protection"]) == Protection.HIDDEN
    hidden_codes = set(hidden["organisation_code"].astype(str))
    counted = has_counts(rows) if is_total else np.ones(len(rows), dtype=np.bool_)
    traced = tuple(
        _traced(release, row, bool(counts), is_hidden or row["organisation_code"] in hidden_codes)
        for row, counts in zip(rows.to_dict("records"), counted, strict=True)
    )
    files = sorted({row.file for row in traced})
    return Trace(
        release=release.directory.descriptor.release,
        metric_id=metric_id,
        organisation_code=code,
        breakdown_id=breakdown_id,
        period=period,
        is_total=is_total,
        is_hidden=is_hidden,
        formula=_formula(metric, is_total, _rounding(release, tables, result, policy)),
        rows=traced,
        digests=tuple((file.path, file.sha256) for file in release.files if file.path in files),
    )


def only_metric(release: Release, metric_id: str) -> Release:
    """Return the release with the observations of one metric."""
    observations = release.observations
    chosen = _equals(observations, "metric_id", metric_id)
    return replace(release, observations=observations[chosen].reset_index(drop=True))


def _rows_behind(
    release: Release, metric: Metric, calendar: Calendar, code: str, period: str, breakdown_id: str
) -> tuple[pd.DataFrame, bool]:
    observations = release.observations
    of_metric = observations[
        _equals(observations, "metric_id", metric.metric_id)
        & _equals(observations, "breakdown_id", breakdown_id)
        & _equals(observations, "period", period)
    ]
    own = of_metric[_equals(of_metric, "organisation_code", code)]
    places = Places.of(release.directory)
    number = int(places.codes.get_indexer(pd.Index([code]))[0])
    if len(own) or not places.is_group[number] or metric.kind not in COUNTED_KINDS:
        return own, False
    place = list(calendar.names).index(period)
    start, end = calendar.start[place], calendar.end[place]
    members = places.on(end).members[:, int(np.searchsorted(places.groups, number))].toarray().ravel() > 0
    taken = members & places.is_open_between(start, end) & (places.kind == metric.applies_to)
    codes = set(places.codes[taken])
    return of_metric[of_metric["organisation_code"].isin(codes).to_numpy()], True


def _traced(release: Release, row: dict[Any, Any], counted: bool, is_hidden: bool) -> TracedRow:
    cells = () if is_hidden else tuple((name, _cell(row[name])) for name in _FIGURES if _cell(row[name]))
    return TracedRow(
        file=release.files[int(row[SOURCE_FILE])].path,
        row=int(row[SOURCE_ROW]),
        organisation_code=str(row["organisation_code"]),
        period=str(row["period"]),
        counted=counted,
        absence=str(row["absence"]),
        cells=cells,
    )


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _formula(metric: Metric, is_total: bool, rounding: str) -> str:
    if metric.kind not in COUNTED_KINDS:
        return "value = what the row says"
    times = f"* {metric.multiplier:g}"
    formula = (
        f"value = sum of numerators {times} / sum of denominators, over the rows that were reported"
        if is_total
        else f"value = numerator {times} / denominator"
    )
    if rounding:
        return f"{formula}; to protect patients the counts are first rounded to {rounding}"
    return formula if is_total else f"{formula}, unless the row supplies it"


def _rounding(release: Release, tables: ProtectedTables, result: pd.Series, policy: DisclosurePolicy) -> str:
    """Return to what the counts of a result were rounded, empty where they were not."""
    if str(result["protection"]) != Protection.ROUNDED:
        return ""
    code = str(result["organisation_code"])
    organisations, groups = release.directory["organisations"], tables.metric_periods
    kind = organisations.loc[_equals(organisations, "organisation_code", code), "kind"].iloc[0]
    same = _equals(groups, "group_code", code)
    for name in ("metric_id", "breakdown_id", "period"):
        same = same & _equals(groups, name, result[name])
    if kind == COUNTRY and (groups["reported"][same] >= COUNTRY_FROM).any():
        return f"{TOTAL_DIGITS} significant digits at most"
    return f"the nearest {policy.round_to}"


def _equals(table: pd.DataFrame, column: str, value: str) -> Any:
    return (table[column] == value).to_numpy(dtype=bool)


def _latest(results: pd.DataFrame, calendar: Calendar) -> str:
    shown = set(results.loc[results["value"].notna().to_numpy(), "period"].astype(str)) or set(
        results["period"].astype(str)
    )
    return max(shown, key=list(calendar.names).index)


def _unknown(reason: str) -> CandourError:
    return CandourError(
        "TRACE_UNKNOWN",
        reason,
        "Codes, metrics and periods are those of the page's address and tables.",
        ExitStatus.USAGE,
    )
