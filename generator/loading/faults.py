"""Faults below the level of meaning: one sentence of advice and one exit status for each code."""

from __future__ import annotations

from dataclasses import dataclass

from generator.errors import ExitStatus, Finding, Severity


@dataclass(frozen=True)
class Fault:
    """What every finding of one code has in common."""

    advice: str
    status: ExitStatus = ExitStatus.INPUT
    severity: Severity = Severity.ERROR


def fault(
    code: str,
    file: str,
    reason: str,
    *,
    row: int | None = None,
    column: str = "",
    value: str = "",
    byte: int | None = None,
    other_rows: tuple[int, ...] = (),
    private: bool = False,
) -> Finding:
    """Return a finding of this code, with the code's advice, exit status and severity."""
    kind = FAULTS[code]
    return Finding(
        file,
        row,
        column,
        reason,
        value,
        code,
        kind.advice,
        kind.status,
        kind.severity,
        byte,
        other_rows,
        private,
    )


FAULTS = {
    # The package and its descriptor.
    "PKG_PATH_UNSAFE": Fault(
        "Write the path below the folder of datapackage.json, with forward slashes: data/observations.csv."
    ),
    "PKG_PATH_ESCAPES": Fault("Put the file itself into the package; links are not followed."),
    "PKG_NOT_A_FILE": Fault("Only ordinary files may stand in a package."),
    "PKG_FILE_MISSING": Fault("Add the file, or take it out of the descriptor."),
    "PKG_EXTRA_FILE": Fault("List the file as a resource of datapackage.json, or take it out of the folder."),
    "PKG_MEDIA": Fault("Take it out: pictures come from the publication's own pages, never from data."),
    "PKG_REMOTE_METADATA": Fault("Write schema, dialect and profile into datapackage.json itself."),
    "PKG_DESCRIPTOR_INVALID": Fault("Mend datapackage.json; docs/reference/data-package.md shows one."),
    "PKG_DUP_KEY": Fault("Keep one of the two; which one holds cannot be told."),
    "PKG_NONFINITE_JSON": Fault("Give a finite number, or leave the key out."),
    "PKG_NO_RESOURCES": Fault(
        "List a resource for each table, named after the table (metrics, observations …)."
    ),
    "PKG_NAME_UNSAFE": Fault(
        "Use lower-case letters, digits, hyphens, dots and underscores; each name once."
    ),
    "PKG_HASH_MISMATCH": Fault(
        "The file is not the one that was described. Fetch it again, or describe it anew if you changed it.",
        ExitStatus.INTEGRITY,
    ),
    "PKG_URL_SCHEME": Fault("Give an address that begins with https:// or mailto:."),
    "PKG_SCHEMA": Fault("Use the columns and types of docs/reference/data-package.md."),
    "PKG_PATTERN_UNSAFE": Fault(
        "Write a pattern without look-around, back references or a repeated group that itself repeats."
    ),
    "SRC_REMOTE_DENIED": Fault("Put a copy of the file into the package; nothing is fetched while checking."),
    "ARC_UNSUPPORTED": Fault("Archives are not supported yet: give a folder of CSV files."),
    "XLS_UNSUPPORTED": Fault("Workbooks are not supported yet: give a folder of CSV files."),
    "PQ_UNSUPPORTED": Fault("Parquet files are not supported yet: give a folder of CSV files."),
    # Text and the shape of tables.
    "TAB_ENCODING": Fault('Save the file as "CSV UTF-8" and run again.'),
    "TAB_BOM": Fault("It was left out; nothing needs to be done.", ExitStatus.FINE, Severity.NOTE),
    "TAB_DIALECT": Fault(
        "Separate cells by the delimiter that the descriptor declares (a comma if none is)."
    ),
    "TAB_QUOTE": Fault(
        'Put a cell that holds a quote in quotes, and write each quote in it twice: "a ""b"" c".'
    ),
    "TAB_NEWLINE": Fault("End every line in the same way, with LF or with CR LF."),
    "TAB_NO_ROWS": Fault("Give rows, or take the resource out of the package."),
    "TAB_HEADER": Fault("Make the first row and the schema's fields the same, in the same order."),
    "TAB_SHAPE": Fault(
        "Give every row one cell for each column, and every cell that may not be blank a content."
    ),
    "TAB_TOO_LARGE": Fault("Check that this is the right file; split it into several packages if it is."),
    "TXT_UNSAFE_CHAR": Fault("Remove the invisible or control characters; retyping the cell does."),
    # Cells.
    "VAL_NONFINITE": Fault("Leave the cell blank and say why in the absence column."),
    "VAL_NUMBER_FORMAT": Fault(
        "Write plain digits with a decimal point: 1234.5, no exponent, no separators, no signs."
    ),
    "VAL_DATE_FORMAT": Fault("Write dates as year-month-day: 2025-06-30."),
    "VAL_BOOLEAN_FORMAT": Fault("Write true or false."),
    "VAL_VOCABULARY": Fault("Use one of the words of docs/reference/data-package.md."),
    "VAL_CODE_FORMAT": Fault(
        "A spreadsheet may have changed it (5E1 becomes 50, 00123 becomes 123). Restore it from the source."
    ),
    "VAL_RANGE": Fault("Check the cell against the source: the value cannot be."),
    "VAL_CONSTRAINT": Fault("The package's own schema forbids it: mend the cell or the schema."),
    "GEO_INVALID": Fault(
        "Give GeoJSON or TopoJSON polygons in longitude and latitude, each with organisation_code."
    ),
}
