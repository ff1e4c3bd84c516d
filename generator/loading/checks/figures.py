"""Figures that cannot be: outside their range, or at odds with each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.errors import Finding, Severity
from generator.loading.checks.registry import check
from generator.loading.draft import UNKNOWN, Draft, Observations
from generator.model.vocabulary import COUNTED_KINDS, Kind

NEEDS = ("metrics", "periods", "observations")
MOST_DECIMALS = 10


@check(
    "VAL_RANGE",
    title="A proportion's numerator is not greater than its denominator",
    advice="Check whether the two columns were swapped in the source file.",
    needs=NEEDS,
)
def numerator_within_denominator(draft: Draft) -> Iterator[Finding]:
    """Find the rows of proportions whose numerator is greater than the denominator."""
    seen = draft.observations
    too_many = seen.of_kind(Kind.PROPORTION) & (seen.numbers("numerator") > seen.numbers("denominator"))
    yield from _findings(seen, too_many, "numerator", "greater than the denominator")


@check(
    "VAL_RANGE",
    title="Counts of events and people are not negative",
    advice="Check the cell against the source: a count cannot be negative.",
    needs=NEEDS,
)
def counts_are_not_negative(draft: Draft) -> Iterator[Finding]:
    """Find negative numerators and values of proportions, rates, ratios and counts."""
    seen = draft.observations
    counting = seen.of_kind(*COUNTED_KINDS, Kind.COUNT)
    for column in ("numerator", "value"):
        yield from _findings(seen, counting & (seen.numbers(column) < 0), column, "less than 0")


@check(
    "VAL_RANGE",
    title="A supplied value lies within the range of its metric",
    advice="Check the cell against the source, and range_low and range_high of the metric.",
    needs=NEEDS,
)
def values_are_within_range(draft: Draft) -> Iterator[Finding]:
    """Find values beyond range_low and range_high, proportions over the whole, statuses that are no level."""
    seen = draft.observations
    if not len(draft["metrics"]):
        return
    value = seen.numbers("value")
    known = seen.is_sound & (seen.definition != UNKNOWN)
    yield from _findings(
        seen, known & (value < seen.of_metric("range_low")), "value", "below the metric's range_low"
    )
    yield from _findings(
        seen, known & (value > seen.of_metric("range_high")), "value", "above the metric's range_high"
    )
    beyond = seen.of_kind(Kind.PROPORTION) & (value > seen.of_metric("multiplier") * (1 + RELATIVE_TOLERANCE))
    yield from _findings(seen, beyond, "value", "more than the whole")
    levels = np.array([len(text.split("|")) if text else 0 for text in draft["metrics"]["levels"]])
    no_level = seen.of_kind(Kind.STATUS) & ~np.isnan(value)
    no_level &= (value < 1) | (value > levels[seen.definition]) | (value != np.floor(value))
    yield from _findings(seen, no_level, "value", "no position in the metric's levels (the first is 1)")


@check(
    "VAL_ZERO_DENOMINATOR",
    title="A denominator of 0 gives no value",
    advice="Shown as not applicable; nothing needs to be done.",
    needs=NEEDS,
    severity=Severity.NOTE,
)
def denominators_of_zero(draft: Draft) -> Iterator[Finding]:
    """Note the rows of proportions, rates and ratios whose denominator is 0."""
    seen = draft.observations
    yield from _findings(
        seen,
        seen.of_kind(*COUNTED_KINDS) & (seen.numbers("denominator") == 0),
        "denominator",
        "0, so there is no value",
    )


@check(
    "VAL_INCONSISTENT",
    title="A supplied value agrees with its counts",
    advice="Check which of the three was changed; multiplier and unit of the metric may be wrong too.",
    needs=NEEDS,
)
def values_agree_with_counts(draft: Draft) -> Iterator[Finding]:
    """Find supplied values of proportions, rates and ratios that their counts do not give.

    A value may differ by half a unit of the last decimal that the source prints for the metric.
    """
    seen = draft.observations
    value, denominator = seen.numbers("value"), seen.numbers("denominator")
    both = seen.of_kind(*COUNTED_KINDS) & ~np.isnan(value) & (denominator > 0)
    places = np.flatnonzero(both & ~np.isnan(seen.numbers("numerator")))
    if not len(places):
        return
    expected = (
        seen.numbers("numerator")[places]
        * seen.of_metric("multiplier")[places].astype(float)
        / denominator[places]
    )
    supplied = value[places]
    decimals = np.zeros(len(draft["metrics"]), dtype=int)
    np.maximum.at(decimals, seen.definition[places], _decimals_of(supplied))
    half = 0.5 * 10.0 ** -decimals[seen.definition[places]]
    off = np.abs(supplied - expected) > half + RELATIVE_TOLERANCE * np.maximum(np.abs(expected), 1)
    yield from _findings(seen, _mask(seen, places[off]), "value", "not what numerator and denominator give")


@check(
    "VAL_INCONSISTENT",
    title="A supplied interval contains its value",
    advice="Check whether lower and upper were swapped, and whether all three have the same unit.",
    needs=NEEDS,
)
def intervals_contain_values(draft: Draft) -> Iterator[Finding]:
    """Find lower limits above the value or the upper limit, and upper limits below the value."""
    seen = draft.observations
    value, lower, upper = (seen.numbers(name) for name in ("value", "lower", "upper"))
    known = seen.is_sound & (seen.definition != UNKNOWN)
    yield from _findings(seen, known & (lower > value), "lower", "greater than the value")
    yield from _findings(seen, known & (upper < value), "upper", "less than the value")
    yield from _findings(seen, known & np.isnan(value) & (lower > upper), "lower", "greater than upper")


def _findings(seen: Observations, faulty: NDArray[np.bool_], column: str, reason: str) -> Iterator[Finding]:
    for label in seen.labels[faulty].tolist():
        yield Finding("observations", label, column, reason)


def _mask(seen: Observations, places: NDArray[np.int64]) -> NDArray[np.bool_]:
    mask = np.zeros(len(seen.frame), dtype=bool)
    mask[places] = True
    return mask


def _decimals_of(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many decimals each value needs to be printed."""
    decimals = np.full(len(values), MOST_DECIMALS)
    for places in range(MOST_DECIMALS - 1, -1, -1):
        decimals[np.round(values, places) == values] = places
    return decimals


RELATIVE_TOLERANCE = 1e-9
