"""Rows that should be in a package and are in no file, written out with their absence."""

from __future__ import annotations

import pandas as pd

from generator.model.vocabulary import Absence

NOTE = "The publisher's file has no row for this organisation."
"""Stands in every row written here, so that a later import can tell them from the publisher's own."""

_KEY = ["metric_id", "organisation_code", "period"]


def is_written_out(observations: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows of OBSERVATIONS were written out here."""
    return observations["note"].eq(NOTE) & observations["absence"].eq(Absence.NOT_STATED.value)


def with_missing_rows(
    observations: pd.DataFrame, metrics: pd.DataFrame, organisations: pd.DataFrame, periods: pd.DataFrame
) -> tuple[pd.DataFrame, int]:
    """Return OBSERVATIONS with the rows that are expected and missing, sorted, and how many these are.

    Expected, in each period that a metric is reported for, are the organisations of the kind it applies to
    that are open on the period's last day by their dates; a blank date is no bound. A row that is there
    although its organisation was closed is data like any other. All tables are text.
    """
    used = observations[["metric_id", "period"]].drop_duplicates()
    used = used.merge(periods[["period", "end"]], on="period")
    used = used.merge(metrics[["metric_id", "applies_to"]].drop_duplicates("metric_id"), on="metric_id")
    candidates = pd.DataFrame(
        {
            "applies_to": organisations["kind"],
            "organisation_code": organisations["organisation_code"],
            "opened_on": organisations.get("opened_on", ""),
            "closed_on": organisations.get("closed_on", ""),
        }
    )
    # Who is open on a last day is found once, not once for each metric. ISO dates as text compare as dates.
    days = used[["end", "applies_to"]].drop_duplicates().merge(candidates, on="applies_to")
    has_opened = days["opened_on"] <= days["end"]
    has_closed = (days["closed_on"] != "") & (days["closed_on"] < days["end"])
    still_open = days.loc[has_opened & ~has_closed, ["end", "applies_to", "organisation_code"]]
    expected = used.merge(still_open, on=["end", "applies_to"])[_KEY]

    reported = expected.merge(observations[_KEY].drop_duplicates(), on=_KEY, how="left", indicator=True)
    missing = expected[(reported["_merge"] == "left_only").to_numpy()]
    rows = missing.assign(absence=Absence.NOT_STATED.value, note=NOTE)
    every = pd.concat([observations, rows.reindex(columns=observations.columns, fill_value="")])
    return every.sort_values(_KEY, ignore_index=True), len(rows)
