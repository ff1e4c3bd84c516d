"""The book of one release: everything pages are made from, indexed once so that a page costs milliseconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from generator.model.metric import Metric, metric_from_row
from generator.model.release import Descriptor, Directory, Publication
from generator.model.tables import ALL_PATIENTS, MAIN_TREE, RESULTS
from generator.model.vocabulary import Audience, BenchmarkKind, Frequency
from generator.rendering.control_lines import ControlLines
from generator.rendering.facts import Fact, Result
from generator.rendering.period_names import Calendar, PeriodName
from generator.rendering.records import AreaLevel, Domain, MetricPeriod, Organisation, Plates

ROWS_AT_MOST = 200
"""How many organisations a page about a metric in an area lists."""


class _Held(NamedTuple):
    """HELD_COMPARISONS by column, sorted by the place of the result compared."""

    compared: np.ndarray[Any, np.dtype[np.int64]]
    kinds: Any
    codes: Any
    benchmarks: Any
    comparisons: Any
    judgements: Any


@dataclass(frozen=True)
class Book:
    """One release, indexed for rendering. Nothing is calculated here: rows are only found and arranged."""

    publication: Publication
    audience: Audience
    links: Mapping[str, str]
    """What to do next: label to https address."""
    calendar: Calendar
    """How its periods are written."""
    plates: Mapping[str, Plates] = field(default_factory=dict)
    """By metric_id."""
    peer_names: Mapping[str, str] = field(default_factory=dict)
    """What organisations like one's own are called, by their kind."""

    def with_plates(self, plates: Mapping[str, Plates]) -> Book:
        """Return the same book with its plates. The indexes made so far go along."""
        book = replace(self, plates=plates)
        made = {name: value for name, value in vars(self).items() if name not in Book.__dataclass_fields__}
        vars(book).update(made)
        return book

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
        names = [item for item in Organisation.__dataclass_fields__ if item != "code"]
        table = self.directory["organisations"]
        rows = zip(
            table["organisation_code"].tolist(), *(table[name].tolist() for name in names), strict=True
        )
        known = [Organisation(code, *map(_plain, values)) for code, *values in rows]
        known.sort(key=lambda organisation: (organisation.name.casefold(), organisation.code))
        return {organisation.code: organisation for organisation in known}

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
    def latest(self) -> dict[str, str]:
        """Each metric's own latest period: the last for which anybody has a value."""
        shown = self._results[self._results["value"].notna().to_numpy()]
        pairs = shown[["metric_id", "period"]].drop_duplicates()
        latest: dict[str, str] = {}
        for metric_id, period in zip(pairs["metric_id"], pairs["period"], strict=True):
            known = latest.get(metric_id)
            if known is None or self.period_order[period] > self.period_order[known]:
                latest[metric_id] = period
        return latest

    @cached_property
    def _places(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Where the results of the metrics shown stand in RESULTS; sorted as `_results` are."""
        results = self.publication.tables.results
        shown = np.flatnonzero(results["metric_id"].isin(list(self.metrics)).to_numpy())
        results = results.iloc[shown]
        order = pd.Series(self.period_order)
        place = results["period"].astype(str).map(order).to_numpy()
        keys = (
            place,
            results["breakdown_id"].astype(str).to_numpy(),
            results["metric_id"].astype(str).to_numpy(),
            results["organisation_code"].astype(str).to_numpy(),
        )
        return np.asarray(shown[np.lexsort(keys)], dtype=np.int64)

    @cached_property
    def _results(self) -> pd.DataFrame:
        """RESULTS of the metrics shown, by organisation, metric, breakdown, then time."""
        return self.publication.tables.results.iloc[self._places].reset_index(drop=True)

    @cached_property
    def _columns(self) -> tuple[tuple[Any, Any], ...]:
        """Each column of the results as (codes or numbers, categories or None): quick to slice into rows."""
        columns: list[tuple[Any, Any]] = []
        for name in RESULTS.column_names:
            column = self._results[name]
            if isinstance(column.dtype, pd.CategoricalDtype):
                columns.append((column.cat.codes.to_numpy(), [*map(str, column.cat.categories), ""]))
            elif column.dtype.kind == "f":
                columns.append((column.to_numpy(), None))
            else:
                coded = pd.Categorical(column.astype(object).fillna(""))
                columns.append((coded.codes, [*map(str, coded.categories), ""]))
        return tuple(columns)

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        """First and last row of each organisation."""
        codes = self._results["organisation_code"].astype(str).to_numpy()
        if not len(codes):
            return {}
        changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1
        starts, ends = np.r_[0, changes], np.r_[changes, len(codes)]
        return {str(codes[start]): (int(start), int(end)) for start, end in zip(starts, ends, strict=True)}

    @cached_property
    def _latest_rows(self) -> dict[str, dict[str, int]]:
        """By metric: the row of each organisation for everybody in the metric's latest period."""
        results = self._results
        everyone = (results["breakdown_id"] == ALL_PATIENTS).to_numpy()
        latest = results["metric_id"].astype(str).map(self.latest).to_numpy()
        rows = np.flatnonzero(everyone & (results["period"].astype(str).to_numpy() == latest))
        found: dict[str, dict[str, int]] = {metric_id: {} for metric_id in self.metrics}
        metric_ids = results["metric_id"].astype(str).to_numpy()[rows]
        codes = results["organisation_code"].astype(str).to_numpy()[rows]
        for row, metric_id, code in zip(rows.tolist(), metric_ids.tolist(), codes.tolist(), strict=True):
            found[metric_id][code] = row
        return found

    def fact(self, result: Result, place: int = -1) -> Fact:
        """Return the result as a fact; `place` is where it stands in RESULTS."""
        metric = self.metrics[result.metric_id]
        if result.benchmark_kind == BenchmarkKind.PEERS:
            name = self.peer_names.get(metric.applies_to, "")
        else:
            benchmark = self.organisations.get(result.benchmark_code)
            name = benchmark.name if benchmark else ""
        return Fact(result, metric, self.periods[result.period], name, place)

    def against(self, fact: Fact, kind: BenchmarkKind) -> Fact | None:
        """Return the fact compared with another benchmark: country, parent, peers or target; None: with none.

        Only facts of an organisation's own pages know their place among the results.
        """
        if fact.result.benchmark_kind == kind:
            return fact if fact.has_benchmark else None
        held = self._held
        first = int(np.searchsorted(held.compared, fact.place)) if fact.place >= 0 else len(held.compared)
        for row in range(first, len(held.compared)):
            if held.compared[row] != fact.place:
                break
            if held.kinds[row] == kind:
                found = fact.result._replace(
                    benchmark_kind=kind,
                    benchmark_code=str(held.codes[row]),
                    benchmark=float(held.benchmarks[row]),
                    comparison=str(held.comparisons[row]),
                    judgement=str(held.judgements[row]),
                )
                return self.fact(found, fact.place)
        return None

    @cached_property
    def _held(self) -> _Held:
        tables = self.publication.tables
        columns = ("benchmark_kind", "benchmark_code", "benchmark", "comparison", "judgement")
        return _Held(tables.compared, *(tables.held_comparisons[name].array for name in columns))

    @cached_property
    def peers(self) -> dict[str, tuple[str, ...]]:
        """Whom each organisation is like, by code: the organisations that are compared with as its peers."""
        table = self.publication.tables.peers
        found: dict[str, list[str]] = defaultdict(list)
        for code, peer in zip(table["organisation_code"], table["peer_code"], strict=True):
            found[str(code)].append(str(peer))
        return {code: tuple(peers) for code, peers in found.items()}

    @cached_property
    def earlier_periods(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """By metric and period: the periods that a change may be told since, the first choice first.

        The one before it of the same frequency, then for a quarter the same quarter a year before.
        """
        frequency = dict(
            zip(*(self.directory["periods"][name] for name in ("period", "frequency")), strict=True)
        )
        pairs = self._results[["metric_id", "period"]].drop_duplicates()
        used: dict[tuple[str, str], list[str]] = defaultdict(list)
        for metric_id, period in sorted(
            zip(pairs["metric_id"].astype(str), pairs["period"].astype(str), strict=True),
            key=lambda pair: self.period_order[pair[1]],
        ):
            used[metric_id, frequency[period]].append(period)
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for (metric_id, how_often), periods in used.items():
            months = {
                (self.period_ends[period].year, self.period_ends[period].month): period for period in periods
            }
            for place, period in enumerate(periods):
                end = self.period_ends[period]
                year_before = (
                    months.get((end.year - 1, end.month)) if how_often == Frequency.QUARTER else None
                )
                candidates = (periods[place - 1] if place else None, year_before)
                found[metric_id, period] = tuple(name for name in candidates if name)
        return found

    def since(self, history: Sequence[Fact], fact: Fact) -> PeriodName | None:
        """Return the period that the fact's change is told since; None: none of its history is sure."""
        by_period = {earlier.result.period: earlier for earlier in history}
        for period in self.earlier_periods.get((fact.result.metric_id, fact.result.period), ()):
            earlier = by_period.get(period)
            if earlier and earlier.has_value and earlier.result.version == fact.result.version:
                return earlier.period
        return None

    def facts_of(self, code: str) -> dict[str, dict[str, list[Fact]]]:
        """Return an organisation's facts: by metric, then breakdown, in time order."""
        found: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
        span = slice(*self._spans.get(code, (0, 0)))
        for place, result in zip(self._places[span].tolist(), self._pick(span), strict=True):
            found[result.metric_id][result.breakdown_id].append(self.fact(result, place))
        return found

    @cached_property
    def country_facts(self) -> dict[str, dict[str, list[Fact]]]:
        """The country's facts: by metric, then breakdown, in time order; none without a country."""
        return self.facts_of(self.country.code) if self.country else {}

    def current(self, history: Sequence[Fact]) -> Fact:
        """Return the fact that pages lead with, of one organisation's facts in time order.

        The last one, but for periods in which nobody has a value: those are still on their way.
        """
        latest = self.latest.get(history[-1].result.metric_id)
        if latest is None:
            return history[-1]
        until = self.period_order[latest]
        arrived = [fact for fact in history if self.period_order[fact.result.period] <= until]
        return arrived[-1] if arrived else history[-1]

    def latest_facts(self, metric_id: str, codes: Iterable[str]) -> list[Fact]:
        """Return the facts of these organisations in the metric's latest period; others are left out."""
        rows = self._latest_rows[metric_id]
        chosen = np.array([rows[code] for code in codes if code in rows], dtype=np.int64)
        return [self.fact(result) for result in self._pick(chosen)]

    def reporters(self, metric_id: str) -> list[str]:
        """Return who has a row in the metric's latest period, areas left out."""
        return [
            code
            for code in self._latest_rows[metric_id]
            if code in self.organisations and not self.organisations[code].is_area
        ]

    def results_of(self, metric_id: str, *, latest: bool = False) -> Iterator[Result]:
        """Yield everybody's results for one metric, by organisation, breakdown and time."""
        chosen = (self._results["metric_id"] == metric_id).to_numpy()
        if latest:
            chosen = chosen & (self._results["period"] == self.latest.get(metric_id)).to_numpy()
        return self._pick(np.flatnonzero(chosen))

    def _pick(self, rows: slice | np.ndarray[Any, np.dtype[np.int64]]) -> Iterator[Result]:
        columns = [
            values[rows].tolist() if words is None else [words[code] for code in values[rows].tolist()]
            for values, words in self._columns
        ]
        return (Result(*row) for row in zip(*columns, strict=True))

    @cached_property
    def group_periods(self) -> dict[tuple[str, str], dict[str, MetricPeriod]]:
        """METRIC_PERIODS for everybody: by (metric_id, group_code), then by period in time order."""
        table = self.publication.tables.metric_periods
        table = table[(table["breakdown_id"] == ALL_PATIENTS).to_numpy()]
        found: dict[tuple[str, str], dict[str, MetricPeriod]] = defaultdict(dict)
        order = table["period"].astype(str).map(self.period_order).to_numpy()
        table = table.iloc[np.argsort(order, kind="stable")]
        for row in zip(
            table["metric_id"].astype(str).tolist(),
            table["group_code"].astype(str).tolist(),
            table["period"].astype(str).tolist(),
            table["numerator"].tolist(),
            table["denominator"].tolist(),
            table["value"].tolist(),
            table["reported"].tolist(),
            table["expected"].tolist(),
            table["phi"].tolist(),
            table["tau2"].tolist(),
            table["limits_used"].astype(str).tolist(),
            table["flagged"].tolist(),
            table["flagged_by_chance"].tolist(),
            strict=True,
        ):
            metric_id, group, period, numerator, denominator, value, reported, expected, *outliers = row
            found[metric_id, group][period] = MetricPeriod(
                numerator, denominator, value, int(reported), int(expected), *outliers
            )
        return found

    @cached_property
    def control_lines(self) -> ControlLines:
        """The lines and targets of control charts, by organisation and metric."""
        shown = list(self.metrics)
        tables = self.publication.tables
        return ControlLines.of(tables.spc, tables.held_comparisons, tables.results, shown, self.period_order)

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

    def reporting_in(self, metric_id: str, code: str) -> list[str]:
        """Return who in the area has a row in the metric's latest period, by name."""
        rows = self._latest_rows[metric_id]
        return [item.code for item in self.inside(code) if item.code in rows]

    @cached_property
    def area_levels(self) -> tuple[AreaLevel, ...]:
        """The open areas by level, the level with the fewest areas first; countries are left out."""
        levels: dict[str, list[Organisation]] = defaultdict(list)
        for area in self.areas:
            if area.kind != "country" and area.is_open:
                levels[area.level].append(area)
        ordered = sorted(levels.items(), key=lambda item: (len(item[1]), item[0]))
        return tuple(AreaLevel(level, tuple(areas)) for level, areas in ordered)

    @cached_property
    def area_pages(self) -> dict[str, tuple[str, ...]]:
        """By metric: the areas that have a page about it.

        Those of the main tree in which somebody, and at most 200, reports it. Levels of more than 200 areas
        (primary care networks) have none, so that pages stay in proportion to results.
        """
        crowded = {level.level for level in self.area_levels if len(level.areas) > ROWS_AT_MOST}
        candidates = [
            area.code for area in self.areas if area.code in self.main_tree and area.level not in crowded
        ]
        return {
            metric_id: tuple(
                code for code in candidates if 0 < len(self._inside[code] & rows.keys()) <= ROWS_AT_MOST
            )
            for metric_id, rows in self._latest_rows.items()
        }

    def country_periods(self, metric_id: str) -> pd.DataFrame:
        """Return the country's METRIC_PERIODS of one metric, for everybody."""
        table = self.publication.tables.metric_periods
        chosen = (
            (table["metric_id"] == metric_id)
            & (table["breakdown_id"] == ALL_PATIENTS)
            & (table["group_code"] == (self.country.code if self.country else ""))
        )
        return table[chosen.to_numpy()]

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
        for name, attribute in vars(type(self)).items():
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


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a directory table as templates like them."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    """Return a cell as templates like it: None for missing dates and flags, dates as dates."""
    if value is pd.NaT or value is pd.NA:
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value
