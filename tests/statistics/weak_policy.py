"""A deliberately weak policy: every row by its own size, and nothing hidden beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import fields
from typing import Any

import pandas as pd

from generator.model.metric import Metric
from generator.model.release import ProtectedTables, Release
from generator.model.tables import RESULTS
from generator.statistics.adversary.attacked import COUNTS, AttackedRelease
from generator.statistics.periods import Calendar
from generator.statistics.places import Places
from tests.statistics.publications import Figures, Key


def protect_weakly(releases: Sequence[Release]) -> list[AttackedRelease]:
    """Return the releases with small counts hidden and the others rounded, and nothing hidden beside them."""
    return [hide_and_round_only(release) for release in releases]


def hide_and_round_only(
    release: Release, *, also_hidden: Container[Key] = (), step: float = 5.0
) -> AttackedRelease:
    """Return one release so, with further rows hidden: the plain rules, one row after the other.

    Written anew here, because the attack must not lean on what it attacks.
    """
    metric = next(iter(release.directory.metrics.values()))
    places, calendar = Places.of(release.directory), Calendar.of(release.directory["periods"])
    known = release.observations[release.observations["absence"] == ""]
    raw: dict[Key, Figures] = {
        (row["organisation_code"], row["breakdown_id"], row["period"]): {
            name: row[name] for name in COUNTS if not pd.isna(row[name])
        }
        for row in known.to_dict("records")
    }
    members: dict[Key, list[Figures]] = defaultdict(list)
    for (code, breakdown, period), figures in raw.items():
        number = calendar.names.tolist().index(period)
        place = places.codes.tolist().index(code)
        is_open = places.is_open_between(calendar.start[number], calendar.end[number])[place]
        if is_open and places.kind[place] == metric.applies_to:
            for group in places.on(calendar.end[number]).members[place].indices:
                members[places.codes[places.groups[group]], breakdown, period].append(figures)
    sums = {
        key: {
            name: sum(part[name] for part in parts) for name in COUNTS if all(name in part for part in parts)
        }
        for key, parts in members.items()
    }
    rows = [
        {
            **dict(zip(("organisation_code", "breakdown_id", "period"), key, strict=True)),
            "metric_id": metric.metric_id,
            "absence": "",
            **_shown(
                figures,
                metric,
                step,
                is_whole=key[0] == "C1" and len(members[key]) >= 50,
                is_hidden=key in also_hidden,
            ),
        }
        for key, figures in {**sums, **raw}.items()
    ]
    results = pd.DataFrame(rows).reindex(columns=list(RESULTS.column_names))
    nothing = {item.name: pd.DataFrame() for item in fields(ProtectedTables)}
    return AttackedRelease(
        release.directory, release.observations, ProtectedTables(**{**nothing, "results": results})
    )


def _shown(
    figures: Figures, metric: Metric, step: float, *, is_whole: bool, is_hidden: bool
) -> dict[str, Any]:
    """Return what is shown of one row by the rules for its own size, or nothing."""
    numerator, denominator = figures["numerator"], figures["denominator"]
    if metric.disclosure == "events" and denominator >= 1000 and not is_whole and not is_hidden:
        return {**figures, "protection": "none"}
    people = [numerator]
    if metric.kind != "ratio":
        people.append(denominator)
    if metric.kind == "proportion":
        people.append(denominator - numerator)
    is_few = any(0 < count < 8 for count in people) or 0 < figures.get("base", 0) < 10
    if metric.sensitive and metric.kind == "proportion":
        is_few |= numerator in (0, denominator)
    if is_hidden or (is_few and not is_whole):
        return {"protection": "hidden"}
    shown = {}
    for name, count in figures.items():
        if name == "denominator" and metric.kind == "ratio":
            shown[name] = count
        elif is_whole:
            unit = 10 ** max(len(str(int(count))) - 4, 0)
            shown[name] = (count + unit / 2) // unit * unit if unit > 1 else round(count, 2)
        elif name != "excluded" or not 0 < count < 8:
            shown[name] = (count + step / 2) // step * step
    return {**shown, "protection": "rounded"}
