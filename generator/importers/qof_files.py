"""QOF files read into tables: registers, geography and the names of groups. Nothing is interpreted yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from generator.errors import CandourError, ExitStatus, Finding, FindingsError
from generator.importers.published_files import PublishedFile, read_cells, read_file, row_number
from generator.importers.qof_layouts import Content, Layout, Year, layout_of, year_of
from generator.model.tables import CODE_PATTERN
from generator.model.vocabulary import Absence


@dataclass(frozen=True)
class QofFile:
    """One file, understood."""

    published: PublishedFile
    layout: Layout
    year: Year
    cells: pd.DataFrame
    """The columns read, under our names, as text."""

    @property
    def title(self) -> str:
        """What the file holds, such as "registers 2017-18"."""
        return f"{self.layout.content} {self.year.period}"


@dataclass(frozen=True)
class QofFiles:
    """The files of one import, which belong together."""

    every: tuple[QofFile, ...]
    """In the order in which they were given."""
    registers: Mapping[int, QofFile]
    """By the year in which the financial year starts, oldest first."""
    geographies: Mapping[int, QofFile]
    indicators: Sequence[QofFile]
    """Oldest first."""

    @property
    def years(self) -> tuple[Year, ...]:
        """The years of the registers, oldest first."""
        return tuple(file.year for file in self.registers.values())


def read_files(paths: Sequence[Path]) -> QofFiles:
    """Return the files, each with its layout and year.

    Raises:
        CandourError: a file is not understood, two files say the same, or one of registers or geography
            is missing.
    """
    every = tuple(_understand(path) for path in paths)
    by_year = sorted(every, key=lambda file: file.year)
    registers = _one_a_year(file for file in by_year if file.layout.content is Content.REGISTERS)
    geographies = _one_a_year(file for file in by_year if file.layout.content is Content.GEOGRAPHY)
    if not registers:
        raise _files_error("None of the files holds registers.")
    for start_year in sorted(set(registers) ^ set(geographies)):
        lacking = Content.GEOGRAPHY if start_year in registers else Content.REGISTERS
        raise _files_error(f"{Year(start_year).period}: the file of {lacking} is missing.")
    indicators = [file for file in by_year if file.layout.content is Content.INDICATORS]
    return QofFiles(every, registers, geographies, indicators)


def read_group_descriptions(indicators: Sequence[QofFile]) -> dict[str, str]:
    """Return what the publisher calls each group, by group code; the latest file wins."""
    descriptions: dict[str, str] = {}
    for file in indicators:
        named = file.cells[file.cells["group_description"] != ""]
        descriptions |= dict(zip(named["group"], named["group_description"], strict=True))
    return descriptions


def read_registers(file: QofFile, groups: Collection[str]) -> pd.DataFrame:
    """Return REGISTERS of one file, all text but the year: what was published, each row once.

    Columns: year (in which the financial year starts), practice, group, register, list_type, list_size,
    absence (blank where there is a figure) and note (the figures as published where they do not count).

    Args:
        file: a file of registers.
        groups: the groups that have a name.

    Raises:
        FindingsError: a cell does not hold what the layout has there (IMP_VALUE).
    """
    cells = file.cells
    _refuse(file, "practice", ~cells["practice"].str.fullmatch(CODE_PATTERN), "not an organisation code")
    for column in ("register", "list_size"):
        _refuse(file, column, ~cells[column].str.fullmatch("[0-9]{0,9}"), "not a whole number")
    _refuse(
        file,
        "group",
        ~cells["group"].isin(list(groups)),
        "no name is known; give the year's indicator mapping too",
    )
    first = cells["group"].map(cells.drop_duplicates("group").set_index("group")["list_type"])
    _refuse(file, "list_type", cells["list_type"] != first, "not the list type of the group's first row")
    cells = cells[~cells.duplicated()]
    _refuse(
        file,
        "group",
        cells.duplicated(["practice", "group"]),
        "stands above with other figures for this practice",
    )

    register, list_size = cells["register"], cells["list_size"]
    reasons = np.select(
        [(register == "") | (list_size == ""), pd.to_numeric(register) > pd.to_numeric(list_size)],
        [Absence.NOT_STATED.value, Absence.FAILED_CHECKS.value],
        default="",
    )
    published = (
        "Published: register " + register.replace("", "blank") + ", list " + list_size.replace("", "blank")
    )
    absence = pd.Series(reasons, index=cells.index, dtype="str")
    return cells.assign(year=file.year.start_year, absence=absence, note=published.where(absence != "", ""))


def read_geography(file: QofFile) -> pd.DataFrame:
    """Return GEOGRAPHY (see `qof_areas`) of one file; columns that its layout does not have are blank.

    Raises:
        FindingsError: a cell does not hold what the layout has there (IMP_VALUE).
    """
    for column in ("practice", "ccg", "stp", "stp_ons", "region", "pcn"):
        if column in file.cells:
            _refuse(file, column, ~file.cells[column].str.fullmatch(CODE_PATTERN), "not an organisation code")
    _refuse(file, "practice", file.cells.duplicated("practice"), "stands above already")
    names = ("practice", "ccg", "stp", "region", "pcn")
    columns = [*names, "stp_ons", *(f"{name}_name" for name in names)]
    return file.cells.reindex(columns=columns, fill_value="").assign(year=file.year.start_year)


def _understand(path: Path) -> QofFile:
    published = read_file(path)
    layout = layout_of(published)
    year = year_of(published)
    cells = read_cells(published, renamed=layout.renamed, encodings=layout.encodings)
    return QofFile(published, layout, year, cells)


def _one_a_year(files: Iterable[QofFile]) -> dict[int, QofFile]:
    chosen: dict[int, QofFile] = {}
    for file in files:
        other = chosen.setdefault(file.year.start_year, file)
        if other is not file:
            raise _files_error(f"{other.published.path} and {file.published.path} are both {file.title}.")
    return chosen


def _refuse(file: QofFile, column: str, faulty: pd.Series[bool], reason: str) -> None:
    if not faulty.any():
        return
    published_name = {ours: name for name, ours in file.layout.renamed.items()}[column]
    rows = faulty[faulty].index.to_list()
    raise FindingsError(
        Finding(
            file.published.name,
            row_number(position),
            published_name,
            reason,
            value=value,
            code="IMP_VALUE",
            advice="Give the publisher's unchanged file; a spreadsheet may have altered it.",
        )
        for position, value in zip(rows, file.cells.loc[rows, column].to_list(), strict=True)
    )


def _files_error(message: str) -> CandourError:
    return CandourError(
        "IMP_FILES",
        message,
        "Give, of each year, PREVALENCE_*.csv once, and ORGANISATION_REFERENCE_*.csv or "
        "MAPPING_NHS_GEOGRAPHIES_*.csv once.",
        ExitStatus.INPUT,
    )
