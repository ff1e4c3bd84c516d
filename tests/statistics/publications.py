"""Small publications drawn by a seed, hard to protect: four releases each, with corrections and late figures.

Practices belong to networks, areas and one country, mostly to a second tree that cuts across them as well;
most publications have groups of patients by sex or age. Small counts are common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from generator.model.release import Directory, Publication, Release
from generator.statistics import compute_tables
from generator.statistics.adversary.attacked import AttackedRelease
from tests.factories import PERIODS, Row, make_observations, make_release, make_table

RELEASES = 4
SEX = ("women", "men")
AGE = ("young", "middle", "old")
KINDS = {"proportion": 0.6, "rate": 0.2, "ratio": 0.2}

Figures = dict[str, float]
Key = tuple[str, str, str]
"""Organisation, breakdown and period."""


def random_publication(seed: int) -> tuple[Release, ...]:
    """Return the releases of this seed, oldest first."""
    return _Draft(seed).releases()


def protect(releases: Sequence[Release]) -> list[AttackedRelease]:
    """Return the releases as they are published one after the other, each protected knowing those before."""
    earlier: list[Publication] = []
    for release in releases:
        tables = compute_tables(release, earlier=tuple(earlier))
        earlier.append(Publication(release.directory, tables))
    return [
        AttackedRelease(release.directory, release.observations, publication.tables)
        for release, publication in zip(releases, earlier, strict=True)
    ]


@dataclass
class _Draft:
    """A publication in the making."""

    seed: int
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        draw = self.random
        many = draw.random()
        self.count = int(
            draw.integers(50, 60)
            if many < 0.04
            else draw.integers(15, 41)
            if many < 0.25
            else draw.integers(6, 15)
        )
        self.practices = [f"P{number:02}" for number in range(self.count)]
        self.areas = [f"A{number}" for number in range(int(draw.integers(1, 4)))]
        self.networks = [f"N{number}" for number in range(int(draw.integers(2, 3 + self.count // 4)))]
        self.has_networks = self.chance(0.6)
        self.locals = [f"L{number}" for number in range(int(draw.integers(1, 2 + self.count // 4)))]
        self.has_locals = self.chance(0.7)
        self.has_sex, self.has_age = self.chance(0.5), self.chance(0.3)
        self.age_adds_up = self.chance(0.5)
        self.kind = str(draw.choice(list(KINDS), p=list(KINDS.values())))
        self.disclosure = "events" if self.chance(0.1) else "people"
        self.size = float(draw.choice([8, 20, 40, 120] if self.disclosure == "people" else [700, 1100]))
        self.share = float(draw.choice([0.05, 0.2, 0.5, 0.9]))
        self.has_excluded, self.has_base = self.chance(0.2), self.chance(0.1)
        self.is_sensitive = self.chance(0.15)
        self.supplies_areas = self.chance(0.1)
        self.figures: dict[Key, Figures | None] = {}
        self.revised: set[Key] = set()
        self.area_of = {network: self.among(self.areas) for network in self.networks}
        self.parent = {
            practice: self.among(self.networks if self.has_networks else self.areas)
            for practice in self.practices
        }
        self.local = {
            practice: self.among(self.locals)
            for practice in self.practices
            if self.has_locals and self.chance(0.9)
        }

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def among(self, choices: Sequence[str]) -> str:
        return choices[int(self.random.integers(len(choices)))]

    def releases(self) -> tuple[Release, ...]:
        periods = [str(period["period"]) for period in PERIODS[4:]]
        used = 1
        self._draw_period(periods[0])
        first = make_release(
            self._rows(),
            metrics=[
                {
                    "kind": self.kind,
                    "disclosure": self.disclosure,
                    "sensitive": self.is_sensitive,
                    "multiplier": {"proportion": 100, "rate": 1000, "ratio": 1}[self.kind],
                }
            ],
            descriptor={"release": "r1", "missing_rows": "not_submitted"},
            organisations=self._organisations(),
            memberships=self._memberships(),
            breakdowns=[
                *({"breakdown_id": name, "dimension": "sex", "title": name, "position": 1} for name in SEX),
                *({"breakdown_id": name, "dimension": "age", "title": name, "position": 2} for name in AGE),
            ],
            kinds=[{"kind": "network", "singular": "network", "plural": "networks", "is_area": True}],
        )
        releases = [first]
        for number in range(2, RELEASES + 1):
            self._correct()
            if self.chance(0.4) and used < len(periods):
                self._draw_period(periods[used])
                used += 1
            tables = {**first.directory.tables, "memberships": make_table("memberships", self._memberships())}
            descriptor = replace(first.directory.descriptor, release=f"r{number}")
            releases.append(Release(Directory(descriptor, tables), make_observations(self._rows()), ()))
        return tuple(releases)

    def _organisations(self) -> list[Row]:
        rows: list[dict[str, Any]] = [
            {"organisation_code": "C1", "kind": "country"},
            *({"organisation_code": code, "kind": "area", "parent_code": "C1"} for code in self.areas),
            *({"organisation_code": code, "kind": "area", "parent_code": "C1"} for code in self.locals),
            *({"organisation_code": code, "kind": "practice"} for code in self.practices),
        ]
        if self.has_networks:
            rows += [
                {"organisation_code": code, "kind": "network", "parent_code": parent}
                for code, parent in self.area_of.items()
            ]
        closed = self.among(self.practices)
        dates = {closed: {"closed_on": self.among(["2025-02-10", "2025-05-20"])}} if self.chance(0.3) else {}
        return [
            {**row, "name": row["organisation_code"], **dates.get(row["organisation_code"], {})}
            for row in rows
        ]

    def _memberships(self) -> list[Row]:
        rows: list[Row] = [
            {"organisation_code": practice, "parent_code": local, "tree": "local"}
            for practice, local in self.local.items()
        ]
        rows += [
            {"organisation_code": practice, "parent_code": parent} for practice, parent in self.parent.items()
        ]
        return rows

    def _draw_period(self, period: str) -> None:
        for practice in self.practices:
            absent = self.chance(0.1)
            for breakdown, figures in self._draw_practice().items():
                self.figures[practice, breakdown, period] = None if absent or self.chance(0.01) else figures
        if self.supplies_areas:
            area = self.areas[0]
            parts = [
                figures
                for (code, breakdown, when), figures in self.figures.items()
                if figures and breakdown == "all" and when == period and self._area(code) == area
            ]
            if parts:
                more = float(self.random.choice([0, 0, 30]))
                self.figures[area, "all", period] = {
                    name: sum(part[name] for part in parts) + more for name in ("numerator", "denominator")
                }

    def _area(self, code: str) -> str:
        parent = self.parent.get(code, "")
        return self.area_of.get(parent, parent)

    def _draw_practice(self) -> dict[str, Figures]:
        """Return one practice's figures by breakdown; the groups are margins of one table of people."""
        size = self.random.poisson(self.size * self.random.choice([0.3, 1.0, 2.0]))
        people = self.random.multinomial(size, [0.18, 0.2, 0.12, 0.15, 0.2, 0.15]).reshape(2, 3)
        if self.kind == "proportion":
            events = self.random.binomial(people, self.share)
        else:
            events = self.random.poisson(people * self.share * 0.3)
        excluded = self.random.binomial(people, 0.1)
        unknown = int(self.random.integers(0, 6)) if not self.age_adds_up else 0
        margins = {"all": np.ones((2, 3), dtype=np.bool_)}
        if self.has_sex:
            margins |= {name: np.arange(2)[:, None] == place for place, name in enumerate(SEX)}
        if self.has_age:
            margins |= {name: np.arange(3)[None, :] == place for place, name in enumerate(AGE)}
        found = {}
        for name, chosen in margins.items():
            extra = unknown if name in ("all", *SEX[:1]) else 0
            of_chosen = chosen & np.ones((2, 3), dtype=np.bool_)
            figures = {
                "numerator": float(events[of_chosen].sum()) + min(extra, 2),
                "denominator": float(people[of_chosen].sum()) + extra,
            }
            if self.kind == "ratio":
                figures["denominator"] = round(figures["denominator"] * 0.31 + 1, 2)
            if self.has_excluded:
                figures["excluded"] = float(excluded[of_chosen].sum())
            if self.has_base and self.kind == "proportion":
                figures["base"] = figures["denominator"]
            found[name] = figures
        return found

    def _correct(self) -> None:
        """Let figures come late, be corrected or be withdrawn, and a practice be found in another place."""
        for key, figures in list(self.figures.items()):
            if figures is None:
                if self.chance(0.4):
                    self.figures[key] = self._draw_practice().get(key[1])
                continue
            if self.chance(0.06) and key[0] in self.parent:
                name = self.among(["numerator", "numerator", "denominator"])
                changed = {**figures, name: max(0.0, figures[name] + float(self.random.integers(-4, 5)))}
                if self.kind == "proportion":
                    changed["numerator"] = min(changed["numerator"], changed["denominator"])
                self.figures[key] = changed
                if self.chance(0.6):
                    self.revised.add(key)
            elif self.chance(0.01):
                self.figures[key] = None
            elif self.chance(0.1):
                self.revised.discard(key)
        if self.chance(0.15):
            moved = self.among(self.practices)
            self.parent[moved] = self.among(self.networks if self.has_networks else self.areas)
        if self.chance(0.1) and self.local:
            self.local[self.among(list(self.local))] = self.among(self.locals)

    def _rows(self) -> list[Row]:
        return [
            {
                "organisation_code": code,
                "breakdown_id": breakdown,
                "period": period,
                "submission": "revised" if (code, breakdown, period) in self.revised else "final",
                **({"absence": "not_submitted"} if figures is None else figures),
            }
            for (code, breakdown, period), figures in self.figures.items()
        ]
