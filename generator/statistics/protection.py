"""Disclosure control: what might tell of a person is hidden, the rest rounded, before anything else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.release import ProtectedTables
from generator.model.vocabulary import COUNTED_KINDS, Absence, DisclosureClass, Kind, Protection
from generator.statistics.absence import FIGURES
from generator.statistics.categories import choose, repeat, words_of
from generator.statistics.keys import Flags, Numbers
from generator.statistics.places import Places

HIDDEN_BELOW = 8
"""Counts of people from 1 to 7 are hidden; 0 is shown."""
ROUNDED_TO = 5
BASE_FROM = 10
"""A survey result on fewer respondents is hidden."""
EVENTS_OPEN_FROM = 1000
"""A metric of class `events` is open where its denominator has at least this many persons."""
TOTAL_DIGITS = 4
"""Significant digits to which the counts of a whole country are published."""

PEOPLE_COUNTS = ("numerator", "denominator", "base", "effective_base", "excluded")


def hide_and_round(rows: pd.DataFrame, metric: Metric, places: Places) -> pd.DataFrame:
    """Return the rows of one metric as they may be shown, with the column protection.

    Hidden rows lose every figure and get the absence `suppressed`. In rounded rows a supplied value and
    interval go as well where they follow from the counts, because they would give the exact counts back; they
    are computed anew later. See docs/methods/disclosure.md.
    """
    if metric.disclosure is DisclosureClass.OPEN:
        return rows.assign(protection=repeat("protection", Protection.NONE, len(rows)))
    is_country = places.is_country[rows["organisation"]]
    has_figures = (rows["absence"] == "").to_numpy()
    treated = has_figures & ~is_country & _is_of_people(rows, metric)
    hidden = treated & _discloses(rows, metric)
    rounded = treated & ~hidden & rows[list(PEOPLE_COUNTS)].notna().any(axis=1).to_numpy()
    if metric.kind is Kind.COUNT:
        rounded = treated & ~hidden
    country = has_figures & is_country

    shown = _round_people(rows, metric, rounded)
    for name in PEOPLE_COUNTS:
        figure = shown[name].to_numpy()
        shown[name] = np.where(country, round_to_digits(figure, TOTAL_DIGITS), figure)
    for name in FIGURES:
        shown[name] = shown[name].mask(hidden)
    suppressed = repeat("absence", Absence.SUPPRESSED, len(rows)).codes
    absence = np.where(hidden, suppressed, rows["absence"].cat.codes)
    return shown.assign(
        absence=pd.Categorical.from_codes(absence, dtype=words_of("absence")),
        protection=choose(
            "protection",
            {Protection.HIDDEN: hidden, Protection.ROUNDED: rounded | country},
            otherwise=Protection.NONE,
        ),
        note=_clear_notes(rows, hidden, treated),
    )


def hide_secondary(rows: pd.DataFrame, earlier: tuple[ProtectedTables, ...]) -> pd.DataFrame:  # noqa: ARG001 - compared with when this step is built
    """Return the rows with those hidden too from which a hidden one could be worked out.

    Not built yet: nothing more is hidden. It will look at totals, at breakdowns and at earlier releases.
    """
    return rows


def is_small(count: Numbers) -> Flags:
    """Tell which counts are of 1 to 7 people; weighted counts are small below 8."""
    return np.asarray((count > 0) & (count < HIDDEN_BELOW))


def round_to_five(count: Numbers) -> Numbers:
    """Return the counts rounded to the nearest 5; half-way goes up."""
    return np.asarray(np.floor(count / ROUNDED_TO + 0.5) * ROUNDED_TO)


def round_to_digits(count: Numbers, digits: int) -> Numbers:
    """Return the counts rounded to so many significant digits; 0 and missing counts stay as they are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(count > 0, np.floor(np.log10(np.abs(count))), 0)
    step = 10.0 ** np.maximum(size - digits + 1, 0)
    finer = 10.0 ** np.maximum(digits - 1 - size, 0)
    return np.asarray(
        np.where(step > 1, np.floor(count / step + 0.5) * step, np.floor(count * finer + 0.5) / finer)
    )


def _is_of_people(rows: pd.DataFrame, metric: Metric) -> Flags:
    """Tell which rows the rules for people apply to; an event row of unknown size is one of them."""
    if metric.disclosure is DisclosureClass.PEOPLE:
        return np.ones(len(rows), dtype=np.bool_)
    return ~(rows["denominator"] >= EVENTS_OPEN_FROM).to_numpy()


def _discloses(rows: pd.DataFrame, metric: Metric) -> Flags:
    """Tell which rows would tell of few people."""
    numerator, denominator, base = _counts(rows, metric)
    discloses = is_small(numerator) | ((base > 0) & (base < BASE_FROM))
    if metric.kind is not Kind.RATIO:
        # A ratio's denominator is what a model expects, not a count of people.
        discloses |= is_small(denominator)
    if metric.kind is Kind.PROPORTION:
        discloses |= is_small(denominator - numerator)
        if metric.sensitive:
            value = rows["value"].to_numpy(np.float64)
            none, all_of_them = value == 0, value == metric.multiplier
            has_counts = (numerator >= 0) & (denominator > 0)
            discloses |= np.where(
                has_counts, (numerator == 0) | (numerator == denominator), none | all_of_them
            )
    return np.asarray(discloses)


def _counts(rows: pd.DataFrame, metric: Metric) -> tuple[Numbers, Numbers, Numbers]:
    """Return numerator, denominator and base; a count that follows from the others is filled in."""
    numerator, denominator, base, value = (
        rows[name].to_numpy(np.float64) for name in ("numerator", "denominator", "base", "value")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        if metric.kind in COUNTED_KINDS:
            follows = np.rint(value * denominator / metric.multiplier)
            size = np.rint(numerator * metric.multiplier / value)
            numerator = np.where(np.isnan(numerator), follows, numerator)
            denominator = np.where(np.isnan(denominator) & np.isfinite(size), size, denominator)
        elif metric.kind is Kind.COUNT:
            numerator = np.where(np.isnan(numerator), value / metric.multiplier, numerator)
    return numerator, denominator, base


def _round_people(rows: pd.DataFrame, metric: Metric, rounded: Flags) -> pd.DataFrame:
    """Return the rows with counts rounded, and without the supplied values that would give them back."""
    shown = rows.copy()
    for name in PEOPLE_COUNTS:
        if name == "denominator" and metric.kind is Kind.RATIO:
            continue
        figure = rows[name].to_numpy()
        shown[name] = np.where(rounded, round_to_five(figure), figure)
    # Few patients excluded are not shown; the result itself does not depend on them.
    shown["excluded"] = shown["excluded"].mask(rounded & is_small(rows["excluded"].to_numpy()))
    if metric.kind in COUNTED_KINDS:
        follows = rounded & rows["numerator"].notna().to_numpy() & rows["denominator"].notna().to_numpy()
        for name in ("value", "lower", "upper"):
            shown[name] = shown[name].mask(follows)
    elif metric.kind is Kind.COUNT:
        numerator, _, _ = _counts(rows, metric)
        shown["value"] = np.where(rounded, round_to_five(numerator) * metric.multiplier, rows["value"])
        shown["lower"], shown["upper"] = shown["lower"].mask(rounded), shown["upper"].mask(rounded)
    return shown


def _clear_notes(rows: pd.DataFrame, hidden: Flags, treated: Flags) -> pd.Series:
    """Return the notes without those that might give away a figure that is hidden, withheld or rounded."""
    note = rows["note"]
    with_digits = (note != "").to_numpy()
    if not with_digits.any():
        return note
    with_digits = note.str.contains(r"\d", regex=True).to_numpy(np.bool_)
    withheld = rows["absence"].isin([Absence.FAILED_CHECKS, Absence.TOO_FEW, Absence.SUPPRESSED_AT_SOURCE])
    return note.mask(
        with_digits & (hidden | withheld.to_numpy() | (treated & _names_a_count(rows, with_digits))), ""
    )


def _names_a_count(rows: pd.DataFrame, with_digits: Flags) -> Flags:
    """Tell which notes contain one of the row's own counts as a number."""
    numbers = (
        rows.loc[with_digits, "note"].str.replace(",", "").str.extractall(r"(\d+(?:\.\d+)?)")[0].astype(float)
    )
    row = numbers.index.get_level_values(0)
    named = pd.Series(data=False, index=rows.index)
    for name in PEOPLE_COUNTS:
        same = numbers.to_numpy() == rows.loc[row, name].to_numpy()
        named.loc[row[same]] = True
    return named.to_numpy()
