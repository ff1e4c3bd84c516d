"""The A&E figures as metrics: the words a reader sees."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from generator.model.vocabulary import BenchmarkKind, Direction, DisclosureClass, Frequency, Kind

PUBLICATIONS_URL = (
    "https://www.england.nhs.uk/statistics/statistical-work-areas/ae-waiting-times-and-activity/"
)
SOURCE_NAME = "A&E Attendances and Emergency Admissions, NHS England"
DOMAIN_ID = "urgent-and-emergency-care"
STANDARD = "95"
"""The operational standard of the NHS Constitution: the share seen within four hours."""


@dataclass(frozen=True)
class AeMetric:
    """One metric: which of the monthly counts it is made of, and its words. A reader sees all of them."""

    metric_id: str
    part: str
    """The count that decides the numerator."""
    whole: str
    """The count that is the denominator; blank for a metric that counts and no more."""
    is_rest: bool
    """Whether the numerator is the rest of the whole, without the part."""
    title: str
    question: str
    description: str
    why_it_matters: str
    numerator_label: str
    denominator_label: str
    unit: str
    direction: Direction
    target: str
    caveat: str


AE_METRICS = (
    AeMetric(
        "seen-within-four-hours",
        "waits",
        "attendances",
        True,
        "Four hours in A&E",
        "How many people were seen, treated and on their way within four hours?",
        "Attendances at A&E departments of every type that ended within four hours: the patient had been "
        "admitted to hospital, sent to another one, or gone home.",
        "Long waits in A&E are worrying and can be dangerous. The standard of the NHS Constitution is 95% "
        "within four hours.",
        "attendances of up to four hours",
        "attendances",
        "%",
        Direction.HIGHER_IS_BETTER,
        STANDARD,
        "Trusts differ in the kinds of department they run: one with only a minor injuries unit is seldom "
        "slow. Trusts that tried out other measures published no four-hour figures until May 2023.",
    ),
    AeMetric(
        "waits-for-a-bed-over-four-hours",
        "bed_waits",
        "admissions",
        False,
        "Over four hours for a bed",
        "How many people waited over four hours for a bed after it was decided to admit them?",
        "Emergency admissions that came more than four hours after the decision to admit the patient.",
        "Waiting on a trolley for a bed is hard for patients, and a sign that a hospital is full.",
        "emergency admissions after a wait of over four hours",
        "emergency admissions",
        "%",
        Direction.LOWER_IS_BETTER,
        "",
        "Emergency admissions that did not come through A&E are counted among all emergency admissions.",
    ),
    AeMetric(
        "attendances",
        "attendances",
        "",
        False,
        "Visits to A&E",
        "How many people came to A&E?",
        "Attendances at A&E departments of every type in the quarter.",
        "It shows how busy the departments are.",
        "attendances",
        "",
        "attendances",
        Direction.NEUTRAL,
        "",
        "Larger trusts have more visits: figures of different trusts cannot be compared.",
    ),
    AeMetric(
        "emergency-admissions",
        "admissions",
        "",
        False,
        "Emergency admissions",
        "How many people were admitted to hospital in an emergency?",
        "Emergency admissions in the quarter, by way of A&E or not.",
        "It shows how many people needed a hospital bed at once.",
        "emergency admissions",
        "",
        "admissions",
        Direction.NEUTRAL,
        "",
        "Larger trusts have more admissions: figures of different trusts cannot be compared.",
    ),
)


def build_metrics() -> pd.DataFrame:
    """Return METRICS (as text)."""
    return pd.DataFrame([_row(metric) for metric in AE_METRICS])


def build_domains() -> pd.DataFrame:
    """Return DOMAINS (as text)."""
    return pd.DataFrame(
        {
            "domain_id": [DOMAIN_ID],
            "title": ["Urgent and emergency care"],
            "description": ["How long people wait in A&E and for a bed, and how many come."],
            "position": ["1"],
        }
    )


def _row(metric: AeMetric) -> dict[str, str]:
    is_share = bool(metric.whole)
    return {
        "metric_id": metric.metric_id,
        "title": metric.title,
        "question": metric.question,
        "description": metric.description,
        "why_it_matters": metric.why_it_matters,
        "numerator_label": metric.numerator_label,
        "denominator_label": metric.denominator_label,
        "kind": Kind.PROPORTION if is_share else Kind.COUNT,
        "unit": metric.unit,
        "multiplier": "100" if is_share else "1",
        "decimals": "1" if is_share else "0",
        "direction": metric.direction,
        "domain_id": DOMAIN_ID,
        "applies_to": "provider",
        "benchmark": BenchmarkKind.COUNTRY if is_share else BenchmarkKind.NONE,
        "target": metric.target,
        # NHS England publishes these counts itself, unprotected.
        "disclosure": DisclosureClass.OPEN,
        "frequency": Frequency.QUARTER,
        "source_name": SOURCE_NAME,
        "source_url": PUBLICATIONS_URL,
        "caveats": f"{metric.caveat} {_CAVEAT}",
    }


_CAVEAT = (
    "The country's figure is that of its NHS trusts; the figure of an integrated care board also counts "
    "other providers, such as walk-in centres that belong to no trust."
)
