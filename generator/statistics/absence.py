"""Why a figure is missing: rows that were never sent, blanks without a reason, denominators of nought."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import COUNTED_KINDS, Absence, Kind, Submission
from generator.statistics.categories import choose, from_codes, numbers_of, repeat
from generator.statistics.keys import Flags, find_rows, key_of, keys_of
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

FIGURES = (
    "numerator",
    "denominator",
    "base",
    "effective_base",
    "standard_deviation",
    "excluded",
    "value",
    "lower",
    "upper",
)
"""The columns of OBSERVATIONS that hold figures."""


def add_missing_rows(
    rows: pd.DataFrame, metric: Metric, everyone: int, places: Places, calendar: Calendar, reason: str
) -> pd.DataFrame:
    """Return the rows of a metric with one for each organisation that should have reported and has none.

    Only for all patients (breakdown number `everyone`), only in periods that the metric has rows for, and
    only where the package states what a missing row stands for; otherwise the rows are returned as they are.
    """
    if not reason:
        return rows
    keys = np.sort(keys_of(rows))
    parts = [rows]
    for period in np.unique(rows["period"]):
        organisation = np.flatnonzero(places.is_expected(metric, calendar.end[period]))
        wanted = key_of(
            organisation, np.full_like(organisation, everyone), np.full_like(organisation, period)
        )
        organisation = organisation[find_rows(keys, wanted) < 0]
        if len(organisation):
            parts.append(absent_rows(organisation, everyone, int(period), reason))
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else rows


def absent_rows(organisation: np.ndarray, breakdown: int, period: int, reason: str) -> pd.DataFrame:
    """Return rows without figures for these organisations."""
    count = len(organisation)
    return pd.DataFrame(
        {
            "organisation": organisation,
            "breakdown": np.full(count, breakdown, dtype=np.int64),
            "period": np.full(count, period, dtype=np.int64),
            **{name: np.full(count, np.nan) for name in FIGURES},
            "absence": repeat("absence", reason, count),
            "submission": repeat("submission", Submission.FINAL, count),
            "note": pd.Series("", index=range(count), dtype="str"),
            "basis": repeat("basis", "", count),
        }
    )


def has_counts(rows: pd.DataFrame) -> Flags:
    """Tell which rows have both numerator and denominator and no absence."""
    return is_known(rows, "numerator") & is_known(rows, "denominator") & is_absent(rows, "")


def is_known(rows: pd.DataFrame, figure: str) -> Flags:
    """Tell which rows have a figure."""
    return np.asarray(~np.isnan(rows[figure].to_numpy(np.float64)))


def is_absent(rows: pd.DataFrame, word: str) -> Flags:
    """Tell which rows have this absence; "" stands for none."""
    return np.asarray(rows["absence"].cat.codes.to_numpy() == numbers_of("absence")[word])


def is_reported(rows: pd.DataFrame, metric: Metric) -> Flags:
    """Tell which rows are reported: those from which a value follows, and those with a denominator of 0."""
    figure = is_known(rows, "value") | _nobody_to_count(rows)
    if metric.kind in (*COUNTED_KINDS, Kind.MEAN):
        figure |= is_known(rows, "numerator") & is_known(rows, "denominator")
    elif metric.kind is Kind.COUNT:
        figure |= is_known(rows, "numerator")
    return (is_absent(rows, "") & figure) | is_absent(rows, Absence.ZERO_DENOMINATOR)


def clear_absent(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows without figures where an absence is stated: the two exclude each other."""
    absent = np.flatnonzero(~is_absent(rows, ""))
    if not any(is_known(rows, name)[absent].any() for name in FIGURES):
        return rows
    return rows.assign(**{name: rows[name].mask(~is_absent(rows, "")) for name in FIGURES})


def add_absences(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with an absence wherever there is no value.

    A denominator of 0 is `zero_denominator`; a blank for which the source gives no reason is `not_stated`.
    """
    blank = ~is_known(rows, "value") & is_absent(rows, "")
    if not blank.any():
        return rows
    nobody = _nobody_to_count(rows)
    found = choose("absence", {Absence.ZERO_DENOMINATOR: nobody}, otherwise=Absence.NOT_STATED)
    codes = np.where(blank, found.codes, rows["absence"].cat.codes.to_numpy())
    return rows.assign(absence=from_codes("absence", codes))


def _nobody_to_count(rows: pd.DataFrame) -> Flags:
    """Tell which rows have a denominator of 0, or no denominator and no respondents."""
    denominator, base = (rows[name].to_numpy(np.float64) for name in ("denominator", "base"))
    return np.asarray((denominator == 0) | (np.isnan(denominator) & (base == 0)))
