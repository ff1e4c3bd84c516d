"""Absence: a figure or a reason, never both and never neither."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.errors import Finding
from generator.loading.checks.registry import check
from generator.loading.draft import UNKNOWN, Draft, Observations
from generator.model.vocabulary import COUNTED_KINDS, Kind

NEEDS = ("metrics", "periods", "observations")


@check(
    "VAL_ABSENCE",
    title="A row without a figure says why",
    advice="Give the figure, or the reason in the absence column; a true zero is written 0.",
    needs=NEEDS,
)
def blanks_have_a_reason(draft: Draft) -> Iterator[Finding]:
    """Find the rows with neither a figure nor an absence, and those with half of the counts."""
    seen = draft.observations
    silent = seen.is_sound & (seen.definition != UNKNOWN) & ~_says_why(seen)
    value, numerator = ~np.isnan(seen.numbers("value")), ~np.isnan(seen.numbers("numerator"))
    denominator = ~np.isnan(seen.numbers("denominator"))
    counted, count = seen.of_kind(*COUNTED_KINDS), seen.of_kind(Kind.COUNT)
    has_figure = np.where(
        counted, value | (numerator & denominator), np.where(count, value | numerator, value)
    )
    for label, has_numerator, has_denominator, is_counted in zip(
        seen.labels[silent & ~has_figure].tolist(),
        numerator[silent & ~has_figure],
        denominator[silent & ~has_figure],
        counted[silent & ~has_figure],
        strict=True,
    ):
        column, reason = "absence", "neither a figure nor a reason for its absence"
        if is_counted and has_numerator != has_denominator:
            column = "denominator" if has_numerator else "numerator"
            reason = f"blank, although the {'numerator' if has_numerator else 'denominator'} is given"
        yield Finding("observations", label, column, reason)


@check(
    "VAL_ABSENCE",
    title="A row that says why it has no figure has none",
    advice="Take away the absence, or the figure.",
    needs=NEEDS,
)
def absent_rows_have_no_figure(draft: Draft) -> Iterator[Finding]:
    """Find the rows with an absence and a value, a limit, or a numerator over a denominator that is not 0."""
    seen = draft.observations
    is_absent = seen.is_sound & _says_why(seen)
    denominator = seen.numbers("denominator")
    for column in ("value", "lower", "upper", "numerator"):
        has_figure = is_absent & ~np.isnan(seen.numbers(column))
        if column == "numerator":
            has_figure &= denominator != 0
        for label in seen.labels[has_figure].tolist():
            yield Finding("observations", label, column, "a figure in a row that says it has none")


def _says_why(seen: Observations) -> NDArray[np.bool_]:
    return np.asarray((seen.frame["absence"] != "").to_numpy(), dtype=bool)
