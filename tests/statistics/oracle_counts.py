"""Counts, for the slow rules: who has reported, totals, and what disclosure control does to a row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from generator.model.policy import DisclosurePolicy, Rule
from tests.statistics.oracle_methods import COUNTED, is_of_nobody

Row = dict[str, Any]

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
COUNTS = ("numerator", "denominator", "base", "effective_base", "excluded")
WHOLE_COUNTRY = 50
"""From so many reporting organisations a country is shown by its digits, whatever its counts."""


@dataclass(frozen=True)
class Sacrifice:
    """What the gate gave up of one row so that hidden counts stay hidden: its choice, not a rule."""

    hidden: bool = False
    excluded: bool = False
    digits: int = 4
    """Significant digits that are left of a whole country's counts."""


def is_reported(row: Row, metric: Row) -> bool:
    if row["absence"]:
        return bool(row["absence"] == "zero_denominator")
    if row["value"] is not None or is_of_nobody(row):
        return True
    if metric["kind"] == "count":
        return row["numerator"] is not None
    return metric["kind"] in (*COUNTED, "mean") and has_counts(row)


def has_counts(row: Row) -> bool:
    return not row["absence"] and None not in (row["numerator"], row["denominator"])


def shows_counts(row: Row) -> bool:
    """Tell whether a reader sees both counts of a row, 0 of 0 included."""
    return None not in (row["numerator"], row["denominator"])


def add_up(rows: list[Row]) -> Row:
    """Return the sums of the counts of rows, and the effective base of them all."""
    total: Row = dict.fromkeys(FIGURES)
    for name in ("numerator", "denominator", "excluded", "base"):
        figures = [row[name] for row in rows]
        total[name] = None if None in figures else math.fsum(figures)
    if all(row["effective_base"] for row in rows):
        spread = math.fsum(row["denominator"] ** 2 / row["effective_base"] for row in rows)
        total["effective_base"] = total["denominator"] ** 2 / spread if spread else None
    return total


def total_of(own: dict[str, Row], reported: int, expected: int) -> Row | None:
    """Return the total of a group's rows, an absence where nobody has reported, None where neither is."""
    summed = [row for _, row in sorted(own.items()) if has_counts(row)]
    common = {"absence": "", "submission": "final", "note": "", "basis": "", "serves": False}
    if not summed:
        if not own or reported:
            return None
        words = {row["absence"] for row in own.values()}
        absence = words.pop() if len(words) == 1 and "" not in words else "not_stated"
        return {**dict.fromkeys(FIGURES), **common, "absence": absence}
    total = {**add_up(summed), **common, "serves": len(summed) >= 0.8 * expected}
    for word in ("revised", "provisional"):
        if any(row["submission"] == word for row in summed):
            total["submission"] = word
    return total


def is_dominated(own: dict[str, Row], metric: Row, policy: DisclosurePolicy) -> bool:
    """Tell whether a total over hidden counts is nearly all one organisation's."""
    summed = [row for row in own.values() if has_counts(row)]
    if not any(is_primary(row, metric, policy) for row in summed):
        return False
    for name in ("numerator", "denominator"):
        figures = [row[name] for row in summed]
        whole = math.fsum(figures)
        if (
            (name != "denominator" or metric["kind"] != "ratio")
            and whole > 0
            and max(figures) >= policy.dominance * whole
        ):
            return True
    return False


def is_of_people(row: Row, metric: Row, policy: DisclosurePolicy) -> bool:
    """Tell whether the rules for people apply to a row."""
    if metric["disclosure"] == "open" or policy.rule_for(metric["disclosure"]) is Rule.OPEN:
        return False
    denominator = row["denominator"]
    return metric["disclosure"] == "people" or denominator is None or denominator < policy.events_open_from


def completed(row: Row, metric: Row) -> tuple[float | None, float | None, float | None]:
    """Return numerator, denominator and share, a count that follows from value and the other filled in."""
    numerator, denominator, value = row["numerator"], row["denominator"], row["value"]
    kind, scale = metric["kind"], metric["multiplier"]
    if kind in COUNTED and value is not None:
        if numerator is None and denominator is not None:
            numerator = float(np.rint(value * denominator / scale))
        elif denominator is None and numerator is not None and value:
            denominator = float(np.rint(numerator * scale / value))
    if kind == "count" and numerator is None and value is not None:
        numerator = value / scale
    share = None
    if kind == "proportion":
        if numerator is not None and denominator:
            share = numerator / denominator
        elif value is not None and numerator is None:
            share = value / scale
    return numerator, denominator, share


def is_primary(row: Row, metric: Row, policy: DisclosurePolicy) -> bool:
    """Tell whether a row is hidden for its own size.

    Where all counts are rounded instead, those of whom a rounded figure would still tell are hidden.
    """
    if row["absence"] or not is_of_people(row, metric, policy):
        return False
    numerator, denominator, share = completed(row, metric)
    counts = []
    if policy.rule_for(metric["disclosure"]) is Rule.HIDE:
        counts = [numerator]
        if metric["kind"] != "ratio":
            counts.append(denominator)
        if metric["kind"] == "proportion" and numerator is not None and denominator is not None:
            counts.append(denominator - numerator)
    elif metric["kind"] == "mean":
        counts = [denominator]
    few_answers = row["base"] is not None and 0 < row["base"] < policy.minimum_base
    everyone_or_none = metric["kind"] == "proportion" and bool(metric["sensitive"]) and share in (0, 1)
    return any(is_small(count, policy) for count in counts) or few_answers or everyone_or_none


def is_excluded_hidden(row: Row, metric: Row, policy: DisclosurePolicy) -> bool:
    """Tell whether few excluded patients blank the exclusions of a row."""
    is_hiding = policy.rule_for(metric["disclosure"]) is Rule.HIDE and is_of_people(row, metric, policy)
    return is_hiding and is_small(row["excluded"], policy)


def protect(
    row: Row,
    metric: Row,
    policy: DisclosurePolicy,
    *,
    is_group_of_patients: bool,
    is_whole: bool,
    sacrifice: Sacrifice,
) -> Row:
    """Return the row as it may be shown; `is_whole` marks a country in which enough have reported."""
    row = _protected(row, metric, policy, is_whole=is_whole, sacrifice=sacrifice)
    if is_group_of_patients and row["protection"] == "rounded":
        row["excluded"] = None
    return row


def _protected(
    row: Row, metric: Row, policy: DisclosurePolicy, *, is_whole: bool, sacrifice: Sacrifice
) -> Row:
    row = {**row, "protection": "none"}
    if metric["disclosure"] == "open" or policy.rule_for(metric["disclosure"]) is Rule.OPEN:
        return row
    has_digits = any(letter.isdigit() for letter in row["note"])
    if row["absence"]:
        if has_digits and row["absence"] in ("failed_checks", "too_few", "suppressed_at_source"):
            row["note"] = ""
        return row
    if sacrifice.hidden or (not is_whole and is_primary(row, metric, policy)):
        return {
            **row,
            **dict.fromkeys(FIGURES),
            "absence": "suppressed",
            "protection": "hidden",
            "note": "" if has_digits else row["note"],
        }
    if is_whole:
        if metric["kind"] in COUNTED and None not in (row["numerator"], row["denominator"]):
            row["value"] = row["lower"] = row["upper"] = None
        for name in COUNTS:
            row[name] = significant(row[name], sacrifice.digits)
        if sacrifice.excluded:
            row["excluded"] = None
        return {**row, "protection": "rounded"}
    if not is_of_people(row, metric, policy):
        return {**row, "excluded": None} if sacrifice.excluded else row
    return _rounded(row, metric, policy, sacrifice)


def _rounded(row: Row, metric: Row, policy: DisclosurePolicy, sacrifice: Sacrifice) -> Row:
    kind = metric["kind"]
    numerator, _, _ = completed(row, metric)
    if kind == "count" or any(row[name] is not None for name in COUNTS):
        row["protection"] = "rounded"
    numbers = {float(word) for word in _numbers(row["note"])}
    if numbers & {row[name] for name in COUNTS if row[name] is not None}:
        row["note"] = ""
    if sacrifice.excluded or is_excluded_hidden(row, metric, policy):
        row["excluded"] = None
    if kind in COUNTED and None not in (row["numerator"], row["denominator"]):
        row["value"] = row["lower"] = row["upper"] = None
    if kind == "count":
        row["value"] = None if numerator is None else to_step(numerator, policy) * metric["multiplier"]
        row["lower"] = row["upper"] = None
    for name in COUNTS:
        if row[name] is not None and not (kind == "ratio" and name == "denominator"):
            row[name] = to_step(row[name], policy)
    return row


def _numbers(note: str) -> list[str]:
    text = "".join(letter if letter.isdigit() or letter in ".," else " " for letter in note).replace(",", "")
    return [word.strip(".") for word in text.split() if word.strip(".")]


def is_small(count: float | None, policy: DisclosurePolicy) -> bool:
    return count is not None and 0 < count < policy.hide_up_to + 1


def to_step(count: float, policy: DisclosurePolicy) -> float:
    """Return a count to the nearest step of the rounding, half-way up; a small one as one step."""
    step = policy.round_to
    return float(step if is_small(count, policy) else math.floor(count / step + 0.5) * step)


def significant(count: float | None, digits: int) -> float | None:
    if not count:
        return count
    exact = Decimal(repr(float(count)))
    step = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    return float((exact / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step)
