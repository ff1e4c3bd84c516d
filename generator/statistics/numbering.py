"""Codes into numbers and back: calculations run on numbers, what leaves the room has codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.release import Release
from generator.model.tables import ALL_PATIENTS, RESULTS, Column, ColumnType, Table
from generator.statistics.absence import FIGURES
from generator.statistics.categories import recode, words_of
from generator.statistics.keys import Positions, key_of
from generator.statistics.periods import Calendar, versions_of_metrics
from generator.statistics.places import Places


@dataclass(frozen=True)
class Numbering:
    """The organisations, breakdowns and periods of a release by number, and the versions of its metrics."""

    places: Places
    calendar: Calendar
    breakdowns: pd.Index[str]
    """In the order of their ids, with that of all patients."""
    versions: dict[str, list[Metric]]
    """The versions of each metric, earliest first, by metric_id in sorted order."""

    @classmethod
    def of(cls, release: Release) -> Numbering:
        """Return the numbering of a release."""
        listed = release.directory["breakdowns"]["breakdown_id"]
        return cls(
            places=Places.of(release.directory),
            calendar=Calendar.of(release.directory["periods"]),
            breakdowns=pd.Index(sorted({ALL_PATIENTS, *listed}), dtype=object),
            versions=versions_of_metrics(release.directory["metrics"]),
        )

    @property
    def everyone(self) -> int:
        """The number of the breakdown that stands for all patients."""
        return int(np.flatnonzero(self.breakdowns == ALL_PATIENTS)[0])

    def rows_by_metric(self, observations: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield each metric that has observations, by id, with its rows by number, sorted by key."""
        metric = _numbers(observations["metric_id"], pd.Index(list(self.versions), dtype=object))
        columns = {
            "organisation": _numbers(observations["organisation_code"], self.places.codes),
            "breakdown": _numbers(observations["breakdown_id"], self.breakdowns),
            "period": _numbers(observations["period"], self.calendar.names),
        }
        key = key_of(columns["organisation"], columns["breakdown"], columns["period"])
        for number, metric_id in enumerate(self.versions):
            place = np.flatnonzero(metric == number)
            place = place[np.argsort(key[place], kind="stable")]
            if not len(place):
                continue
            own = observations.iloc[place]
            yield (
                metric_id,
                pd.DataFrame(
                    {
                        **{name: numbers[place] for name, numbers in columns.items()},
                        **{name: own[name].to_numpy(np.float64) for name in FIGURES},
                        "absence": recode(own["absence"], "absence"),
                        "submission": recode(own["submission"], "submission"),
                        "note": own["note"].reset_index(drop=True),
                    }
                ),
            )

    def name_rows(self, table: Table, metric_id: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows of one metric with codes for numbers and all columns of the table.

        Columns of methods that are not built yet are blank.
        """
        return pd.DataFrame({column.name: self._named(column, metric_id, rows) for column in table.columns})

    def join(self, table: Table, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Return the named rows of all metrics as one table, numbered from 0; empty where there are none."""
        if not parts:
            nothing = pd.DataFrame({**dict.fromkeys(_NUMBERED, _NONE), "version": pd.Series(dtype="str")})
            parts = [self.name_rows(table, "", nothing)]
        return pd.concat(parts, ignore_index=True)

    def _named(self, column: Column, metric_id: str, rows: pd.DataFrame) -> Any:
        match column.name:
            case "metric_id":
                metrics = list(self.versions)
                code = metrics.index(metric_id) if metric_id else 0
                return pd.Categorical.from_codes(
                    np.full(len(rows), code), categories=pd.Index(metrics, dtype=object)
                )
            case "organisation_code" | "group_code":
                return pd.Categorical.from_codes(rows["organisation"], categories=self.places.codes)
            case "benchmark_code":
                categories = pd.Index(["", *self.places.codes], dtype=object)
                return pd.Categorical.from_codes(rows["benchmark_place"] + 1, categories=categories)
            case "breakdown_id":
                return pd.Categorical.from_codes(rows["breakdown"], categories=self.breakdowns)
            case "period":
                categories = self.calendar.names.sort_values()
                place = categories.get_indexer(self.calendar.names)
                return pd.Categorical.from_codes(place[rows["period"]], categories=categories)
            case "version":
                names = sorted({metric.version for versions in self.versions.values() for metric in versions})
                return pd.Categorical(rows["version"], categories=names)
        if column.name in rows.columns:
            return rows[column.name]
        if column.type is not ColumnType.STRING:
            return pd.Series(np.nan, index=rows.index)
        if column in RESULTS.columns and column.vocabulary:
            words = words_of(column.name)
            blank = np.full(len(rows), words.categories.get_indexer(pd.Index([""]))[0])
            return pd.Categorical.from_codes(blank, dtype=words)
        return pd.Categorical.from_codes(
            np.zeros(len(rows), dtype=np.int8), categories=pd.Index([""], dtype=object)
        )


_NUMBERED = ("organisation", "breakdown", "period", "benchmark_place")
_NONE: Positions = np.zeros(0, dtype=np.int64)


def _numbers(codes: pd.Series, index: pd.Index[str]) -> Positions:
    """Return the place of each code in an index that holds them all."""
    categorical = codes.astype("category")
    places = index.get_indexer(pd.Index(categorical.cat.categories))
    return np.asarray(places[categorical.cat.codes], dtype=np.int64)
