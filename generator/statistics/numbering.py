"""Codes into numbers and back: calculations run on numbers, what leaves the room has codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.metric import Metric
from generator.model.release import Release
from generator.model.tables import ALL_PATIENTS, RESULTS, Column, ColumnType, Table
from generator.statistics.absence import FIGURES
from generator.statistics.categories import recode, words_of
from generator.statistics.keys import KEY, Positions, key_of
from generator.statistics.periods import Calendar, versions_of_metrics
from generator.statistics.places import Places


@dataclass(frozen=True)
class Numbering:
    """The organisations, breakdowns and periods of a release by number, and the versions of its metrics."""

    places: Places
    calendar: Calendar
    breakdowns: pd.Index[str]
    """In the order of their ids, with that of all patients."""
    dimension: Positions
    """Of each breakdown the number of its dimension; -1 for all patients."""
    versions: dict[str, list[Metric]]
    """The versions of each metric, earliest first, by metric_id in sorted order."""

    @classmethod
    def of(cls, release: Release) -> Numbering:
        """Return the numbering of a release."""
        listed = release.directory["breakdowns"].set_index("breakdown_id")["dimension"]
        breakdowns = pd.Index(sorted({ALL_PATIENTS, *listed.index}), dtype=object)
        dimension = pd.Index(sorted(set(listed))).get_indexer(pd.Index(listed.reindex(breakdowns)))
        dimension[breakdowns == ALL_PATIENTS] = -1
        return cls(
            places=Places.of(release.directory),
            calendar=Calendar.of(release.directory["periods"]),
            breakdowns=breakdowns,
            dimension=np.asarray(dimension, dtype=np.int64),
            versions=versions_of_metrics(release.directory["metrics"]),
        )

    @property
    def everyone(self) -> int:
        """The number of the breakdown that stands for all patients."""
        return int(np.flatnonzero(self.breakdowns == ALL_PATIENTS)[0])

    def storage(self, table: Table, column: Column) -> npt.DTypeLike:
        """Return the type in which the cells of a column are held: numbers of words or rows, or figures."""
        if column.name == "row":
            return np.int32
        categories = self.categories(table, column)
        if categories is None:
            return np.float64
        # The smallest that pandas takes for so many categories.
        sizes = (np.int8, np.int16, np.int32)
        return next((size for size in sizes if len(categories) < np.iinfo(size).max), np.int64)

    def categories(self, table: Table, column: Column) -> pd.Index[str] | None:
        """Return the codes or words of a column in the order of their numbers; None for figures."""
        if column.type is not ColumnType.STRING:
            return None
        match column.name:
            case "metric_id":
                return pd.Index(list(self.versions), dtype=object)
            case "organisation_code" | "group_code":
                return self.places.codes
            case "benchmark_code":
                return pd.Index(["", *self.places.codes], dtype=object)
            case "breakdown_id":
                return self.breakdowns
            case "period" | "start":
                return self.calendar.names.sort_values()
            case "version":
                return self.version_names
        return words_of(column.name, table).categories

    def codes(self, column: Column, metric_id: str, rows: pd.DataFrame) -> Any:
        """Return the numbers of a column's codes or words in rows of one metric, which are by number."""
        match column.name:
            case "metric_id":
                return list(self.versions).index(metric_id)
            case "organisation_code" | "group_code":
                return rows["organisation"]
            case "benchmark_code":
                return rows["benchmark_place"] + 1
            case "breakdown_id":
                return rows["breakdown"]
            case "period" | "start":
                periods = rows["period" if column.name == "period" else "start"]
                return self._periods_by_name[periods.to_numpy(np.int64)]
            case "version":
                numbers = self.version_names.get_indexer(
                    pd.Index([metric.version for metric in self.versions[metric_id]])
                )
                return numbers[rows["version"]]
            case "row":
                return rows["row"]
        return rows[column.name].cat.codes

    @cached_property
    def version_names(self) -> pd.Index[str]:
        """The names of the versions of all metrics, sorted."""
        names = {metric.version for versions in self.versions.values() for metric in versions}
        return pd.Index(sorted(names), dtype=object)

    @cached_property
    def _periods_by_name(self) -> Positions:
        """The place of each period among their names in sorted order."""
        return np.asarray(self.calendar.names.sort_values().get_indexer(self.calendar.names))


@dataclass(frozen=True)
class RawRows:
    """The observations of a release, by metric and by number."""

    numbering: Numbering
    observations: pd.DataFrame
    codes: Mapping[str, Codes]
    """Of the key columns."""

    @classmethod
    def of(cls, observations: pd.DataFrame, numbering: Numbering) -> RawRows:
        """Return the observations; nothing is copied."""
        indexes = {
            "metric_id": pd.Index(list(numbering.versions), dtype=object),
            "organisation_code": numbering.places.codes,
            "breakdown_id": numbering.breakdowns,
            "period": numbering.calendar.names,
        }
        codes = {name: Codes.of(observations[name], index) for name, index in indexes.items()}
        return cls(numbering, observations, codes)

    def metrics(self) -> tuple[str, ...]:
        """Return the metrics that have observations, by id, in sorted order."""
        return tuple(metric_id for metric_id in self.numbering.versions if metric_id in self._places)

    def extent(self, metric_id: str) -> tuple[int, int]:
        """Return how many rows a metric has, and how many pairs of breakdown and period."""
        place = self._places[metric_id]
        breakdown, period = (self.codes[name].at(place) for name in ("breakdown_id", "period"))
        columns = np.bincount(breakdown * len(self.numbering.calendar) + period)
        return len(breakdown), int((columns > 0).sum())

    def of_metric(self, metric_id: str) -> pd.DataFrame:
        """Return the rows of a metric, sorted by key."""
        place = self._places[metric_id]
        organisation, breakdown, period = (
            self.codes[name].at(place) for name in ("organisation_code", "breakdown_id", "period")
        )
        key = key_of(organisation, breakdown, period)
        order = None if (key[1:] > key[:-1]).all() else np.argsort(key, kind="stable")
        own = {name: self.observations[name].iloc[place] for name in (*FIGURES, *_WORDS, "note")}
        columns: dict[str, Any] = {
            "organisation": organisation,
            "breakdown": breakdown,
            "period": period,
            **{name: own[name].to_numpy(np.float64) for name in FIGURES},
            **{name: recode(own[name], name) for name in _WORDS},
            "note": own["note"].array,
        }
        if order is not None:
            columns = {name: cells.take(order) for name, cells in columns.items()}
        return pd.DataFrame(columns, copy=False)

    @cached_property
    def _places(self) -> dict[str, slice | Positions]:
        """Where the rows of each metric are; a stretch where the observations are in the order of metrics."""
        column, names = self.codes["metric_id"], list(self.numbering.versions)
        codes = column.codes
        order = None if (codes[1:] >= codes[:-1]).all() else np.argsort(codes, kind="stable")
        places: dict[str, slice | Positions] = {}
        end = 0
        for code, count in enumerate(np.bincount(codes, minlength=len(column.numbers)).tolist()):
            stretch = slice(end, end := end + count)
            if count:
                places[names[column.numbers[code]]] = stretch if order is None else order[stretch]
        return places


def rows_of_results(results: pd.DataFrame, metric_id: str, numbering: Numbering) -> pd.DataFrame:
    """Return one metric's rows of an earlier release's RESULTS, by this release's numbers, sorted by key.

    Rows of organisations, breakdowns and periods that this release does not know are left out. `version` is
    the place of the version among the metric's versions, -1 where it has none of that name. Of the other
    columns those are there that the results have. Empty where the earlier release did not have the metric.
    """
    metrics = results["metric_id"].cat
    number = metrics.categories.get_indexer(pd.Index([metric_id]))[0]
    codes = metrics.codes.to_numpy()
    own = results.iloc[np.searchsorted(codes, number) : np.searchsorted(codes, number, side="right")]
    if number < 0:
        own = results.iloc[:0]
    versions = pd.Index([metric.version for metric in numbering.versions[metric_id]], dtype=object)
    columns: dict[str, Any] = {
        "organisation": Codes.of(own["organisation_code"], numbering.places.codes).at(slice(None)),
        "breakdown": Codes.of(own["breakdown_id"], numbering.breakdowns).at(slice(None)),
        "period": Codes.of(own["period"], numbering.calendar.names).at(slice(None)),
        "version": Codes.of(own["version"], versions).at(slice(None)),
    }
    for column in RESULTS.columns:
        if column.name in own.columns:
            if column.type is not ColumnType.STRING:
                columns[column.name] = own[column.name].to_numpy(np.float64)
            elif column.vocabulary:
                columns[column.name] = recode(own[column.name], column.name)
    organisation, breakdown, period = (columns[name] for name in KEY)
    place = np.flatnonzero((organisation >= 0) & (breakdown >= 0) & (period >= 0))
    key = key_of(organisation[place], breakdown[place], period[place])
    place = place[np.argsort(key, kind="stable")]
    return pd.DataFrame({name: cells.take(place) for name, cells in columns.items()}, copy=False)


_WORDS = ("absence", "submission", "basis")


@dataclass(frozen=True)
class Codes:
    """A column of codes."""

    codes: npt.NDArray[Any]
    """The place of each cell's code among those that the column knows."""
    numbers: Positions
    """The number in the release of each code that the column knows."""

    @classmethod
    def of(cls, column: pd.Series, index: pd.Index[str]) -> Codes:
        """Return a column, numbered by the places of its codes in the index; -1 for codes that it lacks."""
        categorical = column.astype("category").array
        return cls(categorical.codes, np.asarray(index.get_indexer(pd.Index(categorical.categories))))

    def at(self, place: slice | Positions) -> Positions:
        """Return the numbers of these cells."""
        return np.asarray(self.numbers[self.codes[place]], dtype=np.int64)
