"""How many people each organisation cares for, and how they live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from tools.demonstration.places import (
    CLOSED,
    HOSPITALS,
    MERGED,
    MOVED,
    NEW,
    PRACTICES,
    PROVISIONS,
    SUCCESSOR,
    TOWNS,
    UNIVERSITY,
    Practice,
)
from tools.demonstration.plans import MetricPlan, Size

SEED = 20260813
_REFERENCE_DAY = date(2026, 6, 30)
_PATIENTS_OF_NEW_PRACTICE_AT_FIRST = 900
_MOVED_ON = date(2025, 4, 1)
_AREA_BEFORE, _AREA_AFTER = "ZA2", "ZA3"


@dataclass(frozen=True)
class Member:
    """One organisation that reports a metric, while it does."""

    code: str
    opened_on: date | None
    closed_on: date | None
    deprivation: float
    """In standard deviations from the mean of practices; 0 for hospitals."""
    service_patients: int = 0

    def is_open_in(self, start: date, end: date) -> bool:
        """Whether it was open on any day from start to end."""
        return (self.opened_on or start) <= end and (self.closed_on or end) >= start


@dataclass(frozen=True)
class Membership:
    """One row of MEMBERSHIPS."""

    code: str
    parent: str
    tree: str = ""
    start: date | None = None
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it holds on that day."""
        return (self.start or day) <= day <= (self.end or day)


class Population:
    """Sizes of organisations on any day; the same for every caller."""

    def __init__(self) -> None:
        rng = np.random.default_rng(SEED)
        self._growth = dict(
            zip(self._practice_codes, rng.uniform(-0.006, 0.018, len(PRACTICES)), strict=True)
        )
        noise = rng.normal(0, 2.5, len(PRACTICES))
        self.deprivation = {
            practice.code: round(max(4.0, TOWNS[practice.town].deprivation + practice.deprivation + extra), 1)
            for practice, extra in zip(PRACTICES, noise.tolist(), strict=True)
        }
        """Deprivation score of each practice's patients."""
        older = rng.normal(0, 0.012, len(PRACTICES))
        self.older = {
            practice.code: round(max(0.02, TOWNS[practice.town].older + practice.older + extra), 3)
            for practice, extra in zip(PRACTICES, older.tolist(), strict=True)
        }
        """Share of each practice's patients who are 65 and over."""

    @cached_property
    def _practice_codes(self) -> list[str]:
        return [practice.code for practice in PRACTICES]

    @cached_property
    def _practices(self) -> dict[str, Practice]:
        return {practice.code: practice for practice in PRACTICES}

    @cached_property
    def _beds(self) -> dict[str, int]:
        return {hospital.code: hospital.beds for hospital in HOSPITALS}

    def patients(self, code: str, day: date) -> int:
        """Return the practice's registered patients on that day."""
        practice = self._practices[code]
        years = (day - _REFERENCE_DAY).days / 365.25
        if code == NEW:
            assert practice.opened_on is not None
            part = (day - practice.opened_on).days / (_REFERENCE_DAY - practice.opened_on).days
            more = practice.list_size - _PATIENTS_OF_NEW_PRACTICE_AT_FIRST
            return int(_PATIENTS_OF_NEW_PRACTICE_AT_FIRST + more * max(0.0, part))
        patients = practice.list_size * (1 + self._growth[code]) ** years
        merged = self._practices[MERGED]
        if code == SUCCESSOR and merged.closed_on is not None and day > merged.closed_on:
            patients += 0.97 * merged.list_size
        closed = self._practices[CLOSED]
        if closed.closed_on is not None and day > closed.closed_on and code in ("ZD0018", "ZD0019", "ZD0020"):
            patients += closed.list_size / 3
        return int(patients)

    def size(self, member: Member, size: Size, day: date) -> float:
        """Return how many people, beds or patients of a service the member has on that day."""
        if size is Size.BEDS:
            return float(self._beds[member.code])
        if size is Size.SERVICE:
            return float(member.service_patients)
        patients = self.patients(member.code, day)
        older = round(patients * self.older[member.code])
        return float({Size.PATIENTS: patients, Size.OLDER: older, Size.YOUNGER: patients - older}[size])

    def members_of(self, plan: MetricPlan) -> list[Member]:
        """Return who is expected to report the metric, by code."""
        if plan.service_id:
            return [
                Member(provision.provider, provision.start, provision.end, 0.0, provision.patients)
                for provision in PROVISIONS
                if provision.service_id == plan.service_id
            ]
        if plan.applies_to == "provider":
            return [Member(hospital.code, None, None, 0.0) for hospital in HOSPITALS]
        scores = np.array(list(self.deprivation.values()))
        standardised = (scores - scores.mean()) / scores.std()
        return [
            Member(practice.code, practice.opened_on, practice.closed_on, float(score))
            for practice, score in zip(PRACTICES, standardised, strict=True)
        ]


def practice_memberships() -> list[Membership]:
    """Return the areas that practices belong to, in both trees."""
    rows: list[Membership] = []
    for practice in PRACTICES:
        town = TOWNS[practice.town]
        if practice.code == MOVED:
            rows.append(Membership(practice.code, _AREA_BEFORE, end=date(2025, 3, 31)))
            rows.append(Membership(practice.code, _AREA_AFTER, start=_MOVED_ON))
        else:
            rows.append(
                Membership(practice.code, town.area, start=practice.opened_on, end=practice.closed_on)
            )
    for practice in PRACTICES:
        council = TOWNS[practice.town].council
        rows.append(
            Membership(practice.code, council, "local-authority", practice.opened_on, practice.closed_on)
        )
    return rows


def area_today(practice: Practice) -> str:
    """Return the area that the practice belongs to today."""
    return _AREA_AFTER if practice.code == MOVED else TOWNS[practice.town].area


SIZE_FACTORS = {
    # Students are rarely old, ill or parents.
    (UNIVERSITY, "childhood-vaccination"): 0.05,
    (UNIVERSITY, "learning-disability-health-check"): 0.12,
    (UNIVERSITY, "blood-pressure-controlled"): 0.12,
    (UNIVERSITY, "diabetes-eight-checks"): 0.1,
    (UNIVERSITY, "cancer-found-by-urgent-referral"): 0.15,
    # A hospital for women and children.
    ("ZPA", "hospital-mortality-ratio"): 0.15,
    ("ZPA", "emergency-four-hours"): 0.6,
    # On an island of 212 people the survey asks everyone, and half a dozen answer.
    ("ZD0032", "phone-ease"): 2.4,
    ("ZD0032", "good-experience"): 2.6,
    ("ZD0032", "listened-to"): 2.5,
    ("ZD0032", "safeguarding-training"): 8.0,
}


def size_factors(members: Sequence[Member], metric_id: str) -> list[float]:
    """Return by how much each member's denominator differs from what its size would suggest."""
    return [SIZE_FACTORS.get((member.code, metric_id), 1.0) for member in members]
