"""Expected rows: whoever should report a metric in a period has a row, if only to say that they did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.errors import Finding
from generator.loading.checks.registry import check
from generator.loading.draft import UNKNOWN, Draft
from generator.model.release import SOURCE_FILE, SOURCE_ROW
from generator.model.tables import ALL_PATIENTS, OBSERVATION_KEY
from generator.model.vocabulary import Frequency, Status

NEEDS = ("metrics", "organisations", "periods", "observations", "provisions", "kinds")
REGULAR = (Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR)
"""Frequencies whose periods follow each other without a gap."""
NO_ROW = 0
"""SOURCE_ROW of a row that no file holds: it stands for the descriptor's `missing_rows`."""


@dataclass(frozen=True)
class MissingRows:
    """The rows that one metric lacks, as positions in ORGANISATIONS and PERIODS."""

    metric_id: str
    organisations: NDArray[np.int64]
    periods: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    """Label of a row of the same metric and organisation in another period; UNKNOWN where there is none."""
    empty_periods: NDArray[np.int64]
    """Periods between others for which the metric has no row at all."""


@check(
    "VAL_MISSING_ROW",
    title="Every organisation that should report a metric has a row for it",
    advice="Add the row with a reason in its absence column, or name one in the descriptor's missing_rows.",
    needs=NEEDS,
)
def expected_rows_are_there(draft: Draft) -> Iterator[Finding]:
    """Find the organisations open on a period's last day that have no row for a metric of their kind.

    A metric is expected in the periods in which anyone reports it, and in those between them.
    """
    if draft.descriptor is None or draft.descriptor.missing_rows:
        return
    # A row whose key could not be read would be missed a second time.
    if draft.is_faulty("observations", *OBSERVATION_KEY).any():
        return
    codes, periods = draft["organisations"]["organisation_code"].tolist(), draft["periods"]["period"].tolist()
    given = draft.given["observations"]
    rows, files = given[SOURCE_ROW].to_numpy(), given[SOURCE_FILE].to_numpy()
    for missing in find_missing_rows(draft):
        for period in missing.empty_periods.tolist():
            reason = (
                f"no row at all for {missing.metric_id} in {periods[period]}, between periods that have rows"
            )
            yield Finding("observations", None, "period", reason)
        for organisation, period, neighbour in zip(
            missing.organisations.tolist(), missing.periods.tolist(), missing.neighbours.tolist(), strict=True
        ):
            if period in missing.empty_periods:
                continue
            reason = f"no row for {missing.metric_id}, {codes[organisation]}, {periods[period]}"
            if neighbour != UNKNOWN:
                path = draft.files[files[neighbour]].path
                reason += f"; its row for another period is {path}, row {rows[neighbour]}"
            yield Finding("observations", None, ", ".join(OBSERVATION_KEY), reason)


def find_missing_rows(draft: Draft) -> Iterator[MissingRows]:
    """Yield, metric by metric, the expected rows that are not there."""
    seen = draft.observations
    organisations, periods = draft["organisations"], draft["periods"]
    if not len(organisations) or not len(periods) or not len(seen.frame):
        return
    is_open = _open_on_last_day(organisations, periods)
    known = (seen.metric != UNKNOWN) & (seen.organisation != UNKNOWN) & (seen.period != UNKNOWN)
    known &= (seen.frame["breakdown_id"] == ALL_PATIENTS).to_numpy()
    places = np.flatnonzero(known)
    places = places[np.argsort(seen.metric[places], kind="stable")]
    begins = np.searchsorted(seen.metric[places], np.arange(len(seen.metric_ids) + 1))
    metrics = draft["metrics"].drop_duplicates("metric_id").set_index("metric_id")
    is_rolling = metrics["rolling"].fillna(value=False)
    kinds = organisations["kind"].to_numpy()
    for position, metric_id in enumerate(seen.metric_ids):
        mine = places[begins[position] : begins[position + 1]]
        if not len(mine):
            continue
        label = np.full(is_open.shape, UNKNOWN, dtype=np.int64)
        label[seen.organisation[mine], seen.period[mine]] = seen.labels[mine]
        is_mine = kinds == metrics.at[metric_id, "applies_to"]
        is_present = label != UNKNOWN
        is_used = is_present[is_mine].any(axis=0)
        is_empty = _between(is_used, periods, rolling=bool(is_rolling.at[metric_id]))
        is_expected = is_open & is_mine[:, None] & (is_used | is_empty) & (seen.version[position] != UNKNOWN)
        service = metrics.at[metric_id, "service_id"]
        if service:
            is_expected &= _provides(
                draft, str(service), site=str(metrics.at[metric_id, "applies_to"]) == "site"
            )
        who, when = np.nonzero(is_expected & ~is_present)
        neighbours = label.max(axis=1)[who]
        yield MissingRows(
            metric_id, who, when, neighbours, np.flatnonzero(is_empty & is_expected.any(axis=0))
        )


def rows_standing_for_absence(draft: Draft) -> pd.DataFrame:
    """Return OBSERVATIONS for the missing expected rows, with the absence that `missing_rows` names."""
    seen = draft.observations
    codes = draft["organisations"]["organisation_code"].to_numpy()
    periods = draft["periods"]["period"].to_numpy()
    frames = [
        pd.DataFrame(
            {
                "metric_id": missing.metric_id,
                "organisation_code": codes[missing.organisations],
                "period": periods[missing.periods],
            }
        )
        for missing in find_missing_rows(draft)
    ]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    blank = seen.frame.iloc[:0].reindex(range(len(rows)))
    assert draft.descriptor is not None, "only a release without errors is filled up"
    return blank.assign(
        **{name: rows[name] for name in rows.columns},
        breakdown_id=ALL_PATIENTS,
        absence=draft.descriptor.missing_rows,
        basis="national",
        submission="final",
        note="",
        **{SOURCE_FILE: seen.frame[SOURCE_FILE].iloc[0], SOURCE_ROW: NO_ROW},
    )


def _open_on_last_day(organisations: pd.DataFrame, periods: pd.DataFrame) -> NDArray[np.bool_]:
    """Return whether each organisation (row) was open on the last day of each period (column).

    One that is closed or merged on a day that is not known is expected nowhere.
    """
    ends = periods["end"].to_numpy()[None, :]
    opened, closed = (organisations[name].to_numpy()[:, None] for name in ("opened_on", "closed_on"))
    still = (organisations["status"] == Status.OPEN).to_numpy()[:, None]
    return np.asarray(~(opened > ends) & np.where(np.isnat(closed), still, closed >= ends))


def _between(is_used: NDArray[np.bool_], periods: pd.DataFrame, *, rolling: bool) -> NDArray[np.bool_]:
    """Return the unused periods between used ones that have their frequency and share no day with them."""
    is_between = np.zeros(len(is_used), dtype=bool)
    frequencies = set(periods["frequency"].to_numpy()[is_used])
    if rolling or len(frequencies) != 1 or not frequencies <= {str(word) for word in REGULAR}:
        return is_between
    starts, ends = periods["start"].to_numpy(), periods["end"].to_numpy()
    candidates = ~is_used & (periods["frequency"] == frequencies.pop()).to_numpy()
    candidates &= (ends > ends[is_used].min()) & (ends < ends[is_used].max())
    for place in np.flatnonzero(candidates):
        shares = (starts[is_used] <= ends[place]) & (starts[place] <= ends[is_used])
        is_between[place] = not shares.any()
    return is_between


def _provides(draft: Draft, service: str, *, site: bool) -> NDArray[np.bool_]:
    """Return whether each organisation (row) provides the service on the last day of each period (column)."""
    organisations, periods, provisions = draft["organisations"], draft["periods"], draft["provisions"]
    ends = periods["end"].to_numpy()
    place = {code: position for position, code in enumerate(organisations["organisation_code"])}
    provides = np.zeros((len(organisations), len(periods)), dtype=bool)
    mine = provisions[provisions["service_id"] == service]
    columns = (mine["site_code" if site else "organisation_code"], mine["from"], mine["to"])
    for code, first, last in zip(*columns, strict=True):
        if code in place:
            holds = np.ones(len(ends), dtype=bool)
            if not pd.isna(first):
                holds &= ends >= first.to_datetime64()
            if not pd.isna(last):
                holds &= ends <= last.to_datetime64()
            provides[place[code]] |= holds
    return provides
