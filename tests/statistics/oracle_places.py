"""Who, where and when, for the slow rules: one question at a time, answered from the package's tables."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from generator.model.release import Directory

Row = dict[str, Any]


class Whereabouts:
    """The organisations of a package, their areas and their likes, and the versions of its metrics."""

    def __init__(self, directory: Directory) -> None:
        self.tables = {name: records(directory[name]) for name in directory.tables}
        self.missing_rows = directory.descriptor.missing_rows
        self.organisations = {row["organisation_code"]: row for row in self.tables["organisations"]}
        self.periods = {row["period"]: row for row in self.tables["periods"]}
        self.area_kinds = {"area"} | {row["kind"] for row in self.tables["kinds"] if row["is_area"]}
        self.countries = sorted(code for code, row in self.organisations.items() if row["kind"] == "country")
        self.memberships: dict[str, list[Row]] = defaultdict(list)
        for row in self.tables["memberships"]:
            self.memberships[row["organisation_code"]].append(row)
        self.trees = sorted({"main"} | {row["tree"] for row in self.tables["memberships"]})
        self.known_groups: dict[tuple[str, date], set[str]] = {}
        self.known_members: dict[date, dict[str, set[str]]] = {}
        self.known_versions: dict[tuple[str, str], Row] = {}

    # Metrics and periods

    def versions(self, metric_id: str) -> list[Row]:
        """Return the versions of a metric, the earliest first."""
        versions = [row for row in self.tables["metrics"] if row["metric_id"] == metric_id]
        return sorted(versions, key=lambda row: row["valid_from"] or date.min)

    def metric(self, metric_id: str, period: str) -> Row:
        """Return the version in force on the period's last day."""
        if (metric_id, period) not in self.known_versions:
            self.known_versions[metric_id, period] = self._version(metric_id, self.periods[period]["end"])
        return self.known_versions[metric_id, period]

    def _version(self, metric_id: str, day: date) -> Row:
        versions = self.versions(metric_id)
        for row in reversed(versions):
            if (row["valid_from"] or date.min) <= day <= (row["valid_to"] or date.max):
                return row
        begun = [row for row in versions if (row["valid_from"] or date.min) <= day]
        return begun[-1] if begun else versions[0]

    def breaks(self, metric_id: str, period: str) -> int:
        """Return how many times the series of a metric has been broken by a new definition until a period."""
        versions = self.versions(metric_id)
        place = versions.index(self.metric(metric_id, period))
        return sum(bool(row["breaks_series"]) for row in versions[1 : place + 1])

    def in_time(self, frequency: str) -> list[str]:
        """Return the periods of a frequency in order."""
        names = [name for name, row in self.periods.items() if row["frequency"] == frequency]
        return sorted(names, key=lambda name: (self.periods[name]["end"], self.periods[name]["start"], name))

    def follows(self, period: str, other: str) -> bool:
        """Tell whether a period begins on the day after another ends."""
        return bool(self.periods[period]["start"] == self.periods[other]["end"] + timedelta(days=1))

    # Areas

    def parents(self, code: str, tree: str, day: date) -> set[str]:
        """Return the direct parents in one tree on a day."""
        own = [row for row in self.memberships.get(code, []) if row["tree"] == tree]
        parents = {
            row["parent_code"] for row in own if (row["from"] or date.min) <= day <= (row["to"] or date.max)
        }
        if tree == "main" and not own:
            parent = self.organisations[code]["parent_code"]
            parents |= {parent} if parent else set()
        return parents

    def ancestors(self, code: str, tree: str, day: date) -> set[str]:
        """Return everything above an organisation in one tree."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            new = self.parents(waiting.pop(), tree, day) - found
            found |= new
            waiting += sorted(new)
        return found

    def groups(self, code: str, day: date, trees: list[str] | None = None) -> set[str]:
        """Return the areas and countries an organisation belongs to on a day."""
        if trees is None:
            if (code, day) not in self.known_groups:
                self.known_groups[code, day] = self.groups(code, day, self.trees)
            return self.known_groups[code, day]
        found = set().union(*(self.ancestors(code, tree, day) for tree in trees))
        found = {above for above in found if self.is_group(above)}
        if len(self.countries) == 1 and code != self.countries[0]:
            found.add(self.countries[0])
        return found

    def members(self, day: date) -> dict[str, set[str]]:
        """Return who belongs to each area and country on a day."""
        if day not in self.known_members:
            members: dict[str, set[str]] = defaultdict(set)
            for code in self.organisations:
                for group in self.groups(code, day):
                    members[group].add(code)
            self.known_members[day] = members
        return self.known_members[day]

    def is_group(self, code: str) -> bool:
        return self.organisations[code]["kind"] in self.area_kinds or code in self.countries

    def smallest(self, groups: set[str], day: date) -> str:
        """Return the group with the fewest members, ties by code; empty where there is none."""
        members = self.members(day)
        return min(groups, key=lambda group: (len(members.get(group, ())), group), default="")

    def country_of(self, code: str, day: date) -> str:
        return self.smallest(self.groups(code, day) & set(self.countries), day)

    # Who is expected, what is aimed at

    def is_open(self, code: str, start: date, end: date) -> bool:
        row = self.organisations[code]
        return (row["opened_on"] or date.min) <= end and (row["closed_on"] or date.max) >= start

    def is_expected(self, code: str, metric: Row, period: str) -> bool:
        """Tell whether an organisation should report on the period's last day."""
        end = self.periods[period]["end"]
        if self.organisations[code]["kind"] != metric["applies_to"] or not self.is_open(code, end, end):
            return False
        return not metric["service_id"] or any(
            code in (row["organisation_code"], row["site_code"])
            and row["service_id"] == metric["service_id"]
            and (row["from"] or date.min) <= end <= (row["to"] or date.max)
            for row in self.tables["provisions"]
        )

    def counts_in_totals(self, code: str, metric: Row, period: str) -> bool:
        """Tell whether an organisation is one of those that the metric is about in a period."""
        dates = self.periods[period]
        return self.organisations[code]["kind"] == metric["applies_to"] and self.is_open(
            code, dates["start"], dates["end"]
        )

    def levels(self, code: str, metric: Row, day: date, names: tuple[str, ...]) -> list[float | None]:
        """Return target or thresholds from the nearest place that states any of them."""
        stated = [
            row
            for row in self.tables["targets"]
            if row["metric_id"] == metric["metric_id"]
            and (row["from"] or date.min) <= day <= (row["to"] or date.max)
            and any(row[name] is not None for name in names)
        ]
        if stated:
            members = self.members(day)
            groups = sorted(self.groups(code, day), key=lambda group: (len(members.get(group, ())), group))
            for place in [code, *groups, ""]:
                here = [row for row in stated if row["organisation_code"] == place]
                if here:
                    latest = max(here, key=lambda row: row["from"] or date.min)
                    return [latest[name] for name in names]
        return [metric[name] for name in names]

    # What organisations are like

    def latest(self, characteristic: str) -> dict[str, float]:
        """Return the latest value of a characteristic that is known of each organisation."""
        rows = [row for row in self.tables["context"] if row["characteristic_id"] == characteristic]
        rows = [row for row in rows if row["value"] is not None]
        rows.sort(key=lambda row: (self.periods[row["period"]]["end"], self.periods[row["period"]]["start"]))
        return {row["organisation_code"]: row["value"] for row in rows}

    def deprivation(self) -> dict[str, float]:
        """Return the deprivation of organisations, high where it is most deprived."""
        ranking = [row for row in self.tables["characteristics"] if row["role"] == "deprivation"]
        return self.latest(ranking[0]["characteristic_id"]) if ranking else {}

    def peers(self, count: int) -> dict[str, list[str]]:
        """Return each organisation's peers: given for its kind, or the nearest by what they are like."""
        peers: dict[str, list[str]] = defaultdict(list)
        for row in self.tables["peers"]:
            peers[row["organisation_code"]].append(row["peer_code"])
        given = {self.organisations[code]["kind"] for code in peers}
        columns = [
            self.latest(row["characteristic_id"])
            for row in self.tables["characteristics"]
            if row["use_for_peers"]
        ]
        kinds = {row["kind"] for row in self.organisations.values()} - self.area_kinds - {"country"} - given
        for kind in sorted(kinds):
            codes = sorted(
                code
                for code, row in self.organisations.items()
                if row["kind"] == kind and row["status"] == "open" and any(code in known for known in columns)
            )
            points = _standardised([[known.get(code) for known in columns] for code in codes])
            if not points:
                continue
            for code, point in zip(codes, points, strict=True):
                # A billionth is far below what the figures say; ties go by code.
                others = sorted(
                    (round(math.dist(point, there), 9), other)
                    for other, there in zip(codes, points, strict=True)
                    if other != code
                )
                peers[code] = [other for _, other in others[:count]]
        return {code: sorted(others) for code, others in peers.items() if others}


def _standardised(table: list[list[float | None]]) -> list[list[float]]:
    """Return z-scores of columns that vary, with 0 for a missing value; empty where none varies."""
    columns = []
    for column in zip(*table, strict=True):
        known = [value for value in column if value is not None]
        if len(set(known)) < 2:
            continue
        mean = math.fsum(known) / len(known)
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in known) / (len(known) - 1))
        columns.append([0.0 if value is None else (value - mean) / deviation for value in column])
    return [list(point) for point in zip(*columns, strict=True)] if columns else []


def records(table: pd.DataFrame) -> list[Row]:
    """Return rows as dictionaries: missing numbers and dates None, dates as dates, missing flags False."""
    rows = []
    for raw in table.to_dict("records"):
        row: Row = {}
        for name, value in raw.items():
            if isinstance(value, str):
                row[str(name)] = value
            elif isinstance(value, float):
                row[str(name)] = None if math.isnan(value) else value
            elif pd.isna(value):
                row[str(name)] = None
            else:
                row[str(name)] = value.date() if isinstance(value, pd.Timestamp) else value
        rows.append(row)
    return rows


def overlap(periods: list[Row]) -> bool:
    """Tell whether two of the periods, given in order, share a day."""
    return any(later["start"] <= earlier["end"] for earlier, later in pairwise(periods))
