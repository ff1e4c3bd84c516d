"""How the two releases differ: what was provisional, late or wrong in the first, and right in the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.vocabulary import Absence, Frequency, Submission
from tools.demonstration.periods import FIRST_RELEASE, SECOND_RELEASE, Period, ReleasePlan, periods_of
from tools.demonstration.places import COUNTRY, SITES, TINY, TWO_SITES
from tools.demonstration.population import SEED
from tools.demonstration.surprises import leave_out

PROVISIONAL_METRICS = (
    "appointment-within-two-weeks",
    "days-to-appointment",
    "antibiotics",
    "cervical-screening",
    "emergency-four-hours",
    "cancer-treatment-62-days",
)
_SHARE_REVISED = 0.25
_REVISED_NOTE = "Replaces the provisional figure published on 14 May 2026."
_LATE_NOTE = "Received after the release of 14 May 2026."


@dataclass(frozen=True)
class Late:
    """Figures of one organisation that came too late for a release."""

    release: str
    code: str
    metrics: tuple[str, ...]
    period: str


@dataclass(frozen=True)
class Correction:
    """A figure that was wrong in the first release, and is right in the second."""

    metric_id: str
    code: str
    period: str
    column: str
    factor: float
    """What was published, as a multiple of what is right."""
    note: str


_RECORDS = (
    "medicines-without-stomach-protection",
    "blood-pressure-controlled",
    "dementia-review",
)
LATE = (
    Late("2026-q1", "ZD0014", _RECORDS, "2026-q1"),
    Late("2026-q1", "ZD0047", (*_RECORDS, "cervical-screening"), "2026-q1"),
    Late("2026-q1", "ZP5", ("falls-in-hospital", "friends-and-family"), "2026-q1"),
    Late("2026-q2", "ZD0031", _RECORDS, "2026-q2"),
    Late("2026-q2", "ZD0059", (*_RECORDS, "safeguarding-training"), "2026-q2"),
    Late("2026-q2", "ZD0022", ("learning-disability-health-check", "diabetes-eight-checks"), "2025-26"),
    Late("2026-q2", "ZP9", ("falls-in-hospital", "newborn-temperature"), "2026-q2"),
)
CORRECTIONS = (
    Correction(
        "cervical-screening",
        "ZD0030",
        "2025-q3",
        "numerator",
        0.84,
        "Corrected on 13 August 2026: results of one laboratory had been missing.",
    ),
    Correction(
        "hospital-infections",
        "ZP7",
        "2025-q4",
        "numerator",
        0.5,
        "Corrected on 13 August 2026: infections of one ward had been left out.",
    ),
    Correction(
        "staff-recommend",
        "ZP2",
        "2024-25",
        "numerator",
        0.93,
        "Corrected on 13 August 2026: answers had been weighted twice.",
    ),
)


def as_released(figures: pd.DataFrame, plan: ReleasePlan) -> pd.DataFrame:
    """Return the rows of OBSERVATIONS that this release publishes, as they were known at the time."""
    periods = periods_of(plan)
    frame = figures[figures["period"].isin([period.period for period in periods])].copy()
    is_first = plan.release == FIRST_RELEASE.release
    reported = frame["absence"] == ""
    newest = frame["metric_id"].isin(PROVISIONAL_METRICS) & frame["period"].isin(_newest(periods)) & reported
    frame.loc[newest, "submission"] = str(Submission.PROVISIONAL)

    revised = _revised_rows(figures).reindex(frame.index)
    if is_first:
        _as_first_known(frame, revised)
    else:
        frame.loc[revised, "submission"] = str(Submission.REVISED)
        frame.loc[revised, "note"] = _REVISED_NOTE
    for correction in CORRECTIONS:
        rows = _rows_of(frame, (correction.metric_id,), correction.code, correction.period)
        if is_first:
            decimals = 0 if (frame.loc[rows, correction.column] % 1 == 0).all() else 2
            wrong = (frame.loc[rows, correction.column] * correction.factor).round(decimals)
            frame.loc[rows, correction.column] = wrong
        else:
            frame.loc[rows, "submission"] = str(Submission.REVISED)
            frame.loc[rows, "note"] = correction.note
    for late in LATE:
        rows = _rows_of(frame, late.metrics, late.code, late.period)
        if late.release == plan.release:
            leave_out(frame, rows, Absence.LATE, "")
        elif late.release < plan.release:
            frame.loc[rows, "note"] = _LATE_NOTE
    return frame


def _newest(periods: Sequence[Period]) -> list[str]:
    """Return the newest quarter, and its months."""
    quarter = [period for period in periods if period.frequency is Frequency.QUARTER][-1]
    months = [
        period.period
        for period in periods
        if period.frequency is Frequency.MONTH and period.start >= quarter.start
    ]
    return [quarter.period, *months]


def _revised_rows(figures: pd.DataFrame) -> pd.Series[bool]:
    """Say of each row whether its provisional figure of the first release is later revised."""
    rng = np.random.default_rng([SEED, 2])
    chosen = pd.Series(rng.random(len(figures)) < _SHARE_REVISED, index=figures.index)
    was_late = pd.Series(data=False, index=figures.index)
    for late in LATE:
        was_late |= _rows_of(figures, late.metrics, late.code, late.period)
    # The parts of the country and of a hospital with two sites must go on adding up.
    left_alone = [COUNTRY, TINY, TWO_SITES, *(site.code for site in SITES)]
    return (
        chosen
        & ~was_late
        & figures["metric_id"].isin(PROVISIONAL_METRICS)
        & figures["period"].isin(_newest(periods_of(FIRST_RELEASE)))
        & ~figures["period"].isin(_newest(periods_of(SECOND_RELEASE)))
        & ~figures["organisation_code"].isin(left_alone)
        & (figures["absence"] == "")
    )


def _as_first_known(frame: pd.DataFrame, revised: pd.Series[bool]) -> None:
    """Put the earlier figures in place: some records had not arrived, and the last of them waited longer."""
    arrived = np.where(frame.loc[revised, "metric_id"] == "antibiotics", 1.0, 0.96)
    denominator = (frame.loc[revised, "denominator"] * arrived).round()
    numerator = (frame.loc[revised, "numerator"] * 0.965).round()
    is_share = frame.loc[revised, "metric_id"] != "antibiotics"
    frame.loc[revised, "denominator"] = denominator
    frame.loc[revised, "numerator"] = numerator.where(~is_share, np.minimum(numerator, denominator))
    frame.loc[revised, "value"] = (frame.loc[revised, "value"] * 0.97).round(2)


def _rows_of(frame: pd.DataFrame, metrics: Sequence[str], code: str, period: str) -> pd.Series[bool]:
    own = (frame["organisation_code"] == code) & (frame["period"] == period)
    return own & frame["metric_id"].isin(metrics)
