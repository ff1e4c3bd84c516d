"""ODS practice list (epraccur): names, addresses, opening and closing of the practices of a package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from generator.errors import CandourError, ExitStatus, Finding, FindingsError
from generator.importers import package
from generator.importers.expected_rows import is_written_out, with_missing_rows
from generator.importers.names import display_address, display_name
from generator.importers.published_files import PublishedFile, first_cells, read_cells, read_file, row_number
from generator.importers.report import FileCount, ImportReport
from generator.importers.source import ATTRIBUTION, OPEN_GOVERNMENT_LICENCE, SourceInfo
from generator.importers.text_tables import look_up
from generator.model.release import Source
from generator.model.vocabulary import Absence, Status

INFO = SourceInfo(
    name="ods",
    title="Organisation Data Service (ODS): GP practices (epraccur)",
    files=(
        "epraccur*.csv (or .csv.gz), 27 columns without a header, added to a folder that already holds "
        "figures: qof first"
    ),
    publisher="NHS England",
    terms=OPEN_GOVERNMENT_LICENCE,
    url=(
        "https://digital.nhs.uk/services/organisation-data-service/"
        "data-search-and-export/csv-downloads/gp-and-gp-practice-related-data"
    ),
)

COLUMN_COUNT = 27
_MEANINGS = {
    1: "code",
    2: "name",
    5: "address_1",
    6: "address_2",
    7: "address_3",
    8: "address_4",
    9: "address_5",
    10: "postcode",
    11: "opened",
    12: "closed",
    13: "status",
    18: "phone",
}
"""The columns that are read, as epraccur counts them."""
_NUMBERS = {name: number for number, name in _MEANINGS.items()}
_COLUMNS = tuple(_MEANINGS.get(number, f"column {number}") for number in range(1, COLUMN_COUNT + 1))
_PATTERNS = {"code": "[A-Z0-9]{3,8}", "opened": "([0-9]{8})?", "closed": "([0-9]{8})?", "status": "[ACDP]"}
_ADDRESS = ["address_1", "address_2", "address_3", "address_4", "address_5"]


def import_ods(paths: Sequence[Path], to: Path) -> ImportReport:
    """Complete the practices of the package in the folder from epraccur and return the report.

    What ODS says takes the place of what the package said; what it leaves blank stays. Practices that are not
    in the package are left out. As dates of opening and closing decide which figures should be there, the
    rows written out for missing figures are made anew. The publisher's figures stand, whatever the dates say.

    Raises:
        CandourError: the file is not epraccur, or the folder holds no package. Nothing is written.
    """
    if len(paths) != 1:
        raise CandourError(
            "IMP_FILES", "ods takes one file.", "Give the latest epraccur.csv alone.", ExitStatus.INPUT
        )
    known = package.read_package(to, ("metrics", "organisations", "periods", "observations"))
    published = read_file(paths[0])
    cells = _read_practices(published)

    before = known.tables["organisations"]
    practices = cells[cells["code"].isin(before.loc[before["kind"] == "practice", "organisation_code"])]
    organisations = _complete(before, practices)
    figures = known.tables["observations"]
    figures = figures[~is_written_out(figures)]
    observations, added = with_missing_rows(
        figures, known.tables["metrics"], organisations, known.tables["periods"]
    )
    tables = {**known.tables, "organisations": organisations, "observations": observations}
    document = package.with_source(known.document, _source(cells), INFO.terms, ATTRIBUTION)
    left_out = len(cells) - len(practices)
    return ImportReport(
        source=INFO.title,
        to=to,
        files=(
            FileCount(
                published.name,
                "prescribing cost centres, practices among them",
                read=len(cells),
                written=len(practices),
                left_out={"not a practice of the package": left_out} if left_out else {},
            ),
        ),
        added={Absence.NOT_STATED.value: added},
        rows=package.write_package(to, package.Package(tables, document)),
        remarks=tuple(_remarks(practices, organisations, figures, known.tables["periods"])),
    )


def _read_practices(file: PublishedFile) -> pd.DataFrame:
    """Return the columns of epraccur that are read, as text; dates in ISO form.

    Raises:
        FindingsError: the file has another layout (IMP_LAYOUT), or a cell holds what epraccur does not
            have there (IMP_VALUE).
    """
    first = first_cells(file)
    if len(first) != COLUMN_COUNT:
        raise FindingsError(
            [
                Finding(
                    file.name,
                    1,
                    "",
                    f"expected the {COLUMN_COUNT} columns of epraccur, without a header; found {len(first)}",
                    value=", ".join(first),
                    code="IMP_LAYOUT",
                    advice="Give epraccur.csv as the Organisation Data Service publishes it.",
                )
            ]
        )
    cells = read_cells(file, columns=_COLUMNS)[list(_NUMBERS)]
    for column, pattern in _PATTERNS.items():
        _refuse(file, cells[column], ~cells[column].str.fullmatch(pattern))
    for column in ("opened", "closed"):
        dates = pd.to_datetime(cells[column], format="%Y%m%d", errors="coerce")
        _refuse(file, cells[column], dates.isna() & (cells[column] != ""))
        cells[column] = dates.dt.strftime("%Y-%m-%d").astype("str").where(dates.notna(), "")
    _refuse(file, cells["code"], cells.duplicated("code"), "stands above already")
    return cells


def _refuse(
    file: PublishedFile,
    cells: pd.Series[str],
    faulty: pd.Series[bool],
    reason: str = "not what epraccur holds there",
) -> None:
    if faulty.any():
        column = str(cells.name)
        raise FindingsError(
            Finding(
                file.name,
                row_number(position, has_header=False),
                f"column {_NUMBERS[column]} ({column})",
                reason,
                value=value,
                code="IMP_VALUE",
                advice="Give the publisher's unchanged file; a spreadsheet may have altered it.",
            )
            for position, value in zip(faulty[faulty].index.to_list(), cells[faulty].to_list(), strict=True)
        )


def _complete(organisations: pd.DataFrame, practices: pd.DataFrame) -> pd.DataFrame:
    """Return ORGANISATIONS with what ODS says about the practices; what it leaves blank stays."""
    is_closed = practices["status"] == "C"
    said = pd.DataFrame(
        {
            "name": practices["name"].map(display_name),
            "address": [display_address(lines) for lines in practices[_ADDRESS].to_numpy()],
            "postcode": practices["postcode"],
            "phone": practices["phone"],
            "opened_on": practices["opened"],
            "closed_on": practices["closed"],
            # A dormant practice may come into use again: only a closed one is closed.
            "status": is_closed.map({True: Status.CLOSED.value, False: Status.OPEN.value}),
        }
    ).set_axis(practices["code"])
    completed = organisations.copy()
    for column in said:
        values = look_up(organisations["organisation_code"], said[column])
        completed[column] = organisations[column].where(values == "", values)
    return completed


def _source(cells: pd.DataFrame) -> Source:
    """Return the source; the file has no date, so the last opening or closing in it tells."""
    latest = max(cells["opened"].max(), cells["closed"].max())
    return Source(f"{INFO.title}, {INFO.publisher}, with changes up to {latest}", INFO.url)


def _remarks(
    practices: pd.DataFrame, organisations: pd.DataFrame, figures: pd.DataFrame, periods: pd.DataFrame
) -> list[str]:
    status = practices["status"].value_counts().reindex(["A", "C", "D", "P"], fill_value=0)
    active, closed, dormant, proposed = (f"{count:,}" for count in status.to_list())
    remarks = [
        "Names and addresses in capitals are shown in capitals and small letters.",
        f"Practices of the package that ODS calls active: {active}, closed: {closed}, dormant: {dormant}, "
        f"proposed: {proposed}. Only the closed ones are marked closed.",
    ]
    unknown = int((organisations["kind"] == "practice").sum()) - len(practices)
    if unknown:
        remarks.append(f"Practices of the package that are not in the file, left as they were: {unknown:,}.")
    reported = figures.loc[figures["absence"] == "", ["organisation_code", "period"]].drop_duplicates()
    reported = reported.merge(periods[["period", "end"]], on="period")
    reported = reported.merge(
        organisations[["organisation_code", "opened_on", "closed_on"]], on="organisation_code"
    )
    has_closed = (reported["closed_on"] != "") & (reported["closed_on"] < reported["end"])
    outside = int((has_closed | (reported["opened_on"] > reported["end"])).sum())
    if outside:
        remarks.append(
            f"Times a practice has figures for a period at whose end its dates call it closed: {outside:,}. "
            "The figures stand."
        )
    return remarks
