"""A release as it was read, before the checks have proved it: what every check looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.model.release import SOURCE_FILE, SOURCE_ROW, Descriptor, SourceFile
from generator.model.tables import INPUT_TABLES
from generator.model.vocabulary import Kind

UNKNOWN = -1
"""Position of what a table does not hold."""


@dataclass(frozen=True)
class Draft:
    """The tables of a release's packages, joined; rows are known by their label in the index."""

    given: Mapping[str, pd.DataFrame]
    """Every input table with SOURCE_FILE and SOURCE_ROW; one that is not given is empty."""
    faulty: Mapping[str, Mapping[str, NDArray[np.bool_]]]
    """By table and column, which rows of `given` hold a cell that the screen refused."""
    broken: frozenset[str]
    """Tables of which a file, or a row of one, could not be read."""
    files: tuple[SourceFile, ...]
    descriptor: Descriptor | None
    boundaries: Mapping[str, Any] = field(default_factory=dict)
    """GeoJSON feature by organisation_code."""

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table without the rows that another package gives in the same words."""
        return self.tables[name]

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables, each row that several packages give alike held once; labels are those of `given`."""
        return {name: _without_repeats(frame) for name, frame in self.given.items()}

    @cached_property
    def observations(self) -> Observations:
        """The observations, with what they say about metrics, organisations and periods."""
        return Observations(self)

    def is_faulty(self, table: str, *columns: str) -> NDArray[np.bool_]:
        """Return which rows of a table hold a refused cell in these columns (in any, if none is named)."""
        frame = self.tables[table]
        masks = self.faulty.get(table, {})
        rows: NDArray[np.bool_] = np.zeros(len(self.given[table]), dtype=bool)
        for name in columns or masks:
            if name in masks:
                rows |= masks[name]
        return rows[frame.index.to_numpy()] if len(frame) < len(rows) else rows

    def path_of(self, table: str) -> str:
        """Return the path of the first file that holds the table, or its name where none does."""
        return next((file.path for file in self.files if file.resource == table), table)


class Observations:
    """OBSERVATIONS with each row's metric, in the version that holds, its organisation and its period."""

    def __init__(self, draft: Draft) -> None:
        self.frame = draft.tables["observations"]
        self.labels = self.frame.index.to_numpy()
        self._metrics = draft.tables["metrics"]
        self._periods = draft.tables["periods"]
        self._organisations = draft.tables["organisations"]
        self.is_sound = ~draft.is_faulty("observations")
        """Rows whose cells the screen accepted; only their figures can be judged."""

    @cached_property
    def period(self) -> NDArray[np.int64]:
        """Position of each row's period in PERIODS."""
        return _positions(self.frame["period"], self._periods["period"])

    @cached_property
    def organisation(self) -> NDArray[np.int64]:
        """Position of each row's organisation in ORGANISATIONS."""
        return _positions(self.frame["organisation_code"], self._organisations["organisation_code"])

    @cached_property
    def metric(self) -> NDArray[np.int64]:
        """Position of each row's metric in `metric_ids`."""
        return _positions(self.frame["metric_id"], pd.Series(self.metric_ids, dtype="str"))

    @cached_property
    def metric_ids(self) -> list[str]:
        """Each metric_id once, in the order of METRICS."""
        return list(dict.fromkeys(self._metrics["metric_id"]))

    @cached_property
    def version(self) -> NDArray[np.int64]:
        """Position in METRICS of the version that holds for each metric (row) and period (column)."""
        versions = np.full((len(self.metric_ids), len(self._periods)), UNKNOWN)
        place = {metric_id: position for position, metric_id in enumerate(self.metric_ids)}
        ends = self._periods["end"].to_numpy()
        columns = (self._metrics[name] for name in ("metric_id", "valid_from", "valid_to"))
        for position, (metric_id, start, stop) in enumerate(zip(*columns, strict=True)):
            holds = np.ones(len(ends), dtype=bool)
            if not pd.isna(start):
                holds &= ~(ends < start.to_datetime64())
            if not pd.isna(stop):
                holds &= ~(ends > stop.to_datetime64())
            versions[place[metric_id], holds] = position
        return versions

    @cached_property
    def definition(self) -> NDArray[np.int64]:
        """Position in METRICS of the version that holds for each row; UNKNOWN where none does."""
        if not self.version.size:
            return np.full(len(self.frame), UNKNOWN)
        known = (self.metric != UNKNOWN) & (self.period != UNKNOWN)
        return np.where(known, self.version[self.metric, self.period], UNKNOWN)

    def of_metric(self, column: str) -> NDArray[Any]:
        """Return a column of METRICS for each row. Rows without a metric get the last one's: mask them."""
        return np.asarray(self._metrics[column].to_numpy()[self.definition])

    def of_kind(self, *kinds: Kind) -> NDArray[np.bool_]:
        """Return which sound rows belong to metrics of these kinds."""
        if not len(self._metrics):
            return np.zeros(len(self.frame), dtype=bool)
        wanted = self._metrics["kind"].isin([str(kind) for kind in kinds]).to_numpy()
        return np.asarray(self.is_sound & (self.definition != UNKNOWN) & wanted[self.definition])

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column of figures."""
        return self.frame[column].to_numpy()


def _positions(column: pd.Series[Any], known: pd.Series[Any]) -> NDArray[np.int64]:
    """Return where in `known` each cell of a categorical column first stands; UNKNOWN where nowhere."""
    place: dict[str, int] = {}
    for position, text in enumerate(known):
        place.setdefault(text, position)
    categories = np.array([place.get(text, UNKNOWN) for text in column.cat.categories], dtype=np.int64)
    return categories[column.cat.codes.to_numpy()] if len(categories) else np.full(len(column), UNKNOWN)


def _without_repeats(frame: pd.DataFrame) -> pd.DataFrame:
    if frame[SOURCE_FILE].nunique() < 2:
        return frame
    cells = frame.drop(columns=[SOURCE_FILE, SOURCE_ROW])
    repeated = cells.duplicated(keep=False)
    if not repeated.any():
        return frame
    # Within one file a repeat is a fault, which must stay to be seen.
    first_file = (
        frame.loc[repeated]
        .groupby(list(cells.columns), dropna=False, observed=True)[SOURCE_FILE]
        .transform("first")
    )
    elsewhere = first_file.index[first_file != frame.loc[repeated, SOURCE_FILE]]
    kept: pd.DataFrame = frame.drop(index=elsewhere)
    return kept


def key_of(table: str) -> tuple[str, ...]:
    """Return the key columns of an input table."""
    return INPUT_TABLES[table].key
