"""The files that the A&E import understands: figures by month of trusts and of boards, and lists of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from generator.errors import CandourError, ExitStatus, Finding, FindingsError
from generator.importers.published_files import (
    PublishedFile,
    first_cells,
    header_of,
    read_cells,
    read_file,
    row_number,
)

COUNTS = ("attendances", "waits", "admissions", "bed_waits")
"""What is counted each month: patients who came, those of them who were there over four hours; patients
admitted in an emergency, those of them who waited over four hours for a bed."""


class Content(StrEnum):
    """What a file holds."""

    TRUSTS = "trusts by month"
    BOARDS = "integrated care boards by month"
    TRUST_NAMES = "names of trusts"
    BOARD_NAMES = "names of integrated care boards"


@dataclass(frozen=True)
class AeFile:
    """One file, understood."""

    published: PublishedFile
    content: Content
    cells: pd.DataFrame
    """The columns read, under our names, as text; see `read_months` and `read_names`."""


@dataclass(frozen=True)
class AeFiles:
    """The files of one import, which belong together: one of trusts, at most one of each other content."""

    every: tuple[AeFile, ...]
    """In the order in which they were given."""
    by_content: Mapping[Content, AeFile]


def read_files(paths: Sequence[Path]) -> AeFiles:
    """Return the files, each with what it holds.

    Raises:
        CandourError: a file is not understood, there are two of one content, or none of trusts.
    """
    every = tuple(_understand(path) for path in paths)
    by_content: dict[Content, AeFile] = {}
    for file in every:
        other = by_content.setdefault(file.content, file)
        if other is not file:
            raise _files_error(f"{other.published.path} and {file.published.path} are both {file.content}.")
    if Content.TRUSTS not in by_content:
        raise _files_error("None of the files holds the figures of trusts.")
    return AeFiles(every, by_content)


def read_months(file: AeFile) -> pd.DataFrame:
    """Return MONTHS of one file, each row once: organisation and month, the counts, and whether they can be.

    Columns: organisation (code), month (counted in months from the year 0), COUNTS (NaN where blank),
    `waits_fail` and `bed_waits_fail` (the part is larger than its whole, or the printed share is another).

    Raises:
        FindingsError: a cell does not hold what the layout has there (IMP_VALUE).
    """
    cells = file.cells
    _refuse(file, "organisation", ~cells["organisation"].str.fullmatch("[A-Z0-9]{3,9}"), "not a code")
    for name in COUNTS:
        _refuse(file, name, ~cells[name].str.fullmatch(r"([0-9]{1,9}(\.0)?)?"), "not a whole number")
    for name in ("attendances", "admissions"):
        _refuse(file, name, cells[name] == "", "blank, so that the month's row counts nobody")
    for name in _SHARES:
        _refuse(file, name, ~cells[name].str.fullmatch(r"([01](\.[0-9]{1,15})?)?"), "not a share")
    dates = pd.to_datetime(cells["month"], format="%B %Y", errors="coerce")
    _refuse(file, "month", dates.isna(), "not a month like April 2021")
    cells = cells[~cells.duplicated()]
    repeated = cells.duplicated(["organisation", "month"]).reindex(file.cells.index, fill_value=False)
    _refuse(file, "month", repeated, "stands above with other figures for this organisation")

    dates = dates[cells.index]
    numbers = {name: pd.to_numeric(cells[name]) for name in (*COUNTS, *_SHARES)}
    fails = {
        f"{part}_fail": (numbers[part] > numbers[whole])
        | ((numbers[part] / numbers[whole].replace(0, np.nan) - numbers[share]).abs() > _HALF_A_STEP)
        for share, (part, whole) in _SHARES.items()
    }
    return pd.DataFrame(
        {
            "organisation": cells["organisation"],
            "month": dates.dt.year * 12 + dates.dt.month - 1,
            **{name: numbers[name] for name in COUNTS},
            **fails,
        }
    ).reset_index(drop=True)


def read_names(files: AeFiles, content: Content) -> pd.DataFrame:
    """Return NAMES: code, name and what else the list says of each, as text; empty without such a list.

    Raises:
        FindingsError: a code stands for two organisations (IMP_VALUE).
    """
    if content not in files.by_content:
        return pd.DataFrame(
            columns=list(dict.fromkeys((*_TRUST_NUMBERS, *_BOARD_COLUMNS.values()))), dtype="str"
        )
    file = files.by_content[content]
    names = file.cells.drop_duplicates()
    _refuse(file, "code", names.duplicated("code").reindex(file.cells.index, fill_value=False), "given twice")
    return names.reset_index(drop=True)


def _understand(path: Path) -> AeFile:
    published = read_file(path)
    header = header_of(published)
    for content, columns in _FIGURES.items():
        if sorted(header) == sorted(columns):
            return AeFile(published, content, read_cells(published, renamed=columns))
    if set(_BOARD_COLUMNS) <= set(header):
        cells = read_cells(published, renamed=_BOARD_COLUMNS)
        return AeFile(published, Content.BOARD_NAMES, cells)
    first = first_cells(published)
    if len(first) == _TRUST_COLUMN_COUNT and len(first[0]) == _TRUST_CODE_LENGTH:
        unnamed = [f"column {number}" for number in range(1, _TRUST_COLUMN_COUNT + 1)]
        every = read_cells(published, columns=unnamed)
        cells = pd.DataFrame({name: every[unnamed[number - 1]] for name, number in _TRUST_NUMBERS.items()})
        return AeFile(published, Content.TRUST_NAMES, cells)
    raise FindingsError(
        [
            Finding(
                published.name,
                1,
                "",
                "the columns are those of no known A&E layout. Expected, for trusts: "
                f"{', '.join(_FIGURES[Content.TRUSTS])}. Found",
                value=", ".join(header),
                code="IMP_LAYOUT",
                advice="Give figures by month of trusts, of integrated care boards, or lists of their names.",
            )
        ]
    )


def _refuse(file: AeFile, column: str, faulty: pd.Series[bool], reason: str) -> None:
    if not faulty.any():
        return
    renamed = {ours: name for name, ours in _FIGURES.get(file.content, {}).items()}
    rows = faulty[faulty].index.to_list()
    raise FindingsError(
        Finding(
            file.published.name,
            row_number(position, has_header=file.content is not Content.TRUST_NAMES),
            renamed.get(column, column),
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
        "Give the figures of trusts once, and at most once those of boards and each list of names.",
        ExitStatus.INPUT,
    )


_SHARES = {"share_of_waits": ("waits", "attendances"), "share_of_bed_waits": ("bed_waits", "admissions")}
"""The printed shares: the part and the whole of which each is one."""
_HALF_A_STEP = 0.005 + 1e-9
"""Shares are printed with two decimals."""

_COUNT_COLUMNS = {
    "total_attendances": "attendances",
    "attendances_over_4hours": "waits",
    "total_emergency_admissions": "admissions",
    "emergency_admissions_over_4hours": "bed_waits",
    "pct_attendance_over_4hours": "share_of_waits",
    "pct_emergency_admissions_over_4hours": "share_of_bed_waits",
    "date": "month",
}
_FIGURES: dict[Content, dict[str, str]] = {
    Content.TRUSTS: {"nhs_trust22_code": "organisation", **_COUNT_COLUMNS},
    Content.BOARDS: {"icb22_code": "organisation", **_COUNT_COLUMNS},
}
"""The publisher's name of each column, to ours."""

_TRUST_COLUMN_COUNT = 27
_TRUST_CODE_LENGTH = 3
_TRUST_NUMBERS = {"code": 1, "name": 2, "board": 4, "postcode": 10}
_TRUST_NUMBERS |= {f"address_{line}": 4 + line for line in range(1, 6)}
"""Columns of ODS' list of trusts (etr), which has no header, counted from 1."""
_BOARD_COLUMNS = {"ICB_ONS_CODE": "code", "ICB_ODS_CODE": "ods_code", "ICB_NAME": "name"}
"""Columns of QOF's files of practices and areas, from 2022-23, which give both codes of a board."""
