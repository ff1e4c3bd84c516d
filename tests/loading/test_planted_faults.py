"""One fault planted in a good release is named with its file and its row, column or byte, and stops it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.errors import ExitStatus, exit_status_of, format_findings
from generator.loading import check
from tests.packages import as_csv, package_tables, write_package

ROWS = package_tables()["observations"]
PLACE = 12
"""Position among the rows of the one that is changed; a spreadsheet shows it as row 14."""


def changed(**cells: str) -> str:
    rows = [dict(row) for row in ROWS]
    rows[PLACE].update(cells)
    return as_csv(rows)


def swapped_cells() -> str:
    """Return the file with the cells of numerator and denominator exchanged, the header left as it is."""
    return as_csv([{**row, "numerator": row["denominator"], "denominator": row["numerator"]} for row in ROWS])


def swapped_columns() -> str:
    """Return the file with two columns exchanged, header and all."""
    names = [*ROWS[0]]
    names[3], names[4] = names[4], names[3]
    return as_csv([{name: row[name] for name in names} for row in ROWS])


LATIN_1 = (
    as_csv([{**row, "absence": ""} for row in ROWS]).encode().replace(b"2025-q1,21,", b"2025-q1,21\xe9,", 1)
)


@pytest.mark.parametrize(
    ("content", "code", "row", "column", "byte"),
    [
        (
            changed(metric_id="blood-pressure-checked", organisation_code="Z00002"),
            "KEY_DUPLICATE",
            14,
            "metric_id",
            None,
        ),
        (changed(organisation_code="Z77777"), "REF_UNKNOWN_CODE", 14, "organisation_code", None),
        (changed(period="2031-q1"), "VAL_PERIOD", 14, "period", None),
        (changed(numerator="NaN"), "VAL_NONFINITE", 14, "numerator", None),
        (LATIN_1, "TAB_ENCODING", 11, "", LATIN_1.index(0xE9)),
        (swapped_columns(), "TAB_HEADER", 1, "numerator", None),
        (swapped_cells(), "VAL_RANGE", 2, "numerator", None),
        (as_csv(ROWS[:PLACE] + ROWS[PLACE + 1 :]), "VAL_MISSING_ROW", None, "metric_id", None),
    ],
    ids=["duplicate", "unknown", "period", "nan", "latin-1", "columns", "cells", "removed"],
)
def test_a_planted_fault_in_the_observations_is_named(
    tmp_path: Path, content: str | bytes, code: str, row: int | None, column: str, byte: int | None
) -> None:
    found = check([write_package(tmp_path / "release", observations=content)])

    finding = next(finding for finding in found if finding.code == code)
    assert (finding.file, finding.row, finding.byte) == ("observations.csv", row, byte)
    assert finding.column.startswith(column)
    assert exit_status_of(found) == ExitStatus.INPUT
    assert "Traceback" not in format_findings(found)


def test_a_numerator_above_its_denominator_is_named(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[4]["numerator"] = "412"

    found = check([write_package(tmp_path / "release", observations=rows)])

    assert format_findings(found) == (
        "VAL_RANGE observations.csv, row 6, numerator: greater than the denominator (shown on request)\n"
        "       Check whether the two columns were swapped in the source file."
    )


def test_the_row_beside_a_removed_one_is_named(tmp_path: Path) -> None:
    found = check([write_package(tmp_path / "release", observations=ROWS[:PLACE] + ROWS[PLACE + 1 :])])

    assert len(found) == 1
    assert (
        "emergency-admissions, Z00002, 2025-q1; its row for another period is observations.csv, row"
        in found[0].reason
    )


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows[1:], lambda rows: rows[:1] + rows[2:], lambda rows: rows[:-1]],
    ids=["first", "middle", "last"],
)
def test_a_missing_period_is_named_where_it_is_used(tmp_path: Path, change: Callable[[Any], Any]) -> None:
    found = check([write_package(tmp_path / "release", periods=change)])

    assert {(finding.code, finding.file, finding.column) for finding in found} == {
        ("VAL_PERIOD", "observations.csv", "period")
    }
    assert len(found) == 9


@pytest.mark.parametrize("period", ["2025-q1", "2025-q2", "2025-q3"])
def test_the_lost_rows_of_a_period_are_noticed(tmp_path: Path, period: str) -> None:
    rows = [row for row in ROWS if row["period"] != period]

    found = check([write_package(tmp_path / "release", observations=rows)])

    assert ("VAL_PERIOD", "periods.csv") in {(finding.code, finding.file) for finding in found}
