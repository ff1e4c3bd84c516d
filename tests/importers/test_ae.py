"""Months of A&E figures become quarters of one package, or say why not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from generator import loading
from generator.errors import CandourError, ExitStatus, FindingsError, Severity
from generator.importers import import_source
from generator.importers.expected_rows import NOTE
from tests.importers.extracts import cells_of, read_table, write_csv

COUNTS = (
    "total_attendances,attendances_over_4hours,total_emergency_admissions,emergency_admissions_over_4hours,"
    "pct_attendance_over_4hours,pct_emergency_admissions_over_4hours,date"
)
SPRING = ("April 2021", "May 2021", "June 2021")
SUMMER = ("July 2021", "August 2021", "September 2021")
AUTUMN = ("October 2021", "November 2021", "December 2021")
Cells = tuple[str, str, str, str]
USUAL: Cells = ("1000.0", "200.0", "300.0", "30.0")


def _row(code: str, month: str, counts: Cells = USUAL, shares: tuple[str, str] = ("", "")) -> list[str]:
    return [code, *counts, *shares, month]


def _trusts(folder: Path, rows: Iterable[Sequence[str]]) -> Path:
    return write_csv(folder / "trusts.csv", f"nhs_trust22_code,{COUNTS}", rows, newline="\n")


def _boards(folder: Path, rows: Iterable[Sequence[str]]) -> Path:
    return write_csv(folder / "boards.csv", f"icb22_code,{COUNTS}", rows, newline="\n")


def _whole(code: str, *quarters: Sequence[str]) -> list[list[str]]:
    return [_row(code, month) for months in quarters for month in months]


def _cells(folder: Path, metric_id: str, code: str, period: str) -> list[str]:
    table = read_table(folder, "observations")
    for column in ("absence", "note"):
        if column not in table:
            table[column] = ""
    row = table[
        (table["metric_id"] == metric_id) & (table["organisation_code"] == code) & (table["period"] == period)
    ]
    return [str(row.iloc[0][name]) for name in ("numerator", "denominator", "absence", "note")]


def test_three_months_are_summed_to_a_quarter(tmp_path: Path) -> None:
    months = [
        _row("RZ1", "April 2021", ("1000", "200", "300", "30")),
        _row("RZ1", "May 2021", ("1100.0", "220.0", "310.0", "31.0"), ("0.2", "0.1")),
        _row("RZ1", "June 2021", ("1200.0", "240.0", "320.0", "0.0"), ("0.2", "0.0")),
    ]

    report = import_source("ae", [_trusts(tmp_path, months)], tmp_path / "out")

    to = tmp_path / "out"
    assert _cells(to, "seen-within-four-hours", "RZ1", "2021-q2")[:2] == ["2640", "3300"]
    assert _cells(to, "waits-for-a-bed-over-four-hours", "RZ1", "2021-q2")[:2] == ["61", "930"]
    assert _cells(to, "attendances", "RZ1", "2021-q2")[:2] == ["3300", ""]
    assert _cells(to, "emergency-admissions", "RZ1", "2021-q2")[:2] == ["930", ""]
    assert read_table(to, "periods").to_numpy().tolist() == [
        ["2021-q2", "2021-04-01", "2021-06-30", "quarter", "April to June 2021"]
    ]
    assert (report.files[0].read, report.files[0].written, report.adds_up) == (3, 3, True)


@pytest.mark.parametrize(
    ("gone", "absence"),
    [
        pytest.param("August 2021", "not_submitted", id="in the middle of its own series"),
        pytest.param("April 2021", "not_stated", id="before its first month"),
        pytest.param("December 2021", "not_stated", id="after its last month, while others go on"),
    ],
)
def test_a_quarter_that_lacks_a_month_says_why(tmp_path: Path, gone: str, absence: str) -> None:
    rows = [row for row in _whole("RZ1", SPRING, SUMMER, AUTUMN) if row[-1] != gone]
    rows += _whole("RZ2", SPRING, SUMMER, AUTUMN)

    report = import_source("ae", [_trusts(tmp_path, rows)], tmp_path / "out")

    quarter = {"August 2021": "2021-q3", "April 2021": "2021-q2", "December 2021": "2021-q4"}[gone]
    numerator, denominator, why, note = _cells(tmp_path / "out", "seen-within-four-hours", "RZ1", quarter)
    assert [numerator, denominator, why] == ["", "", absence]
    assert f"{gone}: no row" in note
    assert note.count("200 of 1000") == 2
    assert dict(report.files[0].absences) == {absence: 2}
    assert report.adds_up


def test_the_latest_quarter_is_late_until_its_months_are_out(tmp_path: Path) -> None:
    rows = [*_whole("RZ1", SPRING), _row("RZ1", "July 2021")]

    report = import_source("ae", [_trusts(tmp_path, rows)], tmp_path / "out")

    assert _cells(tmp_path / "out", "attendances", "RZ1", "2021-q3") == [
        *("", "", "late"),
        "Published: July 2021: 1000; August 2021: no row; September 2021: no row",
    ]
    assert dict(report.files[0].absences) == {"late": 1}
    assert any("July to September 2021 is late" in remark for remark in report.remarks)


def test_one_that_stopped_before_the_latest_quarter_is_not_called_late(tmp_path: Path) -> None:
    rows = [*_whole("RZ1", SPRING), *_whole("RZ2", SPRING), _row("RZ2", "July 2021")]

    report = import_source("ae", [_trusts(tmp_path, rows)], tmp_path / "out")

    assert _cells(tmp_path / "out", "attendances", "RZ1", "2021-q3") == ["", "", "not_stated", NOTE]
    assert report.added == {"not_stated": 4}


def test_a_blank_count_takes_only_its_own_share_away(tmp_path: Path) -> None:
    """Trusts that tried out other measures still count who came."""
    rows = _whole("RZ1", SPRING)
    rows[1] = _row("RZ1", "May 2021", ("1000.0", "", "300.0", "30.0"))

    report = import_source("ae", [_trusts(tmp_path, rows)], tmp_path / "out")

    to = tmp_path / "out"
    assert _cells(to, "seen-within-four-hours", "RZ1", "2021-q2") == [
        *("", "", "not_stated"),
        "Published: April 2021: 200 of 1000; May 2021: blank of 1000; June 2021: 200 of 1000",
    ]
    assert _cells(to, "attendances", "RZ1", "2021-q2")[0] == "3000"
    assert report.files[0].written == 3


@pytest.mark.parametrize(
    ("counts", "shares"),
    [
        pytest.param(("1000", "1001", "300", "30"), ("", ""), id="more waits than attendances"),
        pytest.param(("1000", "200", "300", "30"), ("0.35", "0.1"), id="a printed share of other counts"),
    ],
)
def test_a_share_that_cannot_be_fails(tmp_path: Path, counts: Cells, shares: tuple[str, str]) -> None:
    rows = [*_whole("RZ1", SPRING[:2]), _row("RZ1", "June 2021", counts, shares)]

    import_source("ae", [_trusts(tmp_path, rows)], tmp_path / "out")

    to = tmp_path / "out"
    assert _cells(to, "seen-within-four-hours", "RZ1", "2021-q2")[2] == "failed_checks"
    assert _cells(to, "waits-for-a-bed-over-four-hours", "RZ1", "2021-q2")[:3] == ["90", "900", ""]


def test_a_month_that_repeats_an_earlier_one_everywhere_fails(tmp_path: Path) -> None:
    """A file once carried two months of the year before again; no chance gives every figure twice."""
    codes = [f"RZ{letter}" for letter in "ABCDEFGHIJKL"]

    def counts(place: int, month: int) -> Cells:
        busy = 1000 + 17 * place + 7 * (0 if month == 5 else month)
        return str(busy), str(100 + place + (0 if month == 5 else month)), "300", "30"

    months = [*SPRING, *SUMMER]
    rows = [
        _row(code, month, counts(place, number))
        for place, code in enumerate(codes)
        for number, month in enumerate(months)
    ]

    report = import_source("ae", [_trusts(tmp_path, rows)], tmp_path / "out")

    _, _, absence, note = _cells(tmp_path / "out", "attendances", "RZA", "2021-q3")
    assert absence == "failed_checks"
    assert note.endswith("September 2021 repeats April 2021 at every organisation")
    assert _cells(tmp_path / "out", "attendances", "RZA", "2021-q2")[2] == ""
    assert dict(report.files[0].absences) == {"failed_checks": 36}


def test_boards_are_areas_with_supplied_figures(tmp_path: Path) -> None:
    boards = [_row("E54000091", month, ("3000", "900", "800", "80")) for month in SPRING]
    files = [_trusts(tmp_path, _whole("RZ1", SPRING)), _boards(tmp_path, boards)]

    report = import_source("ae", files, tmp_path / "out")

    to = tmp_path / "out"
    organisations = read_table(to, "organisations")
    assert organisations[["organisation_code", "name", "kind", "parent_code"]].to_numpy().tolist() == [
        ["ENG", "England", "country", ""],
        ["E54000091", "Integrated care board E54000091", "area", "ENG"],
        ["RZ1", "NHS trust RZ1", "provider", "ENG"],
    ]
    assert _cells(to, "seen-within-four-hours", "E54000091", "2021-q2")[:2] == ["6300", "9000"]
    assert not [finding for finding in loading.check([to]) if finding.severity is Severity.ERROR]
    assert report.adds_up


def test_lists_of_names_name_trusts_and_boards_and_say_who_lies_where(tmp_path: Path) -> None:
    lists = [
        write_csv(
            tmp_path / "etr.csv",
            "",
            [
                [
                    "RZ1",
                    "LIME VALLEY NHS TRUST",
                    "Y99",
                    "QZ1",
                    "THE HOUSE",
                    "LIME ROAD",
                    *[""] * 3,
                    "ZZ1 1AA",
                    *[""] * 17,
                ],
                ["RZ9", "ELSEWHERE NHS TRUST", "Y99", "QZ1", *[""] * 23],
            ],
        ),
        write_csv(
            tmp_path / "MAPPING_NHS_GEOGRAPHIES_2223.csv",
            "ICB_ODS_CODE,ICB_ONS_CODE,ICB_NAME,PRACTICE_CODE",
            [["QZ1", "E54000091", "NHS Limeshire Integrated Care Board", code] for code in ("A1", "A2")],
        ),
    ]
    boards = [_row("E54000091", month) for month in SUMMER]
    figures = [_trusts(tmp_path, _whole("RZ1", SPRING, SUMMER)), _boards(tmp_path, boards)]

    report = import_source("ae", [*figures, *lists], tmp_path / "out")

    organisations = read_table(tmp_path / "out", "organisations")
    assert cells_of(organisations, "RZ1", *organisations.columns[1:]) == [
        *("Lime Valley NHS Trust", "provider", "", "E54000091", "open", "The House, Lime Road", "ZZ1 1AA"),
    ]
    assert organisations["name"].to_list()[1] == "NHS Limeshire Integrated Care Board"
    assert read_table(tmp_path / "out", "memberships").to_numpy().tolist() == [
        ["E54000091", "ENG", ""],
        ["RZ1", "E54000091", "2021-07-01"],
    ]
    assert [file.written for file in report.files[2:]] == [1, 1]
    assert report.adds_up


def test_the_day_of_publication_is_that_of_the_last_month(tmp_path: Path) -> None:
    import_source("ae", [_trusts(tmp_path, _whole("RZ1", SPRING))], tmp_path / "out")

    document = json.loads((tmp_path / "out/datapackage.json").read_text())
    assert document["candour"]["publication_date"] == "2021-07-08"
    assert document["candour"]["release"] == "2021-q2"


def test_a_row_given_twice_counts_once(tmp_path: Path) -> None:
    rows = [*_whole("RZ1", SPRING), _row("RZ1", "May 2021")]

    report = import_source("ae", [_trusts(tmp_path, rows)], tmp_path / "out")

    assert _cells(tmp_path / "out", "attendances", "RZ1", "2021-q2")[0] == "3000"
    assert report.files[0].left_out == {"the same row stands above": 1}
    assert report.adds_up


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        pytest.param([_row("RZ1", "Smarch 2021")], "date", id="no month"),
        pytest.param([_row("RZ1", "May 2021", ("1e3", "1", "1", "1"))], "total_attendances", id="no number"),
        pytest.param([_row("RZ1", "May 2021", ("", "1", "1", "1"))], "total_attendances", id="nobody"),
        pytest.param([_row("rz1", "May 2021")], "nhs_trust22_code", id="no code"),
        pytest.param(
            [_row("RZ1", "May 2021"), _row("RZ1", "May 2021", ("9", "1", "1", "1"))],
            "date",
            id="twice",
        ),
    ],
)
def test_a_cell_that_is_not_what_it_should_be_is_refused(
    tmp_path: Path, rows: list[list[str]], column: str
) -> None:
    with pytest.raises(FindingsError) as refused:
        import_source("ae", [_trusts(tmp_path, rows)], tmp_path / "out")

    assert {(finding.code, finding.column) for finding in refused.value.findings} == {("IMP_VALUE", column)}
    assert not (tmp_path / "out").exists()


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    boards = _boards(tmp_path, [_row("E54000091", month) for month in SPRING])
    trusts = _trusts(tmp_path, _whole("RZ1", SPRING))

    for files in ([boards], [trusts, trusts]):
        with pytest.raises(CandourError) as refused:
            import_source("ae", files, tmp_path / "out")

        assert (refused.value.code, refused.value.status) == ("IMP_FILES", ExitStatus.INPUT)


def test_the_series_by_type_of_department_is_another_one(tmp_path: Path) -> None:
    """It ends two years earlier, and a type without a row cannot be told from one to which nobody came."""
    by_type = write_csv(
        tmp_path / "by_type.csv",
        "period,org_code,type,attendances,breaches,admissions",
        [["2017-03-01", "RZ1", "1", "1000", "200", "300"]],
    )

    with pytest.raises(FindingsError) as refused:
        import_source("ae", [by_type], tmp_path / "out")

    assert refused.value.findings[0].code == "IMP_LAYOUT"
