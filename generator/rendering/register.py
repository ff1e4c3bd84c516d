"""What a release says of everything but results: who there is, where they belong, what is measured, when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from generator.model.metric import Metric, metric_from_row
from generator.model.release import Descriptor, Directory, Publication
from generator.model.tables import MAIN_TREE
from generator.model.vocabulary import Audience, Frequency
from generator.rendering.period_names import Calendar, PeriodName
from generator.rendering.records import AreaLevel, Domain, Organisation


@dataclass(frozen=True)
class Register:
    """Organisations, areas, metrics, periods and services of one release, indexed for rendering."""

    publication: Publication
    audience: Audience
    links: Mapping[str, str]
    """What to do next: label to https address."""
    calendar: Calendar
    """How its periods are written."""

    @property
    def directory(self) -> Directory:
        """Everything of the release but its results."""
        return self.publication.directory

    @property
    def descriptor(self) -> Descriptor:
        """What the release says about itself."""
        return self.directory.descriptor

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The metrics this audience may see, in scorecard order."""
        seen = {
            Audience.PUBLIC: (Audience.PUBLIC,),
            Audience.BOARD: (Audience.PUBLIC, Audience.BOARD),
            Audience.ORGANISATION: tuple(Audience),
        }[self.audience]
        return {key: metric for key, metric in self.directory.metrics.items() if metric.audience in seen}

    @cached_property
    def domains(self) -> tuple[Domain, ...]:
        """The domains that have a metric to show, in order."""
        by_domain: dict[str, list[Metric]] = defaultdict(list)
        for metric in self.metrics.values():
            by_domain[metric.domain_id].append(metric)
        table = self.directory["domains"].sort_values(["position", "domain_id"], kind="stable")
        return tuple(
            Domain(row["domain_id"], row["title"], row["description"], tuple(by_domain[row["domain_id"]]))
            for row in _rows(table)
            if by_domain[row["domain_id"]]
        )

    @cached_property
    def organisations(self) -> dict[str, Organisation]:
        """Every organisation and area, by code, sorted by name, then code."""
        table = self.directory["organisations"]
        names = [item for item in Organisation.__dataclass_fields__ if item in table]
        rows = zip(
            table["organisation_code"].tolist(), *(table[name].tolist() for name in names), strict=True
        )
        known = [Organisation(code, *map(_plain, values)) for code, *values in rows]
        known.sort(key=lambda organisation: (organisation.name.casefold(), organisation.code))
        return {organisation.code: organisation for organisation in _told_apart(known)}

    @cached_property
    def country(self) -> Organisation | None:
        """The country, where there is exactly one."""
        countries = [item for item in self.organisations.values() if item.kind == "country"]
        return countries[0] if len(countries) == 1 else None

    @cached_property
    def periods(self) -> dict[str, PeriodName]:
        """Every period by id, in time order."""
        table = self.directory["periods"].sort_values(["end", "start", "period"], kind="stable")
        return {
            row["period"]: self.calendar.name_period(
                row["period"], row["label"], row["start"], row["end"], row["frequency"]
            )
            for row in _rows(table)
        }

    @cached_property
    def period_order(self) -> dict[str, int]:
        """Each period's place in time."""
        return {period: position for position, period in enumerate(self.periods)}

    @cached_property
    def period_ends(self) -> dict[str, date]:
        """Each period's last day."""
        table = self.directory["periods"]
        return {period: end.date() for period, end in zip(table["period"], table["end"], strict=True)}

    @cached_property
    def period_starts(self) -> dict[str, date]:
        """Each period's first day."""
        table = self.directory["periods"]
        return {period: start.date() for period, start in zip(table["period"], table["start"], strict=True)}

    @cached_property
    def _seasons(self) -> dict[str, tuple[str, int]]:
        """Each quarter's and month's frequency with its last month of the year."""
        table = self.directory["periods"]
        return {
            period: (frequency, end.month)
            for period, frequency, end in zip(table["period"], table["frequency"], table["end"], strict=True)
            if frequency in (Frequency.QUARTER, Frequency.MONTH)
        }

    def is_same_season(self, period: str, other: str) -> bool:
        """Return whether both are quarters, or months, of the same time of the year."""
        season = self._seasons.get(period)
        return season is not None and season == self._seasons.get(other)

    @cached_property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Today's members of each area, provider or other parent, by name; every tree together."""
        memberships = self.directory["memberships"]
        current = memberships[memberships["to"].isna().to_numpy()]
        found: dict[str, set[str]] = defaultdict(set)
        for code, parent in zip(current["organisation_code"], current["parent_code"], strict=True):
            found[parent].add(code)
        placed = set(memberships.loc[(memberships["tree"] == MAIN_TREE).to_numpy(), "organisation_code"])
        for organisation in self.organisations.values():
            if organisation.parent_code and organisation.code not in placed:
                found[organisation.parent_code].add(organisation.code)
        position = {code: place for place, code in enumerate(self.organisations)}
        return {
            parent: tuple(sorted((code for code in codes if code in position), key=position.__getitem__))
            for parent, codes in found.items()
        }

    @cached_property
    def other_areas(self) -> dict[str, list[str]]:
        """By organisation: today's areas of other trees than the main parent's, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for parent, codes in sorted(self.members.items()):
            if parent in self.organisations and self.organisations[parent].is_area:
                for code in codes:
                    if self.organisations[code].parent_code != parent:
                        found[code].append(parent)
        return found

    def members_of(self, code: str) -> list[Organisation]:
        """Return today's members of an area or provider, by name."""
        return [self.organisations[member] for member in self.members.get(code, ())]

    @cached_property
    def main_tree(self) -> frozenset[str]:
        """Every area of the main tree, from yesterday or today."""
        memberships = self.directory["memberships"]
        parents = memberships.loc[(memberships["tree"] == MAIN_TREE).to_numpy(), "parent_code"]
        return frozenset(parents) | {
            item.parent_code for item in self.organisations.values() if item.parent_code
        }

    @cached_property
    def _inside(self) -> dict[str, frozenset[str]]:
        """By area: everybody in it today who is no area, through all levels below it."""
        found: dict[str, frozenset[str]] = {}

        def collect(code: str, above: tuple[str, ...]) -> frozenset[str]:
            if code not in found:
                inside: set[str] = set()
                for member in self.members.get(code, ()):
                    if member in above:
                        continue
                    if self.organisations[member].is_area:
                        inside |= collect(member, (*above, code))
                    else:
                        inside.add(member)
                found[code] = frozenset(inside)
            return found[code]

        for area in self.areas:
            collect(area.code, ())
        return found

    def inside(self, code: str) -> list[Organisation]:
        """Return everybody in an area today who is no area, by name."""
        codes = self._inside.get(code, frozenset())
        return sorted(
            (self.organisations[member] for member in codes),
            key=lambda item: (item.name.casefold(), item.code),
        )

    @cached_property
    def area_levels(self) -> tuple[AreaLevel, ...]:
        """The open areas by level, the level with the fewest areas first; countries are left out."""
        levels: dict[str, list[Organisation]] = defaultdict(list)
        for area in self.areas:
            if area.kind != "country" and area.is_open:
                levels[area.level].append(area)
        ordered = sorted(levels.items(), key=lambda item: (len(item[1]), item[0]))
        return tuple(AreaLevel(level, tuple(areas)) for level, areas in ordered)

    def breaks_between(self, metric_id: str, earlier: date, later: date) -> bool:
        """Return whether a version of the metric that begins between the two days breaks the series."""
        return any(
            version.breaks_series and version.valid_from is not None and earlier < version.valid_from <= later
            for version in self.versions_of(metric_id)
        )

    def domain_of(self, metric: Metric) -> Domain:
        """Return the metric's domain."""
        return next(domain for domain in self.domains if domain.domain_id == metric.domain_id)

    @cached_property
    def breakdowns(self) -> list[dict[str, Any]]:
        """The breakdowns in order of dimension and position."""
        table = self.directory["breakdowns"].sort_values(["dimension", "position"], kind="stable")
        return _rows(table)

    @cached_property
    def _versions(self) -> dict[str, tuple[Metric, ...]]:
        found: dict[str, list[Metric]] = defaultdict(list)
        for row in self.directory["metrics"].to_dict("records"):
            version = metric_from_row(row)
            found[version.metric_id].append(version)
        return {
            metric_id: tuple(sorted(versions, key=lambda item: item.valid_from or date.min, reverse=True))
            for metric_id, versions in found.items()
        }

    def versions_of(self, metric_id: str) -> tuple[Metric, ...]:
        """Return every version of a metric's definition, the newest first."""
        return self._versions[metric_id]

    def trail(self, organisation: Organisation) -> list[Organisation]:
        """Return the areas above an organisation, the widest first."""
        trail: dict[str, Organisation] = {}
        parent = organisation.parent_code
        # Parents that name each other in a circle end where they would be named twice.
        while parent in self.organisations and parent not in (organisation.code, *trail):
            trail[parent] = self.organisations[parent]
            parent = self.organisations[parent].parent_code
        return list(trail.values())[::-1]

    def kind_name(self, kind: str) -> str:
        """Return what an organisation of a declared kind is called; other kinds are worded."""
        return next((str(row["singular"]) for row in self.rows_of("kinds") if row["kind"] == kind), "")

    @cached_property
    def scorecards(self) -> tuple[Organisation, ...]:
        """Everybody with a page under /organisations/."""
        return tuple(item for item in self.organisations.values() if not item.is_area)

    @cached_property
    def areas(self) -> tuple[Organisation, ...]:
        """Everybody with a page under /areas/."""
        return tuple(item for item in self.organisations.values() if item.is_area)

    @cached_property
    def service_ids(self) -> dict[str, list[str]]:
        """By organisation: the services it provides."""
        known = {row["service_id"] for row in self.rows_of("services")}
        found: dict[str, list[str]] = defaultdict(list)
        for row in self.rows_of("provisions"):
            service_id = row["service_id"]
            if service_id in known and service_id not in found[row["organisation_code"]]:
                found[row["organisation_code"]].append(service_id)
        return found

    def warm(self) -> None:
        """Fill every index, so that worker processes find them made."""
        for part in type(self).__mro__:
            for name, attribute in vars(part).items():
                if isinstance(attribute, cached_property):
                    getattr(self, name)

    def rows_of(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a directory table, as plain mappings."""
        if table not in self._listed:
            self._listed[table] = _rows(self.directory[table])
        return self._listed[table]

    def rows_about(self, table: str, column: str, code: str) -> Sequence[Mapping[str, Any]]:
        """Return the rows of a directory table whose column holds the code, as plain mappings."""
        return self._by_code(table, column).get(code, ())

    def _by_code(self, table: str, column: str) -> dict[str, list[dict[str, Any]]]:
        known = self._grouped.get((table, column))
        if known is None:
            known = defaultdict(list)
            for row in self.rows_of(table):
                known[str(row[column])].append(row)
            self._grouped[table, column] = known
        return known

    @cached_property
    def _listed(self) -> dict[str, list[dict[str, Any]]]:
        return {}

    @cached_property
    def _grouped(self) -> dict[tuple[str, str], dict[str, list[dict[str, Any]]]]:
        return {}


def _told_apart(organisations: Sequence[Organisation]) -> Iterator[Organisation]:
    """Yield the organisations; those of one kind that share a name have what tells them apart. Not areas."""
    names = Counter((item.kind, item.name) for item in organisations if not item.is_area)
    shared = [item for item in organisations if names[item.kind, item.name] > 1]
    towns = Counter((item.kind, item.name, item.town) for item in shared)
    for item in organisations:
        if names[item.kind, item.name] > 1:
            is_enough = item.town and towns[item.kind, item.name, item.town] == 1
            yield replace(item, told_apart_by=item.town if is_enough else item.code)
        else:
            yield item


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a directory table as templates like them."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    """Return a cell as templates like it: None for missing dates and flags, dates as dates."""
    if value is pd.NaT or value is pd.NA:
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value
