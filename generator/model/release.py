"""What loading hands on: one release of checked tables, with the place each row came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from generator.model.methods import MethodOptions
from generator.model.metric import Metric, metrics_from_table
from generator.model.policy import DisclosurePolicy
from generator.model.tables import COMPARISONS

SOURCE_FILE = "_file"
"""Extra column of every loaded table: position in Release.files of the file the row came from."""
SOURCE_ROW = "_row"
"""Extra column of every loaded table: the row as a spreadsheet counts (the header is row 1)."""


@dataclass(frozen=True)
class Source:
    """Where figures come from, as printed."""

    title: str
    path: str = ""
    """Its web address (https), or empty."""


@dataclass(frozen=True)
class Licence:
    """On what terms the figures may be used, as printed."""

    name: str
    title: str
    path: str = ""


@dataclass(frozen=True)
class Descriptor:
    """What a release says about itself."""

    release: str
    title: str
    publication_date: date
    publication_time: str
    next_publication_date: date | None
    publisher: str
    contact: str
    missing_rows: str
    """The absence that a missing expected row stands for; empty where missing rows are findings."""
    demonstration: bool
    """Every figure and name is invented."""
    sources: tuple[Source, ...]
    licences: tuple[Licence, ...]
    description: str = ""


@dataclass(frozen=True)
class SourceFile:
    """One file of a package, as it was read."""

    package: str
    """Folder of the package below the release's folder; empty where it is the release's folder itself."""
    resource: str
    path: str
    """Path of the file below the release's folder, with forward slashes."""
    sha256: str
    rows: int


@dataclass(frozen=True)
class Directory:
    """Everything of a release but the observations: who, what and when. All of it is meant to be printed.

    Every table has all columns of its definition in `model.tables`, absent ones filled with what a blank
    means (defaults applied), in dtypes of `ColumnType.dtype`; a resource that is not given is an empty table.
    """

    descriptor: Descriptor
    tables: Mapping[str, pd.DataFrame]
    boundaries: Mapping[str, Any] = field(default_factory=dict)
    """GeoJSON feature by organisation_code."""

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The latest version of each metric, by metric_id, in the order of domains, then as listed."""
        return metrics_from_table(self.tables["metrics"], self.tables["domains"])


@dataclass(frozen=True)
class Release:
    """One release: the directory and the raw observations, which only `statistics` may look at."""

    directory: Directory
    observations: pd.DataFrame
    """OBSERVATIONS of every package in the order of the files, with SOURCE_FILE and SOURCE_ROW."""
    files: tuple[SourceFile, ...]


@dataclass(frozen=True)
class ProtectedTables:
    """What statistics returns: safe to print, complete, in the column order of `model.tables`.

    Key columns of results, comparisons and metric_periods are categorical for speed; categories are sorted.
    """

    results: pd.DataFrame
    held_comparisons: pd.DataFrame
    """HELD_COMPARISONS, for `comparisons`."""
    metric_periods: pd.DataFrame
    spc: pd.DataFrame
    fifths: pd.DataFrame
    funnels: pd.DataFrame
    peers: pd.DataFrame
    """PEERS: who was compared with whom, by code."""

    @property
    def compared(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The place in `results` of the result that each row of `held_comparisons` is about; sorted."""
        metrics = self.results["metric_id"].cat
        starts = np.searchsorted(metrics.codes, np.arange(len(metrics.categories)))
        held = self.held_comparisons
        return np.asarray(starts[held["metric_id"].cat.codes] + held["row"].to_numpy(), dtype=np.int64)

    @property
    def comparisons(self) -> pd.DataFrame:
        """COMPARISONS, made when it is asked for."""
        held, row = self.held_comparisons, self.compared
        names = COMPARISONS.column_names
        return pd.DataFrame(
            {name: held[name] if name in held else self.results[name].array.take(row) for name in names},
            copy=False,
        )


@dataclass(frozen=True)
class Publication:
    """What rendering receives: everything that may be printed, and nothing else."""

    directory: Directory
    tables: ProtectedTables
    earlier: tuple[Descriptor, ...] = ()
    """Descriptors of the releases before this one, newest first."""
    policy: DisclosurePolicy = field(default_factory=DisclosurePolicy)
    """The disclosure control that the tables went through."""
    options: MethodOptions = field(default_factory=MethodOptions)
    """The settings that they were calculated with."""
