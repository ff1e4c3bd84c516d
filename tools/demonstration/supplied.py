"""Figures of areas and the country, where the source supplies them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from generator.model.vocabulary import Kind
from tools.demonstration.figures import standardised_rate
from tools.demonstration.periods import Period
from tools.demonstration.places import AREAS, COUNTRY
from tools.demonstration.plans import MetricPlan
from tools.demonstration.population import Membership, practice_memberships

_ON_NO_LIST = 1.006
"""The vaccination programme's country figure includes people who are on no practice's list."""


def supplied_figures(plan: MetricPlan, figures: pd.DataFrame, periods: Sequence[Period]) -> pd.DataFrame:
    """Return the rows that the source supplies for the country, and of standardised rates for every area.

    They are made from complete figures, so they include whoever did not report.
    """
    everyone = figures[figures["breakdown_id"] == "all"]
    by_period = dict(iter(everyone.groupby("period", sort=False)))
    rows: list[dict[str, Any]] = []
    for period in periods:
        if period.period not in by_period:
            continue
        members = by_period[period.period]
        for code, belonging in _places(plan, period):
            group = members if belonging is None else members[members["organisation_code"].isin(belonging)]
            key = {"metric_id": plan.metric_id, "organisation_code": code, "breakdown_id": "all"}
            rows.append(key | {"period": period.period} | _figures_of(plan, group))
    return pd.DataFrame(rows, columns=figures.columns).assign(basis="")


def _places(plan: MetricPlan, period: Period) -> Iterable[tuple[str, Sequence[str] | None]]:
    """Return each place that figures are supplied for, with the practices in it (None: everybody)."""
    yield COUNTRY, None
    if plan.kind is Kind.STANDARDISED:
        members = _members_by_place(period)
        yield from ((area.code, members[area.code]) for area in AREAS if area.code != COUNTRY)


def _members_by_place(period: Period) -> Mapping[str, list[str]]:
    parents = {area.code: area.parent for area in AREAS}
    members: dict[str, list[str]] = {area.code: [] for area in AREAS}
    for membership in _holding(practice_memberships(), period):
        members[membership.parent].append(membership.code)
        if parents[membership.parent] != COUNTRY:
            members[parents[membership.parent]].append(membership.code)
    return members


def _holding(memberships: Iterable[Membership], period: Period) -> Iterable[Membership]:
    return (membership for membership in memberships if membership.holds_on(period.end))


def _figures_of(plan: MetricPlan, group: pd.DataFrame) -> dict[str, Any]:
    people = group["denominator"].astype(float)
    if plan.kind is Kind.MEAN:
        mean = float((people * group["value"]).sum() / people.sum())
        squares = float(
            (people * (group["standard_deviation"] ** 2 + group["value"] ** 2)).sum() / people.sum()
        )
        return {
            "denominator": int(people.sum()),
            "value": round(mean, 2),
            "standard_deviation": round((squares - mean**2) ** 0.5, 2),
        }
    if plan.kind is Kind.STANDARDISED:
        rated = group[group["value"].notna()]
        expected_events = float((rated["value"] * rated["denominator"]).sum() / plan.multiplier)
        ages = expected_events / float(rated["numerator"].sum())
        return standardised_rate(int(group["numerator"].sum()), int(people.sum()), ages, plan.multiplier)
    return {
        "numerator": round(int(group["numerator"].sum()) * (_ON_NO_LIST - 0.002)),
        "denominator": round(int(people.sum()) * _ON_NO_LIST),
    }
