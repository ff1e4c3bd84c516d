"""Periods: known, in order, past, and each time once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from generator.errors import Finding
from generator.loading.checks.registry import check
from generator.loading.draft import UNKNOWN, Draft
from generator.model.tables import INPUT_TABLES
from generator.model.vocabulary import Frequency

OVERLAPPING = (Frequency.ROLLING_YEAR, Frequency.MULTI_YEAR)
"""Frequencies whose periods overlap by nature."""

SPANS = (
    ("metrics", "valid_from", "valid_to"),
    ("organisations", "opened_on", "closed_on"),
    ("memberships", "from", "to"),
    ("periods", "start", "end"),
    ("provisions", "from", "to"),
    ("targets", "from", "to"),
    ("deadlines", "opens", "closes"),
)
"""Columns that hold the first and last day of something."""


@check(
    "VAL_PERIOD",
    title="Every period that a row names is listed in `periods`",
    advice="List the period with its dates in `periods`, or correct its name.",
    needs=("periods",),
)
def periods_are_known(draft: Draft) -> Iterator[Finding]:
    """Find the cells that name a period which is not listed."""
    known = set(draft["periods"]["period"])
    for name, column in _naming_periods():
        frame = draft[name]
        unknown = [text for text in frame[column].unique().tolist() if text and text not in known]
        if unknown:
            rows = frame[column].isin(unknown).to_numpy() & ~draft.is_faulty(name, column)
            for label in frame.index[rows].tolist():
                yield Finding(name, label, column, "not listed in periods")


@check(
    "VAL_PERIOD",
    title="Nothing ends before it starts",
    advice="Check the two dates; they may have been swapped.",
)
def spans_are_in_order(draft: Draft) -> Iterator[Finding]:
    """Find the rows whose last day lies before the first."""
    for name, first, last in SPANS:
        frame = draft[name]
        for label in frame.index[frame[last] < frame[first]]:
            yield Finding(name, label, last, f"before {first}")


@check(
    "VAL_PERIOD",
    title="Figures describe the time before they are published",
    advice="Check the period's dates, and publication_date in datapackage.json.",
    needs=("periods", "observations"),
)
def periods_are_past(draft: Draft) -> Iterator[Finding]:
    """Find the periods with observations that end after the day of publication."""
    if draft.descriptor is None:
        return
    periods = draft["periods"]
    used = periods["period"].isin(draft["observations"]["period"].unique())
    late = periods["end"] > pd.Timestamp(draft.descriptor.publication_date)
    for label in periods.index[used & late]:
        yield Finding(
            "periods", label, "end", f"after the publication on {draft.descriptor.publication_date}"
        )


@check(
    "VAL_PERIOD",
    title="No two periods describe the same time, and each is used",
    advice="Keep one of them and use its name everywhere.",
    needs=("periods", *(name for name in INPUT_TABLES if name != "periods")),
)
def periods_are_distinct_and_used(draft: Draft) -> Iterator[Finding]:
    """Find periods of the dates and frequency of another one, and periods that no row names."""
    periods = draft["periods"]
    span = ["start", "end", "frequency"]
    repeated = periods.duplicated(span) & periods["end"].notna() & ~periods.duplicated("period")
    for label in periods.index[repeated]:
        same = (periods[span] == periods.loc[label, span]).all(axis=1)
        first = int(periods.index[same][0])
        yield Finding("periods", label, "period", "the same dates as another period", other_rows=(first,))
    used: set[str] = set()
    for name, column in _naming_periods():
        used.update(draft[name][column].unique().tolist())
    for label, period in periods["period"].items():
        if period not in used:
            yield Finding("periods", int(str(label)), "period", "no row of any table is about this period")


@check(
    "VAL_PERIOD",
    title="The periods of a metric do not overlap, unless it is rolling or covers several years",
    advice="Say that the metric is rolling, or keep one kind of period for it.",
    needs=("periods", "metrics", "observations"),
)
def periods_do_not_overlap(draft: Draft) -> Iterator[Finding]:
    """Find the periods of one metric that share days."""
    periods, metrics, seen = draft["periods"], draft["metrics"], draft.observations
    rolling = metrics["rolling"].fillna(value=False).astype(bool) | metrics["frequency"].isin(
        [str(word) for word in OVERLAPPING]
    )
    overlapping = set(metrics.loc[rolling, "metric_id"])
    is_plain = ~periods["frequency"].isin([str(word) for word in OVERLAPPING]).to_numpy()
    starts, ends = periods["start"].to_numpy(), periods["end"].to_numpy()
    is_used = np.zeros((len(seen.metric_ids), len(periods)), dtype=bool)
    known = (seen.metric != UNKNOWN) & (seen.period != UNKNOWN)
    is_used[seen.metric[known], seen.period[known]] = True
    for position, metric_id in enumerate(seen.metric_ids):
        if metric_id in overlapping:
            continue
        used = np.flatnonzero(is_used[position] & is_plain)
        used = used[np.lexsort((starts[used], ends[used]))]
        for one, two in pairwise(used.tolist()):
            if starts[two] <= ends[one]:
                reason = f"shares days with another period of {metric_id}, which is not rolling"
                labels = periods.index
                yield Finding("periods", int(labels[two]), "start", reason, other_rows=(int(labels[one]),))


def _naming_periods() -> Iterator[tuple[str, str]]:
    for name, table in INPUT_TABLES.items():
        for reference in table.references:
            if reference.table == "periods":
                yield name, reference.column
