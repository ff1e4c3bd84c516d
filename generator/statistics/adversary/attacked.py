"""One release as its readers and its judge see it: what is published, and what is behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.release import Directory, ProtectedTables
from generator.model.tables import ALL_PATIENTS, MAIN_TREE
from generator.statistics.periods import Calendar, version_in_force, versions_of_metrics
from generator.statistics.places import Places

COUNTS = ("numerator", "denominator", "base", "excluded")
CELL = ("organisation_code", "breakdown_id")
Cell = tuple[str, str]
"""The codes of an organisation and a breakdown."""


@dataclass(frozen=True)
class Figures:
    """The figures of one row."""

    counts: dict[str, float]
    """Those that are stated."""
    word: str
    """Of raw figures the submission, of published ones the protection."""


@dataclass(frozen=True)
class AttackedRelease:
    """One release as its readers see it, and the raw figures that tell the judge what is hidden."""

    directory: Directory
    observations: pd.DataFrame
    tables: ProtectedTables

    @cached_property
    def places(self) -> Places:
        """Who belongs where."""
        return Places.of(self.directory)

    @cached_property
    def main_tree(self) -> Places:
        """Who belongs where in the main tree alone."""
        edges = self.places.edges
        return replace(self.places, edges=edges[edges["tree"] == MAIN_TREE], _standings={})

    @cached_property
    def calendar(self) -> Calendar:
        """Its periods by number."""
        return Calendar.of(self.directory["periods"])

    @cached_property
    def dimensions(self) -> dict[str, list[str]]:
        """The breakdowns of each dimension."""
        found: dict[str, list[str]] = defaultdict(list)
        listed = self.directory["breakdowns"]
        for name, dimension in zip(listed["breakdown_id"], listed["dimension"], strict=True):
            if name != ALL_PATIENTS:
                found[dimension].append(name)
        return dict(found)

    @cached_property
    def reported(self) -> dict[tuple[str, str, str, str], float]:
        """How many organisations of a group reported, by metric, period, group and breakdown."""
        table = self.tables.metric_periods
        if table.empty:
            return {}
        columns = [
            table[name].astype(object) for name in ("metric_id", "period", "group_code", "breakdown_id")
        ]
        return dict(zip(zip(*columns, strict=True), table["reported"], strict=True))

    @cached_property
    def metrics(self) -> dict[tuple[str, str], Metric]:
        """The version of each metric that holds in each period, by metric_id and period."""
        names = self.calendar.names
        return {
            (metric_id, period): versions[place]
            for metric_id, versions in versions_of_metrics(self.directory["metrics"]).items()
            for period, place in zip(names, version_in_force(versions, self.calendar).tolist(), strict=True)
        }

    @cached_property
    def raw(self) -> dict[tuple[str, str], dict[Cell, Figures]]:
        """The raw figures by metric and period; rows that are absent have none."""
        return _split(self.observations, self.observations["submission"])

    @cached_property
    def published(self) -> dict[tuple[str, str], dict[Cell, Figures]]:
        """What is published by metric and period."""
        return _split(self.tables.results, self.tables.results["protection"], keep_absent=True)


def periods_of(releases: Sequence[AttackedRelease]) -> Iterator[tuple[str, str]]:
    """Yield every metric_id and period that a release has figures for."""
    yield from sorted({key for release in releases for key in release.raw})


def _split(
    table: pd.DataFrame, word: pd.Series, *, keep_absent: bool = False
) -> dict[tuple[str, str], dict[Cell, Figures]]:
    """Return the rows of a table by metric and period, then by organisation and breakdown."""
    found: dict[tuple[str, str], dict[Cell, Figures]] = defaultdict(dict)
    keys = [table[name].astype(object) for name in ("metric_id", "period", *CELL)]
    figures = table[[*COUNTS, "value"]].to_numpy(np.float64, na_value=np.nan)
    absence = table["absence"].astype(object)
    for metric, period, code, breakdown, row, text, absent in zip(
        *keys, figures.tolist(), word.astype(object), absence, strict=True
    ):
        if absent and not keep_absent:
            continue
        stated = {name: count for name, count in zip((*COUNTS, "value"), row, strict=True) if count == count}
        found[metric, period][code, breakdown] = Figures(stated, text)
    return dict(found)
