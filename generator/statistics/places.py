"""Who belongs where on a given day, in every tree of areas, and who is expected to report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from generator.model.metric import Metric
from generator.model.release import Directory
from generator.model.tables import MAIN_TREE
from generator.statistics.keys import Flags, Positions
from generator.statistics.periods import Calendar, Days

AREA = "area"
COUNTRY = "country"


@dataclass(frozen=True)
class Standing:
    """Who belongs where on one day. Organisations and groups are numbered as in `Places`."""

    members: csr_matrix
    """Organisations by groups: 1 where the organisation belongs to the group, directly or through others."""
    parent: Positions
    """The number, as an organisation, of the smallest group of the main tree that holds the organisation."""
    country: Positions
    """The number, as an organisation, of the country that holds the organisation."""
    size: Positions
    """How many members each group has."""


@dataclass(frozen=True)
class Timeline:
    """Who belongs where, and who is open, in every period of a calendar."""

    standings: tuple[Standing, ...]
    """The different ones: from one period to the next there is mostly nothing new."""
    standing: Positions
    """Which of them holds on the last day of each period."""
    parent: Positions
    """`Standing.parent`: standings by organisations."""
    country: Positions
    """`Standing.country`: standings by organisations."""
    is_open: Flags
    """Periods by organisations: open on any day of the period."""
    is_open_last: Flags
    """Periods by organisations: open on the period's last day."""


@dataclass(frozen=True)
class Places:
    """The organisations of a release, numbered in the order of their codes, and their trees."""

    codes: pd.Index[str]
    kind: npt.NDArray[np.object_]
    opened_on: npt.NDArray[np.datetime64]
    closed_on: npt.NDArray[np.datetime64]
    is_area: Flags
    is_country: Flags
    groups: Positions
    """The organisations that others are summed for: areas and countries."""
    edges: pd.DataFrame
    """Columns child, parent (numbers), tree, from, to: MEMBERSHIPS, or today's parent where it is silent."""
    provisions: pd.DataFrame
    """Columns organisation (number), service_id, from, to."""
    _standings: dict[bytes, Standing] = field(default_factory=dict, repr=False)
    _timelines: dict[bytes, Timeline] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, directory: Directory) -> Places:
        """Return the places of a release."""
        organisations = directory["organisations"].sort_values("organisation_code", ignore_index=True)
        codes = pd.Index(organisations["organisation_code"].astype(object), dtype=object)
        kind = organisations["kind"].to_numpy(object)
        declared = directory["kinds"]
        area_kinds = {AREA, *declared.loc[declared["is_area"].fillna(value=False).astype(bool), "kind"]}
        is_area = np.isin(kind, list(area_kinds))
        is_country = kind == COUNTRY
        return cls(
            codes=codes,
            kind=kind,
            opened_on=organisations["opened_on"].to_numpy("datetime64[s]"),
            closed_on=organisations["closed_on"].to_numpy("datetime64[s]"),
            is_area=is_area,
            is_country=is_country,
            groups=np.flatnonzero(is_area | is_country),
            edges=_edges(organisations, directory["memberships"], codes),
            provisions=_provisions(directory["provisions"], codes),
        )

    def in_trees_of(self, directory: Directory) -> Places:
        """Return the same organisations, with the same numbers, in the trees of another release."""
        edges = _edges(directory["organisations"], directory["memberships"], self.codes)
        known = (edges["child"] >= 0) & (edges["parent"] >= 0)
        return replace(self, edges=edges[known].reset_index(drop=True), _standings={}, _timelines={})

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def is_group(self) -> Flags:
        """Whether each organisation is one that others are summed for."""
        return self.is_area | self.is_country

    def on(self, day: np.datetime64) -> Standing:
        """Return who belongs where on this day."""
        in_force = _in_force(self.edges, day)
        known = in_force.tobytes()
        if known not in self._standings:
            self._standings[known] = self._standing(self.edges[in_force])
        return self._standings[known]

    def through(self, calendar: Calendar) -> Timeline:
        """Return who belongs where, and who is open, in every period of a calendar."""
        known = calendar.start.tobytes() + calendar.end.tobytes()
        if known not in self._timelines:
            self._timelines[known] = self._timeline(calendar)
        return self._timelines[known]

    def is_open_between(self, start: Days | np.datetime64, end: Days | np.datetime64) -> Flags:
        """Tell which organisations were open on any day of the period. A blank date sets no limit.

        Several periods are given as columns; the answer then has a line for each.
        """
        begun = np.isnat(self.opened_on) | (self.opened_on <= end)
        return np.asarray(begun & (np.isnat(self.closed_on) | (self.closed_on >= start)))

    def is_expected(self, metric: Metric, end: np.datetime64) -> Flags:
        """Tell who should report the metric: organisations of its kind, open on the period's last day.

        For a metric of a specialised service, only those that provide the service on that day.
        """
        expected = self.is_open_between(end, end) & (self.kind == metric.applies_to)
        if metric.service_id:
            expected &= self._provides(metric.service_id, end)
        return np.asarray(expected)

    def expected_in(self, metric: Metric, calendar: Calendar) -> Flags:
        """Tell who should report the metric in each period of a calendar: periods by organisations."""
        expected = self.through(calendar).is_open_last & (self.kind == metric.applies_to)
        if metric.service_id:
            expected &= np.array([self._provides(metric.service_id, end) for end in calendar.end])
        return np.asarray(expected)

    def _provides(self, service_id: str, day: np.datetime64) -> Flags:
        """Tell which organisations provide a service on this day."""
        provisions = self.provisions
        of_service = provisions[(provisions["service_id"] == service_id) & _in_force(provisions, day)]
        provides = np.zeros(len(self), dtype=np.bool_)
        provides[of_service["organisation"].to_numpy(np.int64)] = True
        return provides

    def _timeline(self, calendar: Calendar) -> Timeline:
        standings: dict[int, Standing] = {}
        standing = np.zeros(len(calendar), dtype=np.int64)
        for period, end in enumerate(calendar.end):
            here = self.on(end)
            standings.setdefault(id(here), here)
            standing[period] = list(standings).index(id(here))
        start, end = calendar.start[:, np.newaxis], calendar.end[:, np.newaxis]
        shape = (len(standings), len(self))
        return Timeline(
            standings=tuple(standings.values()),
            standing=standing,
            parent=np.array([each.parent for each in standings.values()], dtype=np.int64).reshape(shape),
            country=np.array([each.country for each in standings.values()], dtype=np.int64).reshape(shape),
            is_open=self.is_open_between(start, end),
            is_open_last=self.is_open_between(end, end),
        )

    def _standing(self, edges: pd.DataFrame) -> Standing:
        """Return who belongs where by these edges."""
        trees = {tree: self._reach(here) for tree, here in edges.groupby("tree", sort=True, observed=True)}
        nowhere = csr_matrix((len(self), len(self)))
        reach = sum(trees.values(), nowhere)
        reach.data[:] = 1
        members = reach[:, self.groups]
        main = trees.get(MAIN_TREE, nowhere)[:, self.groups]

        countries = np.flatnonzero(self.is_country)
        if len(countries) == 1:
            # A country that stands alone holds everyone, whether or not the trees reach up to it.
            held = np.flatnonzero(~self.is_country)
            column = np.full(len(held), np.searchsorted(self.groups, countries[0]))
            whole = csr_matrix((np.ones(len(held)), (held, column)), shape=members.shape)
            members, main = members.maximum(whole), main.maximum(whole)
        size = np.asarray(members.sum(axis=0)).ravel().astype(np.int64)
        return Standing(
            members=csr_matrix(members),
            parent=self._smallest(main, size, np.ones(len(self.groups), dtype=np.bool_)),
            country=self._smallest(members, size, self.is_country[self.groups]),
            size=size,
        )

    def _reach(self, edges: pd.DataFrame) -> csr_matrix:
        """Return, organisations by organisations, who is below whom at any distance within one tree."""
        step = csr_matrix(
            (np.ones(len(edges)), (edges["child"].to_numpy(), edges["parent"].to_numpy())),
            shape=(len(self), len(self)),
        )
        step.data[:] = 1
        reach = step
        while True:
            further = (reach + reach @ step).tocsr()
            further.data[:] = 1
            if further.nnz == reach.nnz:
                return reach
            reach = further

    def _smallest(self, members: csr_matrix, size: Positions, wanted: Flags) -> Positions:
        """Return for each organisation the smallest of the wanted groups it belongs to, ties by code."""
        organisation, group = members.nonzero()
        chosen = wanted[group]
        organisation, group = organisation[chosen], group[chosen]
        order = np.lexsort((group, size[group], organisation))
        first, place = np.unique(organisation[order], return_index=True)
        smallest = np.full(len(self), -1, dtype=np.int64)
        smallest[first] = self.groups[group[order][place]]
        return smallest


def _edges(organisations: pd.DataFrame, memberships: pd.DataFrame, codes: pd.Index[str]) -> pd.DataFrame:
    """Return MEMBERSHIPS by number; organisations without any in the main tree stand under today's parent."""
    columns = ["organisation_code", "parent_code", "tree", "from", "to"]
    stated = memberships[columns]
    in_main = stated.loc[stated["tree"] == MAIN_TREE, "organisation_code"]
    silent = ~organisations["organisation_code"].isin(in_main) & (organisations["parent_code"] != "")
    fallback = organisations.loc[silent, ["organisation_code", "parent_code"]].assign(tree=MAIN_TREE)
    edges = pd.concat([stated, fallback], ignore_index=True)
    return pd.DataFrame(
        {
            "child": codes.get_indexer(pd.Index(edges["organisation_code"])),
            "parent": codes.get_indexer(pd.Index(edges["parent_code"])),
            "tree": edges["tree"].astype(object),
            "from": edges["from"],
            "to": edges["to"],
        }
    )


def _provisions(provisions: pd.DataFrame, codes: pd.Index[str]) -> pd.DataFrame:
    """Return PROVISIONS by number of the organisation and, where one is named, of its site."""
    sites = provisions[provisions["site_code"] != ""].assign(
        organisation_code=lambda table: table["site_code"]
    )
    both = pd.concat([provisions, sites], ignore_index=True)
    return both[["service_id", "from", "to"]].assign(
        organisation=codes.get_indexer(pd.Index(both["organisation_code"]))
    )


def _in_force(table: pd.DataFrame, day: np.datetime64) -> Flags:
    begin, end = (table[name].to_numpy("datetime64[s]") for name in ("from", "to"))
    return np.asarray((np.isnat(begin) | (begin <= day)) & (np.isnat(end) | (end >= day)))
