"""What is said around the figures: comments, events, targets, assurance and actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from generator.model.vocabulary import AssuranceLevel
from tools.demonstration.periods import ReleasePlan, periods_of

Rows = list[dict[str, Any]]

DOMAINS: Rows = [
    {
        "domain_id": domain_id,
        "title": title,
        "description": description,
        "position": position,
        "framework": framework,
    }
    for position, (domain_id, title, description, framework) in enumerate(
        (
            ("safe", "Safe", "Are people protected from harm that could be avoided?", "CQC key questions"),
            (
                "effective",
                "Effective",
                "Does care do people good, and is it the care known to work best?",
                "CQC key questions",
            ),
            (
                "caring",
                "Caring",
                "Are people treated with kindness, dignity and respect?",
                "CQC key questions",
            ),
            ("responsive", "Responsive", "Do people get care when they need it?", "CQC key questions"),
            (
                "well-led",
                "Well-led",
                "Is the organisation run so that it learns and gets better?",
                "CQC key questions",
            ),
            (
                "staying-well",
                "Staying well",
                "Vaccinations and screening that keep people from falling ill.",
                "",
            ),
            (
                "long-term-conditions",
                "Living with long-term conditions",
                "Checks and treatment for people with diabetes, high blood pressure or dementia.",
                "",
            ),
            (
                "specialised-services",
                "Specialised services",
                "Care for rarer conditions, which only some hospitals give.",
                "",
            ),
        ),
        start=1,
    )
]
LOCAL_SECTIONS = {
    "staying-well": "Staying well",
    "long-term-conditions": "Living with long-term conditions",
    "specialised-services": "Specialised services",
}

BREAKDOWNS: Rows = [
    {"breakdown_id": "female", "dimension": "sex", "title": "Women and girls", "position": 1},
    {"breakdown_id": "male", "dimension": "sex", "title": "Men and boys", "position": 2},
    *(
        {
            "breakdown_id": f"deprivation-{fifth}",
            "dimension": "deprivation",
            "title": title,
            "position": fifth,
        }
        for fifth, title in enumerate(
            (
                "Most deprived fifth of neighbourhoods",
                "Second most deprived fifth",
                "Middle fifth",
                "Second least deprived fifth",
                "Least deprived fifth of neighbourhoods",
            ),
            start=1,
        )
    ),
]

CHARACTERISTICS: Rows = [
    {
        "characteristic_id": "deprivation-score",
        "title": "Deprivation score",
        "unit": "points (higher is more deprived)",
        "use_for_peers": True,
        "role": "deprivation",
    },
    {
        "characteristic_id": "aged-65-and-over",
        "title": "Patients aged 65 and over",
        "unit": "%",
        "use_for_peers": True,
    },
    {
        "characteristic_id": "registered-patients",
        "title": "Registered patients",
        "unit": "patients",
        "use_for_peers": True,
    },
    {"characteristic_id": "beds", "title": "Beds", "unit": "beds", "use_for_peers": True},
]

_MINISTRY = "Fernmark Ministry of Health"

PRACTICE_TARGETS: Rows = [
    {
        "metric_id": "appointment-within-two-weeks",
        "organisation_code": "ZA4",
        "from": date(2025, 1, 1),
        "target": 80,
        "threshold_good": 80,
        "threshold_acceptable": 70,
        "set_by": "Drumlin Coast Health Board, recovery plan",
    },
    {
        "metric_id": "childhood-vaccination",
        "organisation_code": "ZA6",
        "from": date(2024, 4, 1),
        "target": 92,
        "set_by": "Farrowdale Health Board",
    },
    {
        "metric_id": "childhood-vaccination",
        "organisation_code": "ZD0055",
        "from": date(2025, 4, 1),
        "target": 80,
        "set_by": "Lissing Plain Health Board, agreed with the practice",
    },
    {
        "metric_id": "flu-vaccination-65",
        "organisation_code": "ZA8",
        "from": date(2023, 4, 1),
        "target": 80,
        "threshold_good": 78,
        "threshold_acceptable": 65,
        "set_by": "Hart Sound Health Board",
    },
    {
        "metric_id": "learning-disability-health-check",
        "to": date(2024, 3, 31),
        "target": 70,
        "threshold_good": 70,
        "threshold_acceptable": 55,
        "set_by": _MINISTRY,
    },
    {
        "metric_id": "digital-access-score",
        "organisation_code": "ZR1",
        "from": date(2024, 4, 1),
        "target": 8,
        "set_by": "Upper Fernmark Regional Office",
    },
]

HOSPITAL_TARGETS: Rows = [
    {"metric_id": "emergency-four-hours", "to": date(2025, 3, 31), "target": 76, "set_by": _MINISTRY},
    {"metric_id": "emergency-four-hours", "from": date(2025, 4, 1), "target": 78, "set_by": _MINISTRY},
    {
        "metric_id": "emergency-four-hours",
        "organisation_code": "ZP4",
        "from": date(2025, 4, 1),
        "target": 68,
        "threshold_good": 68,
        "threshold_acceptable": 60,
        "set_by": "Drumlin Coast Health Board, recovery plan",
    },
    {
        "metric_id": "cancer-treatment-62-days",
        "organisation_code": "ZP9",
        "from": date(2025, 10, 1),
        "target": 70,
        "set_by": "Hart Sound Health Board, recovery plan",
    },
    {
        "metric_id": "hiv-viral-suppression",
        "organisation_code": "ZP4",
        "from": date(2024, 4, 1),
        "target": 97,
        "set_by": "Port Ellery University Hospital, its own aim",
    },
]

PRACTICE_REBASES: Rows = [
    {
        "metric_id": "blood-pressure-controlled",
        "date": date(2025, 1, 1),
        "reason": "Counted in a new way: patients aged 80 and over, and readings taken at home.",
    },
    {
        "metric_id": "dementia-review",
        "organisation_code": "ZD0018",
        "date": date(2024, 7, 1),
        "reason": "The practice took on a nurse for people with dementia.",
    },
]
HOSPITAL_REBASES: Rows = [
    {
        "metric_id": "asthma-first-clinic",
        "organisation_code": "ZP4",
        "date": date(2024, 10, 1),
        "reason": "A second clinic opened, with two more doctors and a nurse.",
    },
    {
        "metric_id": "falls-in-hospital",
        "organisation_code": "ZP6",
        "date": date(2024, 10, 1),
        "reason": "Hourly rounds and bed alarms on every ward.",
    },
]

_PRACTICE_COMMENTS: Rows = [
    {
        "organisation_code": "ZD0003",
        "metric_id": "phone-ease",
        "period": "2024-25",
        "text": "In April 2024 we put in a phone system that calls you back, and two more people answer"
        " between 8 and 10am. Thank you to the patients' group, who asked for it.",
        "role": "Practice manager",
        "received_on": date(2025, 7, 9),
    },
    {
        "organisation_code": "ZD0038",
        "metric_id": "days-to-appointment",
        "period": "2025-q4",
        "text": "Our building was flooded on 12 October 2025. For eight weeks we saw patients at Quern"
        " Hill, and only urgent ones at first. We're sorry to everyone who had to wait.",
        "role": "Practice manager",
        "received_on": date(2026, 2, 3),
    },
    {
        "organisation_code": "ZD0011",
        "metric_id": "medicines-without-stomach-protection",
        "period": "2026-q1",
        "text": "Our pharmacist is now calling every patient on this list. Some take their protective"
        " medicine from the shop, which our records don't show.",
        "role": "Lead pharmacist",
        "received_on": date(2026, 4, 28),
    },
    {
        "organisation_code": "ZD0055",
        "metric_id": "childhood-vaccination",
        "text": "Many families in Nether Pool moved here recently, & records from abroad are slow to"
        " arrive. We hold a vaccination evening every second Thursday - no appointment needed.",
        "role": "Practice nurse",
        "received_on": date(2026, 4, 20),
    },
    {
        "organisation_code": "ZD0041",
        "text": "Weavers' Row Surgery joined us on 1 January 2026. Figures from then on include its"
        " patients.",
        "role": "Business manager",
        "received_on": date(2026, 4, 15),
    },
    {
        "organisation_code": "ZD0028",
        "metric_id": "good-experience",
        "period": "2025-26",
        "text": "“Café-style” waiting, longer opening and interpreters in three languages were our"
        " patients' wishes. We have done the first two and will have the third by November.",
        "role": "Practice manager",
        "received_on": date(2026, 7, 21),
    },
    {
        "organisation_code": "ZD0034",
        "metric_id": "antibiotics",
        "period": "2026-q2",
        "text": "We look after two large care homes. Even so, we agree that we prescribe too often, and"
        " have asked Mereside's pharmacy team to go through our figures with us.",
        "role": "GP partner",
        "received_on": date(2026, 7, 30),
    },
]
_HOSPITAL_COMMENTS: Rows = [
    {
        "organisation_code": "ZPE",
        "metric_id": "hospital-mortality-ratio",
        "period": "year-to-2026-q1",
        "text": "We take this figure seriously. Two outside doctors are reading the notes of 120 patients"
        " who died, and we will publish what they find.",
        "role": "Medical director",
        "received_on": date(2026, 5, 5),
    },
    {
        "organisation_code": "ZP4",
        "metric_id": "emergency-four-hours",
        "period": "2025-08",
        "text": "A computer failure from 6 to 19 August 2025 lost the times at which patients arrived. Care"
        " went on, with paper records.",
        "role": "Chief operating officer",
        "received_on": date(2025, 9, 12),
    },
    {
        "organisation_code": "ZP1",
        "metric_id": "hospital-infections",
        "period": "2025-q2",
        "text": "Most infections of spring 2025 were one outbreak on our oldest ward, which has since been"
        " rebuilt with single rooms.",
        "role": "Director of nursing",
        "received_on": date(2025, 10, 2),
    },
    {
        "organisation_code": "ZP6",
        "metric_id": "falls-in-hospital",
        "text": "Since October 2024 a nurse looks in on every patient every hour. It isn't new, it isn't"
        " dear, and it works.",
        "role": "Director of nursing",
        "received_on": date(2026, 4, 22),
    },
]

_PRACTICE_EVENTS: Rows = [
    {"date": date(2025, 1, 1), "label": "Counted in a new way", "metric_id": "blood-pressure-controlled"},
    {"date": date(2024, 1, 8), "label": "Outbreak of scarlet fever in children", "metric_id": "antibiotics"},
    {
        "date": date(2024, 4, 2),
        "label": "New phone system",
        "metric_id": "phone-ease",
        "organisation_code": "ZD0003",
    },
    {"date": date(2024, 7, 1), "label": "Second nurse practitioner joins", "organisation_code": "ZD0005"},
    {
        "date": date(2025, 7, 1),
        "label": "Takes on patients of Clover Street Surgery",
        "organisation_code": "ZD0018",
    },
    {"date": date(2025, 10, 12), "label": "Building flooded", "organisation_code": "ZD0038"},
    {"date": date(2026, 1, 1), "label": "Joined by Weavers' Row Surgery", "organisation_code": "ZD0041"},
    {"date": date(2023, 9, 18), "label": "Measles campaign in schools", "metric_id": "childhood-vaccination"},
]
_HOSPITAL_EVENTS: Rows = [
    {
        "date": date(2024, 10, 1),
        "label": "Hourly rounds",
        "metric_id": "falls-in-hospital",
        "organisation_code": "ZP6",
    },
    {
        "date": date(2025, 7, 1),
        "label": "Urgent treatment centre opens",
        "metric_id": "emergency-four-hours",
        "organisation_code": "ZP7",
    },
    {"date": date(2025, 8, 6), "label": "Computer failure", "organisation_code": "ZP4"},
    {"date": date(2025, 12, 15), "label": "Doctors' strike", "metric_id": "days-to-planned-surgery"},
]

DEADLINES: Rows = [
    {
        "period": "2025-q4",
        "opens": date(2026, 1, 2),
        "closes": date(2026, 1, 23),
        "published": date(2026, 2, 12),
    },
    {
        "period": "2026-q1",
        "opens": date(2026, 4, 1),
        "closes": date(2026, 4, 24),
        "published": date(2026, 5, 14),
    },
    {
        "period": "2026-q2",
        "opens": date(2026, 7, 1),
        "closes": date(2026, 7, 24),
        "published": date(2026, 8, 13),
    },
    {
        "period": "2024-25",
        "opens": date(2025, 4, 1),
        "closes": date(2025, 5, 30),
        "published": date(2025, 8, 14),
    },
    {
        "period": "2025-26",
        "opens": date(2026, 4, 1),
        "closes": date(2026, 5, 29),
        "published": date(2026, 8, 13),
    },
]

_ASSURANCE: Rows = [
    {
        "organisation_code": "ZPE",
        "level": AssuranceLevel.ENHANCED,
        "decided_on": date(2025, 11, 20),
        "next_review": date(2026, 9, 17),
        "note": "Deaths above what is expected in four releases running.",
    },
    {
        "organisation_code": "ZP4",
        "level": AssuranceLevel.MEETINGS,
        "decided_on": date(2025, 4, 10),
        "next_review": date(2026, 10, 8),
        "note": "Waits in the emergency department.",
    },
    {
        "organisation_code": "ZP9",
        "level": AssuranceLevel.REGIONAL,
        "decided_on": date(2026, 3, 5),
        "next_review": date(2026, 9, 3),
        "note": "Cancer treatment within 62 days.",
    },
    {
        "organisation_code": "ZP3",
        "service_id": "newborn-intensive-care",
        "level": AssuranceLevel.MEETINGS,
        "decided_on": date(2025, 9, 18),
        "next_review": date(2026, 9, 17),
        "note": "Nursing posts at Marlpit Hospital that are not filled.",
    },
    {
        "organisation_code": "ZP7",
        "service_id": "severe-asthma",
        "level": AssuranceLevel.ROUTINE,
        "decided_on": date(2026, 1, 22),
        "next_review": date(2027, 1, 21),
        "note": "Back to routine after a good year.",
    },
    {
        "organisation_code": "ZP7",
        "service_id": "severe-asthma",
        "level": AssuranceLevel.MEETINGS,
        "decided_on": date(2025, 1, 23),
        "next_review": date(2026, 1, 22),
        "note": "Yearly reviews far behind plan.",
    },
    {
        "organisation_code": "ZP1",
        "level": AssuranceLevel.ROUTINE,
        "decided_on": date(2026, 6, 18),
        "next_review": date(2027, 6, 17),
        "note": "Outbreak of 2025 closed.",
    },
]
_PRACTICE_ASSURANCE: Rows = [
    {
        "organisation_code": "ZD0029",
        "level": AssuranceLevel.MEETINGS,
        "decided_on": date(2025, 2, 6),
        "next_review": date(2026, 9, 10),
        "note": "No figures submitted since October 2022.",
    },
    {
        "organisation_code": "ZD0055",
        "level": AssuranceLevel.ROUTINE,
        "decided_on": date(2026, 2, 12),
        "note": "Vaccination plan agreed.",
    },
]

_PRACTICE_ACTIONS: Rows = [
    {
        "organisation_code": "ZD0055",
        "metric_id": "childhood-vaccination",
        "title": "Hold a vaccination evening every second Thursday",
        "owner_role": "Practice nurse",
        "due_on": date(2026, 6, 30),
        "status": "in progress",
    },
    {
        "organisation_code": "ZD0011",
        "metric_id": "medicines-without-stomach-protection",
        "title": "Call every patient who takes a painkiller without protection",
        "owner_role": "Lead pharmacist",
        "due_on": date(2026, 7, 31),
        "status": "in progress",
    },
    {
        "organisation_code": "ZD0060",
        "metric_id": "days-to-appointment",
        "title": "Offer routine appointments with the pharmacist and the physiotherapist",
        "owner_role": "Practice manager",
        "due_on": date(2026, 3, 31),
        "status": "overdue",
    },
    {
        "organisation_code": "ZD0034",
        "metric_id": "antibiotics",
        "title": "Go through prescribing with Mereside's pharmacy team",
        "owner_role": "GP partner",
        "due_on": date(2026, 12, 18),
        "status": "not started",
    },
]
_HOSPITAL_ACTIONS: Rows = [
    {
        "organisation_code": "ZPE",
        "metric_id": "hospital-mortality-ratio",
        "title": "Have the notes of 120 patients who died read by outside doctors",
        "owner_role": "Medical director",
        "due_on": date(2026, 9, 30),
        "status": "in progress",
    },
    {
        "organisation_code": "ZP4",
        "metric_id": "emergency-four-hours",
        "title": "Open a short-stay unit beside the emergency department",
        "owner_role": "Chief operating officer",
        "due_on": date(2026, 11, 30),
        "status": "in progress",
    },
    {
        "organisation_code": "ZP9",
        "metric_id": "cancer-treatment-62-days",
        "title": "Run a second scanner on Saturdays",
        "owner_role": "Director of operations",
        "due_on": date(2026, 5, 29),
        "status": "overdue",
    },
    {
        "organisation_code": "ZP1",
        "metric_id": "hospital-infections",
        "title": "Rebuild the oldest ward with single rooms",
        "owner_role": "Director of estates",
        "due_on": date(2026, 3, 31),
        "status": "done",
    },
    {
        "organisation_code": "ZP3",
        "title": "Fill six nursing posts in newborn intensive care at Marlpit",
        "owner_role": "Director of nursing",
        "due_on": date(2026, 10, 31),
        "status": "not started",
    },
]


def practice_comments(plan: ReleasePlan) -> Rows:
    """Return COMMENTS of practices that had been received by the release."""
    return _told_by(plan, _PRACTICE_COMMENTS)


def hospital_comments(plan: ReleasePlan) -> Rows:
    """Return COMMENTS of hospitals that had been received by the release."""
    return _told_by(plan, _HOSPITAL_COMMENTS)


def practice_events(plan: ReleasePlan) -> Rows:
    """Return EVENTS in practices up to the release."""
    return [row for row in _PRACTICE_EVENTS if row["date"] <= plan.publication_date]


def hospital_events(plan: ReleasePlan) -> Rows:
    """Return EVENTS in hospitals up to the release."""
    return [row for row in _HOSPITAL_EVENTS if row["date"] <= plan.publication_date]


def deadlines(plan: ReleasePlan) -> Rows:
    """Return DEADLINES of the periods that the release covers."""
    return _of_known_periods(plan, DEADLINES)


def practice_assurance(plan: ReleasePlan) -> Rows:
    """Return ASSURANCE of practices as decided by the release."""
    return [row for row in _PRACTICE_ASSURANCE if row["decided_on"] <= plan.publication_date]


def hospital_assurance(plan: ReleasePlan) -> Rows:
    """Return ASSURANCE of hospitals as decided by the release."""
    return [row for row in _ASSURANCE if row["decided_on"] <= plan.publication_date]


def practice_actions(plan: ReleasePlan) -> Rows:
    """Return ACTIONS of practices as they stood at the release."""
    return _as_they_stood(plan, _PRACTICE_ACTIONS)


def hospital_actions(plan: ReleasePlan) -> Rows:
    """Return ACTIONS of hospitals as they stood at the release."""
    return _as_they_stood(plan, _HOSPITAL_ACTIONS)


def _told_by(plan: ReleasePlan, comments: Rows) -> Rows:
    received = [row for row in comments if row["received_on"] <= plan.publication_date]
    return _of_known_periods(plan, received)


def _of_known_periods(plan: ReleasePlan, rows: Sequence[dict[str, Any]]) -> Rows:
    known = {period.period for period in periods_of(plan)}
    return [row for row in rows if row.get("period", "") in known | {""}]


def _as_they_stood(plan: ReleasePlan, actions: Rows) -> Rows:
    """Return the actions with their status at the time: nothing is overdue before it is due."""
    return [
        row | {"status": "in progress"}
        if row["status"] == "overdue" and row["due_on"] > plan.publication_date
        else row
        for row in actions
    ]
