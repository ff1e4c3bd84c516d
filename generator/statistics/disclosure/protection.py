"""Disclosure control: what might tell of a person is hidden and the rest rounded, before anything else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.policy import DisclosurePolicy, Rule
from generator.model.vocabulary import COUNTED_KINDS, Absence, DisclosureClass, Kind, Protection
from generator.statistics.absence import FIGURES
from generator.statistics.categories import choose, repeat, words_of
from generator.statistics.keys import Flags, Numbers, find_rows, keys_of
from generator.statistics.places import Places

TOTAL_DIGITS = 4
"""Significant digits to which the counts of a whole country are published."""
COUNTRY_FROM = 50
"""A country's total is one of a country, and not protected like an area's, from so many organisations on."""

PEOPLE_COUNTS = ("numerator", "denominator", "base", "effective_base", "excluded")

_DEFAULT = DisclosurePolicy()


def count_reporting(rows: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the column `reported`: how many organisations of an area or country reported.

    `groups` is that of `aggregation.Aggregates`; NaN in rows of organisations.
    """
    reported = np.full(len(rows), np.nan)
    place = find_rows(keys_of(rows), keys_of(groups))
    reported[place[place >= 0]] = groups["reported"].to_numpy(np.float64)[place >= 0]
    return rows.assign(reported=reported)


def hide_and_round(
    rows: pd.DataFrame, metric: Metric, places: Places, policy: DisclosurePolicy = _DEFAULT
) -> pd.DataFrame:
    """Return the rows of one metric as they may be shown, with the column protection.

    Hidden rows lose every figure and get the absence `suppressed`. In rounded rows a supplied value and
    interval go as well where they follow from the counts, because they would give the exact counts back; they
    are computed anew later. The rows have the column `reported` (`count_reporting`): only a country of which
    enough organisations reported is shown by significant digits. See docs/methods/disclosure.md.
    """
    rule = policy.rule_for(metric.disclosure)
    if rule is Rule.OPEN:
        return rows.assign(protection=repeat("protection", Protection.NONE, len(rows)))
    has_figures = (rows["absence"] == "").to_numpy()
    country = has_figures & is_whole_country(rows, places)
    treated = has_figures & ~country & is_of_people(rows, metric, policy)
    hidden = treated & _discloses(rows, metric, policy)
    is_count = metric.kind is Kind.COUNT
    stated = np.logical_or.reduce([~np.isnan(rows[name].to_numpy(np.float64)) for name in PEOPLE_COUNTS])
    rounded = treated & ~hidden & (is_count | stated)

    shown = _round_people(rows, metric, rounded, policy)
    if country.any():
        of_country = np.flatnonzero(country)
        for name in PEOPLE_COUNTS:
            shown[name] = shown[name].copy()
            shown[name][of_country] = round_to_digits(shown[name][of_country], TOTAL_DIGITS)
        if metric.kind in COUNTED_KINDS:
            # A supplied value with all its digits would give the exact counts back.
            follows = country & ~np.isnan(shown["numerator"]) & ~np.isnan(shown["denominator"])
            shown |= {name: np.where(follows, np.nan, shown[name]) for name in ("value", "lower", "upper")}
    protected = rows.assign(
        **{name: np.where(hidden, np.nan, figure) for name, figure in shown.items()},
        protection=choose(
            "protection",
            {Protection.HIDDEN: hidden, Protection.ROUNDED: rounded | country},
            otherwise=Protection.NONE,
        ),
        note=_clear_notes(rows, hidden, treated),
    )
    return protected.assign(absence=suppress(rows, hidden))


def is_whole_country(rows: pd.DataFrame, places: Places) -> Flags:
    """Tell which rows are totals of a whole country, shown by significant digits."""
    is_country: Flags = places.is_country[rows["organisation"].to_numpy(np.int64)]
    if not is_country.any() or "reported" not in rows.columns:
        return is_country
    return np.asarray(is_country & (rows["reported"].to_numpy(np.float64) >= COUNTRY_FROM))


def is_of_people(rows: pd.DataFrame, metric: Metric, policy: DisclosurePolicy) -> Flags:
    """Tell which rows the rules for people apply to; an event row of unknown size is one of them."""
    if metric.disclosure is DisclosureClass.PEOPLE:
        return np.ones(len(rows), dtype=np.bool_)
    return ~(rows["denominator"].to_numpy(np.float64) >= policy.events_open_from)


def is_small(count: Numbers, up_to: int) -> Flags:
    """Tell which counts are of 1 to so many people; weighted counts are small below the next whole number."""
    return np.asarray((count > 0) & (count < up_to + 1))


def round_counts(count: Numbers, policy: DisclosurePolicy) -> Numbers:
    """Return the counts rounded to the policy's step, half-way up; a small one is shown as one step."""
    step = policy.round_to
    rounded = np.floor(count / step + 0.5) * step
    return np.asarray(np.where(is_small(count, policy.hide_up_to), step, rounded))


def round_to_digits(count: Numbers, digits: Numbers | int) -> Numbers:
    """Return the counts rounded to so many significant digits; 0 and missing counts stay as they are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(count > 0, np.floor(np.log10(np.abs(count))), 0)
    step = 10.0 ** np.maximum(size - digits + 1, 0)
    finer = 10.0 ** np.maximum(digits - 1 - size, 0)
    return np.asarray(
        np.where(step > 1, np.floor(count / step + 0.5) * step, np.floor(count * finer + 0.5) / finer)
    )


def counts_of(rows: pd.DataFrame, metric: Metric) -> tuple[Numbers, Numbers, Numbers]:
    """Return numerator, denominator and base; a count that follows from the others is filled in."""
    numerator, denominator, base, value = (
        rows[name].to_numpy(np.float64) for name in ("numerator", "denominator", "base", "value")
    )
    if metric.kind in COUNTED_KINDS:
        partly = ~np.isnan(value) & (np.isnan(numerator) | np.isnan(denominator))
        if partly.any():
            with np.errstate(divide="ignore", invalid="ignore"):
                follows = np.rint(value * denominator / metric.multiplier)
                size = np.rint(numerator * metric.multiplier / value)
            numerator = np.where(np.isnan(numerator), follows, numerator)
            denominator = np.where(np.isnan(denominator) & np.isfinite(size), size, denominator)
    elif metric.kind is Kind.COUNT:
        numerator = np.where(np.isnan(numerator), value / metric.multiplier, numerator)
    return numerator, denominator, base


def suppress(rows: pd.DataFrame, hidden: Flags) -> pd.Categorical:
    """Return the column absence with `suppressed` in the rows that are hidden."""
    words = words_of("absence")
    suppressed = list(words.categories).index(Absence.SUPPRESSED)
    codes = np.where(hidden, suppressed, rows["absence"].cat.codes)
    return pd.Categorical.from_codes(codes, dtype=words)


def _discloses(rows: pd.DataFrame, metric: Metric, policy: DisclosurePolicy) -> Flags:
    """Tell which rows would tell of few people and are hidden under the policy's rule."""
    numerator, denominator, base = counts_of(rows, metric)
    discloses = (base > 0) & (base < policy.minimum_base)
    proportion = metric.kind is Kind.PROPORTION
    if policy.rule_for(metric.disclosure) is Rule.HIDE:
        discloses |= is_small(numerator, policy.hide_up_to)
        if metric.kind is not Kind.RATIO:
            # A ratio's denominator is what a model expects, not a count of people.
            discloses |= is_small(denominator, policy.hide_up_to)
        if proportion:
            discloses |= is_small(denominator - numerator, policy.hide_up_to)
    if metric.kind is Kind.MEAN:
        # A mean over few people is hidden under every rule: rounding leaves it as it is.
        discloses |= is_small(denominator, policy.hide_up_to)
    if proportion and metric.sensitive:
        value = rows["value"].to_numpy(np.float64)
        none, all_of_them = value == 0, value == metric.multiplier
        has_counts = (numerator >= 0) & (denominator > 0)
        discloses |= np.where(has_counts, (numerator == 0) | (numerator == denominator), none | all_of_them)
    return np.asarray(discloses)


def _round_people(
    rows: pd.DataFrame, metric: Metric, rounded: Flags, policy: DisclosurePolicy
) -> dict[str, Numbers]:
    """Return the figures with counts rounded, and without the supplied values that would give them back."""
    raw = {name: rows[name].to_numpy(np.float64) for name in FIGURES}
    shown = dict(raw)
    for name in PEOPLE_COUNTS:
        if name == "denominator" and metric.kind is Kind.RATIO:
            continue
        shown[name] = np.where(rounded, round_counts(raw[name], policy), raw[name])
    if policy.rule_for(metric.disclosure) is Rule.HIDE:
        # Few patients excluded are not shown; the result itself does not depend on them.
        few = rounded & is_small(raw["excluded"], policy.hide_up_to)
        shown["excluded"] = np.where(few, np.nan, shown["excluded"])
    if metric.kind in COUNTED_KINDS:
        follows = rounded & ~np.isnan(raw["numerator"]) & ~np.isnan(raw["denominator"])
        for name in ("value", "lower", "upper"):
            shown[name] = np.where(follows, np.nan, raw[name])
    elif metric.kind is Kind.COUNT:
        numerator, _, _ = counts_of(rows, metric)
        value = round_counts(numerator, policy) * metric.multiplier
        shown["value"] = np.where(rounded, value, raw["value"])
        shown |= {name: np.where(rounded, np.nan, raw[name]) for name in ("lower", "upper")}
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
