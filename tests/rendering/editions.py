"""A small release with every kind of metric and every kind of page, calculated and ready to be printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from generator.model.release import Publication
from generator.model.vocabulary import Audience
from generator.rendering import Edition
from generator.rendering.book import Book
from generator.rendering.templates import Templates
from generator.statistics import compute_tables
from tests.factories import ORGANISATIONS, Row, make_descriptor, make_release

TEMPLATES = Path(__file__).parents[2] / "site_templates"
CALENDAR = Templates(TEMPLATES).calendar

COUNTED = {
    "checked": ((80, 100), (160, 200), (60, 150), (0, 0), (70, 90)),
    "admitted": ((20, 2000), (45, 2100), (31, 1900), (12, 1500), (28, 1800)),
    "deaths": ((12, 10.5), (8, 9.25), (30, 18.0), (9, 11.0), (14, 12.5)),
}
"""Numerator and denominator of the five practices, by metric."""
SUPPLIED = {
    "waiting": ((4.5, 4.0, 5.0), (6.0, 5.5, 6.5), (5.0, 4.4, 5.6), (7.5, 6.9, 8.1), (4.0, 3.5, 4.5)),
    "survey": (
        (71.2, 64.0, 77.5),
        (80.4, 75.0, 85.2),
        (66.0, 58.0, 73.5),
        (90.0, 84.0, 94.2),
        (77.7, 70.1, 83.9),
    ),
    "standardised": (
        (101.0, 90.0, 112.0),
        (88.0, 80.0, 96.0),
        (120.0, 108.0, 132.0),
        (99.0, 90.0, 108.0),
        (105.0, 96.0, 114.0),
    ),
    "visits": ((12, None, None), (30, None, None), (7, None, None), (16, None, None), (21, None, None)),
}
"""Value and interval of the five practices, by metric."""

METRICS: Sequence[Row] = (
    {
        "metric_id": "checked",
        "title": "Blood pressure checked",
        "question": "Was my blood pressure checked?",
        "numerator_label": "patients checked",
        "denominator_label": "patients with high blood pressure",
        "threshold_good": 75,
        "threshold_acceptable": 50,
        "disclosure": "people",
        "caveats": "Some patients decline.",
        "source_url": "https://source.example/checks",
    },
    {
        "metric_id": "admitted",
        "title": "Emergency admissions",
        "question": "How often did patients go to hospital in an emergency?",
        "numerator_label": "emergency admissions",
        "kind": "rate",
        "unit": "per 1,000 patients",
        "multiplier": 1000,
        "direction": "lower_is_better",
        "disclosure": "events",
    },
    {
        "metric_id": "deaths",
        "title": "Deaths compared with expected",
        "question": "Did as many people die as would be expected?",
        "numerator_label": "deaths",
        "denominator_label": "deaths expected",
        "kind": "ratio",
        "unit": "",
        "multiplier": 100,
        "decimals": 0,
        "direction": "lower_is_better",
    },
    {
        "metric_id": "waiting",
        "title": "Days until an appointment",
        "question": "How long did patients wait?",
        "numerator_label": "days waited",
        "kind": "mean",
        "unit": "days",
        "multiplier": 1,
        "direction": "neutral",
        "benchmark": "target",
        "target": 5,
        "domain_id": "access",
    },
    {
        "metric_id": "survey",
        "title": "Easy to reach by phone",
        "question": "Was it easy to get through by phone?",
        "numerator_label": "people who found it easy",
        "denominator_label": "people asked",
        "domain_id": "access",
        "method": "Weighted to the age and sex of patients.",
    },
    {
        "metric_id": "standardised",
        "title": "Hospital stays, allowing for age",
        "question": "Are patients in hospital more than others of their age?",
        "numerator_label": "hospital stays",
        "kind": "standardised",
        "unit": "",
        "multiplier": 100,
        "direction": "lower_is_better",
        "benchmark": "target",
        "target": 100,
    },
    {
        "metric_id": "visits",
        "title": "Home visits",
        "question": "How many home visits were made?",
        "numerator_label": "home visits",
        "kind": "count",
        "unit": "visits",
        "multiplier": 1,
        "decimals": 0,
        "direction": "neutral",
        "benchmark": "none",
    },
    {
        "metric_id": "standards",
        "title": "Standards of the asthma service",
        "question": "Does the service meet its standards?",
        "numerator_label": "the service's own answer",
        "kind": "status",
        "unit": "",
        "levels": "met|partly met|not met",
        "multiplier": 1,
        "benchmark": "none",
        "applies_to": "provider",
        "service_id": "severe-asthma",
    },
    {
        "metric_id": "staffing",
        "title": "Posts filled",
        "question": "Are all posts filled?",
        "numerator_label": "posts filled",
        "denominator_label": "posts",
        "audience": "board",
        "domain_id": "governance",
    },
    {
        "metric_id": "own-audit",
        "title": "Own audit",
        "question": "What does the practice find itself?",
        "numerator_label": "records complete",
        "denominator_label": "records",
        "audience": "organisation",
        "domain_id": "governance",
    },
)

DOMAINS: Sequence[Row] = (
    {"domain_id": "care", "title": "Care", "description": "How patients are cared for.", "position": 1},
    {"domain_id": "access", "title": "Getting seen", "description": "How easily.", "position": 2},
    {"domain_id": "governance", "title": "Governance", "description": "For boards.", "position": 3},
)

PLACES: Sequence[Row] = (
    *(
        {
            **organisation,
            "address": f"{number} High Street, Exampleton",
            "postcode": f"ZZ{number} 1AA",
            "opened_on": "1990-04-01",
        }
        if organisation["kind"] == "practice"
        else {**organisation, "level": "icb" if organisation["kind"] == "area" else ""}
        for number, organisation in enumerate(ORGANISATIONS, start=1)
    ),
    {"organisation_code": "P6", "name": "Fir Surgery", "kind": "practice", "parent_code": "A2"},
    {
        "organisation_code": "P5",
        "name": "Elder Surgery",
        "kind": "practice",
        "parent_code": "A1",
        "status": "merged",
        "closed_on": "2025-09-30",
        "successor_code": "P1",
    },
    {"organisation_code": "H1", "name": "Exampleton Hospitals", "kind": "provider", "parent_code": "A1"},
    {"organisation_code": "H1-S", "name": "Exampleton Infirmary", "kind": "site", "parent_code": "H1"},
)


def make_edition(
    observations: Iterable[Row] | None = None, *, audience: Audience = Audience.PUBLIC, **changes: Any
) -> Edition:
    """Return the edition of `rich_release`, or of another release of the same organisations."""
    return Edition.of(
        make_publication(observations, **changes),
        audience=audience,
        links={"register": "https://register.example/"},
        templates_folder=TEMPLATES,
    )


def make_book(
    observations: Iterable[Row] | None = None, *, audience: Audience = Audience.PUBLIC, **changes: Any
) -> Book:
    """Return the book of the same, without its plates."""
    return Book(make_publication(observations, **changes), audience, {}, CALENDAR)


def make_publication(observations: Iterable[Row] | None = None, **changes: Any) -> Publication:
    """Return the calculated release of these observations: all of METRICS in two quarters, unless given."""
    tables: dict[str, Any] = {
        "metrics": METRICS,
        "domains": DOMAINS,
        "organisations": PLACES,
        "breakdowns": [
            {"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": 1},
            {"breakdown_id": "men", "dimension": "sex", "title": "Men", "position": 2},
        ],
        "services": [
            {
                "service_id": "severe-asthma",
                "title": "Severe asthma",
                "programme_of_care": "Internal medicine",
                "description": "For people whose asthma medicines do not help enough.",
            }
        ],
        "provisions": [
            {
                "organisation_code": "H1",
                "service_id": "severe-asthma",
                "lead_role": "Consultant",
                "contact": "asthma@hospital.example",
            }
        ],
        "characteristics": [{"characteristic_id": "age", "title": "Average age", "unit": "years"}],
        "context": [
            {"organisation_code": "P1", "characteristic_id": "age", "period": "2025-q4", "value": 41.25}
        ],
        "comments": [
            {
                "organisation_code": "P1",
                "metric_id": "checked",
                "text": "We have bought new cuffs.",
                "role": "Practice manager",
                "received_on": "2026-01-20",
            }
        ],
        "deadlines": [
            {
                "period": "2025-q4",
                "opens": "2026-01-01",
                "closes": "2026-01-20",
                "published": "2026-02-19",
            }
        ],
        **changes,
    }
    release = make_release(rich_observations() if observations is None else observations, **tables)
    earlier = make_descriptor(release="2025-q3", publication_date=date(2025, 11, 20))
    return Publication(release.directory, compute_tables(release), (earlier,))


def rich_observations() -> list[Row]:
    """Return figures of every metric for two quarters; the second is a little higher, and settles less."""
    rows: list[dict[str, Any]] = []
    for period, more in (("2025-q3", 0), ("2025-q4", 1)):
        for place, code in enumerate(("P1", "P2", "P3", "P4", "P6")):
            at: Mapping[str, Any] = {"organisation_code": code, "period": period}
            for metric_id, counts in COUNTED.items():
                numerator, denominator = counts[place]
                rows.append(
                    {**at, "metric_id": metric_id, "numerator": numerator + more if denominator else 0,
                     "denominator": denominator}
                )  # fmt: skip
            for metric_id, figures in SUPPLIED.items():
                value, lower, upper = (None if figure is None else figure + more for figure in figures[place])
                rows.append({**at, "metric_id": metric_id, "value": value, "lower": lower, "upper": upper})
            rows += [
                {**at, "metric_id": metric_id, "numerator": 11 + place, "denominator": 20}
                for metric_id in ("staffing", "own-audit")
            ]
        for code, breakdown, numerator in (
            *(("P1", "women", 45), ("P1", "men", 35)),  # a complement of 5 women is hidden
            *(("P2", "women", 40), ("P2", "men", 30)),
        ):
            rows.append(
                {"organisation_code": code, "period": period, "metric_id": "checked",
                 "breakdown_id": breakdown, "numerator": numerator, "denominator": 50}
            )  # fmt: skip
        rows.append(
            {"organisation_code": "H1", "period": period, "metric_id": "standards", "value": 2 - more,
             "basis": "self_declared"}
        )  # fmt: skip
    return [*map(_with_story, rows)]


def _with_story(row: dict[str, Any]) -> Row:
    """Return the row with what happened to it: withdrawn, provisional, revised, remarked on."""
    key = (row["metric_id"], row["organisation_code"], row["period"])
    if key == ("survey", "P4", "2025-q4"):
        blank = dict.fromkeys(("value", "lower", "upper"))
        return {**row, **blank, "absence": "not_submitted", "note": "=Form lost in the post"}
    submission = {
        ("checked", "P2", "2025-q4"): "provisional",
        ("admitted", "P3", "2025-q4"): "revised",
    }.get(key, "final")
    return {**row, "submission": submission}
