"""What real data have and neat data have not: rows without figures, each with its reason, and odd figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from generator.model.vocabulary import Absence, Basis, Kind
from tools.demonstration.figures import FIGURES
from tools.demonstration.periods import Period
from tools.demonstration.places import HOSPITALS, NEW, SILENT, SPECIALIST_HOSPITALS, TINY
from tools.demonstration.plans import MetricPlan
from tools.demonstration.population import Population

DECLARED_BY_PRACTICES = ("safeguarding-training", "safety-reviews-on-time")


@dataclass(frozen=True)
class Gap:
    """Figures that are not there, in both releases."""

    absence: Absence
    metric_id: str
    code: str = ""
    """Empty: everybody."""
    periods: tuple[str, ...] = ()
    """Empty: every period."""
    note: str = ""


@dataclass(frozen=True)
class Odd:
    """Figures that stand in place of those drawn."""

    metric_id: str
    code: str
    period: str
    figures: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


GAPS = (
    Gap(
        Absence.NOT_APPLICABLE,
        "learning-disability-health-check",
        TINY,
        note="Nobody on the list is eligible.",
    ),
    Gap(
        Absence.NOT_APPLICABLE,
        "cancer-found-by-urgent-referral",
        "ZD0026",
        ("2021-22",),
        "No new diagnosis in the year.",
    ),
    Gap(Absence.NOT_COLLECTED, "complaints", periods=("2020-21",), note="The collection was paused."),
    Gap(Absence.NOT_STATED, "complaints", "ZD0021", ("2023-24",)),
    Gap(Absence.NOT_STATED, "list-turnover", "ZD0044", ("2022-23",)),
    Gap(Absence.SUPPRESSED_AT_SOURCE, "cancer-found-by-urgent-referral", TINY),
    Gap(Absence.SUPPRESSED_AT_SOURCE, "diabetes-prevalence", TINY),
    Gap(Absence.SUPPRESSED_AT_SOURCE, "hospital-infections", "ZPB", ("2023-q4", "2024-q3")),
    Gap(
        Absence.FAILED_CHECKS,
        "cervical-screening",
        "ZD0019",
        ("2025-q1",),
        "The source says 2310 women screened of 1987 who can be screened.",
    ),
    Gap(
        Absence.FAILED_CHECKS,
        "appointment-within-two-weeks",
        "ZD0036",
        ("2026-q1",),
        "The source says 14820 appointments within 14 days of 12360.",
    ),
    Gap(
        Absence.FAILED_CHECKS,
        "emergency-four-hours",
        "ZP4",
        ("2025-08",),
        "Times of arrival were lost in a computer failure.",
    ),
    Gap(
        Absence.WITHDRAWN,
        "days-to-appointment",
        "ZD0052",
        ("2024-q3",),
        "Withdrawn by the practice: another practice's appointments were among them.",
    ),
    Gap(
        Absence.WITHDRAWN,
        "staff-recommend",
        "ZPD",
        ("2023-24",),
        "Withdrawn by the survey: answers of two hospitals had been mixed up.",
    ),
    Gap(Absence.NOT_SUBMITTED, "safeguarding-training", "ZD0047", ("2025-q4", "2026-q1", "2026-q2")),
    Gap(Absence.NOT_SUBMITTED, "digital-access-score", "ZD0045", ("2024-25",)),
    Gap(Absence.NOT_SUBMITTED, "safety-reviews-on-time", "ZP9", ("2025-q2", "2025-q3")),
    Gap(Absence.NOT_SUBMITTED, "severe-asthma-standards", "ZP7", ("on-2026-03-31",)),
    Gap(Absence.NOT_SUBMITTED, "asthma-first-clinic", "ZP2", ("2025-08", "2026-05", "2026-06")),
    Gap(Absence.NOT_SUBMITTED, "dementia-review", "ZD0058", ("2024-q2",)),
    Gap(
        Absence.TOO_FEW,
        "cystic-fibrosis-lung-function",
        "ZP7",
        ("2020-21",),
        "Fewer than ten tests in the pandemic.",
    ),
    Gap(
        Absence.ZERO_DENOMINATOR,
        "safety-reviews-on-time",
        "ZPB",
        ("2024-q1", "2025-q1"),
        "No review was due.",
    ),
    Gap(
        Absence.NOT_COLLECTED,
        "days-to-planned-surgery",
        "ZP5",
        ("2023-q1", "2023-q2"),
        "Planned surgery began in July 2023.",
    ),
)

ODD_FIGURES = (
    # Nobody and everybody, on metrics where that says something about each person.
    Odd(
        "learning-disability-health-check",
        "ZD0020",
        "2024-25",
        {"numerator": 0, "denominator": 18, "excluded": 0},
    ),
    Odd(
        "learning-disability-health-check",
        "ZD0012",
        "2024-25",
        {"numerator": 23, "denominator": 23, "excluded": 1},
    ),
    Odd(
        "learning-disability-health-check",
        "ZD0012",
        "2025-26",
        {"numerator": 24, "denominator": 24, "excluded": 0},
    ),
    Odd(
        "learning-disability-health-check",
        "ZD0053",
        "2025-26",
        {"numerator": 27, "denominator": 27, "excluded": 2},
    ),
    Odd(
        "learning-disability-health-check",
        "ZD0054",
        "2025-26",
        {"numerator": 0, "denominator": 19, "excluded": 1},
    ),
    Odd("hiv-viral-suppression", "ZP6", "2024-25", {"numerator": 158, "denominator": 158}),
    Odd("hiv-viral-suppression", "ZP6", "2025-26", {"numerator": 161, "denominator": 161}),
    Odd("hiv-late-diagnosis", "ZP6", "2025-26", {"numerator": 0, "denominator": 11}),
    Odd("cystic-fibrosis-yearly-review", "ZP7", "2025-26", {"numerator": 84, "denominator": 84}),
    # Nobody to count: a division by zero that must stay one.
    Odd(
        "childhood-vaccination",
        TINY,
        "year-to-2025-q3",
        {"numerator": 0, "denominator": 0},
        "No child turned 5.",
    ),
    Odd(
        "childhood-vaccination",
        TINY,
        "year-to-2025-q4",
        {"numerator": 0, "denominator": 0},
        "No child turned 5.",
    ),
    Odd(
        "childhood-vaccination",
        TINY,
        "year-to-2026-q1",
        {"numerator": 0, "denominator": 0},
        "No child turned 5.",
    ),
    # True zeros and full shares on metrics that may show them.
    Odd("medicines-without-stomach-protection", "ZD0006", "2026-q2", {"numerator": 0, "denominator": 64}),
    Odd("childhood-vaccination", "ZD0024", "year-to-2026-q2", {"numerator": 88, "denominator": 88}),
    Odd("childhood-vaccination", "ZD0024", "year-to-2026-q1", {"numerator": 85, "denominator": 85}),
    Odd("safety-reviews-on-time", "ZP5", "2025-q4", {"numerator": 0, "denominator": 0}, "No review was due."),
)

_ZERO_DENOMINATOR = "The source gives no figure because nobody was to be counted."


def apply_surprises(
    figures: pd.DataFrame, plans: Mapping[str, MetricPlan], periods: Sequence[Period], population: Population
) -> pd.DataFrame:
    """Return OBSERVATIONS with their odd figures, and with an absence where there is none."""
    frame = figures.assign(submission="", absence="", note="")
    frame.loc[frame["metric_id"].isin(DECLARED_BY_PRACTICES), "basis"] = Basis.SELF_DECLARED
    for odd in ODD_FIGURES:
        place = _at(frame, odd.metric_id, odd.code, (odd.period,))
        for name, number in odd.figures.items():
            frame.loc[place, name] = number
        frame.loc[place, "note"] = odd.note
    leave_out(frame, _zero_services(frame, plans), Absence.ZERO_DENOMINATOR, _ZERO_DENOMINATOR)
    leave_out(
        frame,
        _too_few_events(frame, plans),
        Absence.TOO_FEW,
        "Fewer than ten stays: the source gives no rate.",
    )
    for gap in GAPS:
        leave_out(frame, _at(frame, gap.metric_id, gap.code, gap.periods), gap.absence, gap.note)
    _leave_out_early(frame, plans, periods)
    _leave_out_specialists(frame)
    _leave_out_incomplete(frame, plans, periods, population)
    leave_out(frame, frame["organisation_code"] == SILENT, Absence.NOT_SUBMITTED, "")
    return frame


def leave_out(frame: pd.DataFrame, rows: pd.Series[bool], absence: Absence, note: str) -> None:
    """Remove the figures of these rows, and say why there are none."""
    frame.loc[rows, list(FIGURES)] = np.nan
    frame.loc[rows, ["basis", "submission"]] = ""
    frame.loc[rows, "absence"] = str(absence)
    frame.loc[rows, "note"] = note


def _at(frame: pd.DataFrame, metric_id: str, code: str, periods: tuple[str, ...]) -> pd.Series[bool]:
    rows = frame["metric_id"] == metric_id
    if code:
        rows &= frame["organisation_code"] == code
    if periods:
        rows &= frame["period"].isin(periods)
    return rows


def _zero_services(frame: pd.DataFrame, plans: Mapping[str, MetricPlan]) -> pd.Series[bool]:
    services = [plan.metric_id for plan in plans.values() if plan.service_id and plan.kind is Kind.PROPORTION]
    return frame["metric_id"].isin(services) & (frame["denominator"] == 0)


def _too_few_events(frame: pd.DataFrame, plans: Mapping[str, MetricPlan]) -> pd.Series[bool]:
    standardised = [plan.metric_id for plan in plans.values() if plan.kind is Kind.STANDARDISED]
    return frame["metric_id"].isin(standardised) & frame["value"].isna()


def _leave_out_early(frame: pd.DataFrame, plans: Mapping[str, MetricPlan], periods: Sequence[Period]) -> None:
    ends = {period.period: period.end for period in periods}
    for plan in plans.values():
        if plan.recipe.since:
            early = {period.period for period in periods if period.end < ends[plan.recipe.since]}
            rows = (frame["metric_id"] == plan.metric_id) & frame["period"].isin(early)
            leave_out(frame, rows, Absence.NOT_COLLECTED, "")


def _leave_out_specialists(frame: pd.DataFrame) -> None:
    for hospital in HOSPITALS:
        others = {
            "emergency-four-hours": hospital.has_emergency_department,
            "days-to-planned-surgery": hospital.does_planned_surgery,
            "cancer-treatment-62-days": hospital.treats_cancer,
            "hospital-mortality-ratio": hospital.code not in SPECIALIST_HOSPITALS,
        }
        missing = [metric_id for metric_id, applies in others.items() if not applies]
        rows = (frame["organisation_code"] == hospital.code) & frame["metric_id"].isin(missing)
        leave_out(frame, rows, Absence.NOT_APPLICABLE, "")


def _leave_out_incomplete(
    frame: pd.DataFrame, plans: Mapping[str, MetricPlan], periods: Sequence[Period], population: Population
) -> None:
    """Leave out periods that an organisation was open in, but not to their end, or not from their start."""
    by_id = {period.period: period for period in periods}
    for plan in plans.values():
        for member in population.members_of(plan):
            if member.opened_on is None and member.closed_on is None:
                continue
            own = (frame["metric_id"] == plan.metric_id) & (frame["organisation_code"] == member.code)
            for name in frame.loc[own, "period"].unique():
                period = by_id[name]
                rows = own & (frame["period"] == name)
                if member.closed_on is not None and member.closed_on < period.end:
                    leave_out(frame, rows, Absence.CLOSED, "")
                elif member.opened_on is not None and member.opened_on > period.start:
                    note = (
                        "Opened during this period."
                        if member.code == NEW
                        else "The service began in this period."
                    )
                    leave_out(frame, rows, Absence.NOT_COLLECTED, note)
