"""Faults of text and the shape of tables, and of single cells: rows 32 to 50 of the fault table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.errors import ExitStatus, Severity, exit_status_of, findings_as_json, format_findings
from generator.loading import check, read_release
from generator.loading.files import MAXIMUM_FILE_BYTES
from generator.loading.rules import MAXIMUM_CELL_BYTES
from tests.loading.places import find_places, places
from tests.packages import Rows, as_csv, edit, package_tables, with_column, write_package

OBSERVATIONS = as_csv(package_tables()["observations"])
FIRST = "blood-pressure-checked,Z00001,2025-q1,110,150,,,,"


def test_bytes_that_are_not_utf8_are_named_by_their_offset(tmp_path: Path) -> None:
    """Row 32: an encoding is never guessed."""
    content = OBSERVATIONS.encode().replace(b"Z00001,2025-q2", b"Z00001,2025-q2\xe9", 1)
    folder = write_package(tmp_path / "release", observations=content)

    found = check([folder])

    assert places(found) == [("TAB_ENCODING", "observations.csv", 3, "")]
    assert found[0].byte == content.index(0xE9)
    assert found[0].reason == "this file is not UTF-8 (found 0xE9)"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf16_is_refused(tmp_path: Path, encoding: str) -> None:
    """Row 33."""
    folder = write_package(tmp_path / "release", observations=OBSERVATIONS.encode(encoding))

    assert [code for code, *_ in find_places(folder)] == ["TAB_ENCODING"]


def test_a_byte_order_mark_is_left_out_with_a_note(tmp_path: Path) -> None:
    """Row 34."""
    folder = write_package(tmp_path / "release", observations=b"\xef\xbb\xbf" + OBSERVATIONS.encode())

    release, notes = read_release(folder)

    assert places(notes) == [("TAB_BOM", "observations.csv", None, "")]
    assert exit_status_of(notes) == ExitStatus.FINE
    assert release.observations["metric_id"].iloc[0] == "blood-pressure-checked"


def test_another_delimiter_is_not_guessed(tmp_path: Path) -> None:
    """Row 35."""
    folder = write_package(tmp_path / "release", observations=OBSERVATIONS.replace(",", ";"))

    assert find_places(folder) == [("TAB_DIALECT", "observations.csv", 1, "")]


def test_a_declared_delimiter_is_read(tmp_path: Path) -> None:
    """Row 35."""

    def declare(document: dict[str, Any]) -> dict[str, Any]:
        document["resources"][-1]["dialect"] = {"delimiter": ";"}
        return document

    folder = write_package(
        tmp_path / "release", observations=OBSERVATIONS.replace(",", ";"), descriptor=declare
    )

    assert find_places(folder) == []


@pytest.mark.parametrize(
    ("row", "planted"),
    [
        (2, FIRST.replace(",110", ',"110')),
        (2, FIRST.replace("110", '1"1"0')),
        (2, FIRST.replace("110", '"110"x')),
    ],
)
def test_a_quote_out_of_place_is_named_where_it_opens(tmp_path: Path, row: int, planted: str) -> None:
    """Row 36: an unclosed quote would swallow the rows after it."""
    folder = write_package(tmp_path / "release", observations=OBSERVATIONS.replace(FIRST, planted))

    assert find_places(folder) == [("TAB_QUOTE", "observations.csv", row, "")]


def test_an_unclosed_quote_before_good_ones_is_named_where_it_opens(tmp_path: Path) -> None:
    """Row 36."""
    rows = package_tables()["observations"]
    text = as_csv(with_column("note", "a, b")(rows)).replace("Z00002,2025-q2", '"Z00002,2025-q2', 1)

    folder = write_package(tmp_path / "release", observations=with_column("note"))
    (folder / "observations.csv").write_text(text)
    found = [finding for finding in check([folder]) if finding.code != "PKG_HASH_MISMATCH"]

    assert places(found) == [("TAB_QUOTE", "observations.csv", 6, "")]


def test_quoted_cells_may_hold_quotes_and_line_ends(tmp_path: Path) -> None:
    folder = write_package(
        tmp_path / "release", observations=with_column("note", 'He said "no",\nthen left.')
    )

    release, _ = read_release(folder)

    assert set(release.observations["note"]) == {'He said "no",\nthen left.'}
    assert release.observations["_row"].tolist() == list(range(2, 29))


def test_a_line_end_inside_a_key_is_refused(tmp_path: Path) -> None:
    """Row 36."""
    periods = edit({"period": "2025-q1"}, period="2025\nq1")
    folder = write_package(tmp_path / "release", periods=periods)

    assert ("TAB_QUOTE", "periods.csv", 2, "period") in find_places(folder)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (OBSERVATIONS.replace("\n", "\r"), 1),
        (OBSERVATIONS.replace(f"{FIRST}\n", f"{FIRST}\r\n"), 2),
        (OBSERVATIONS.replace(f"{FIRST}\n", f"{FIRST}\r"), 2),
    ],
)
def test_line_ends_must_be_alike(tmp_path: Path, text: str, row: int) -> None:
    """Row 37."""
    folder = write_package(tmp_path / "release", observations=text.encode())

    assert find_places(folder) == [("TAB_NEWLINE", "observations.csv", row, "")]


def test_lines_may_end_in_carriage_return_and_line_feed(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "release", observations=OBSERVATIONS.replace("\n", "\r\n").encode())

    assert find_places(folder) == []


@pytest.mark.parametrize(
    "text", ["", "\n\n", OBSERVATIONS.partition("\n")[0], OBSERVATIONS.partition("\n")[0] + "\n"]
)
def test_a_table_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    """Row 38."""
    folder = write_package(tmp_path / "release", observations=text)

    assert find_places(folder) == [("TAB_NO_ROWS", "observations.csv", None, "")]


@pytest.mark.parametrize(
    "header",
    [
        FIRST,
        "organisation_code,metric_id,period,numerator,denominator,value,lower,upper,absence",
        "metric_id,organisation_code,period,numerator,numerator,value,lower,upper,absence",
        "metric_id,organisation_code,period,numerator,denominator,value,lower,upper",
        "metric_id,organisation_code,period,numerator,,value,lower,upper,absence",
        "metric_id,organisation_code,period,\u200bnumerator,denominator,value,lower,upper,absence",
        "Metric_id,organisation_code,period,numerator,denominator,value,lower,upper,absence",
    ],
)
def test_the_header_must_be_that_of_the_schema(tmp_path: Path, header: str) -> None:
    """Row 39: swapped labels would swap figures."""
    body = OBSERVATIONS.partition("\n")[2]
    folder = write_package(tmp_path / "release", observations=f"{header}\n{body}")

    found = check([folder])

    assert [place[:3] for place in places(found)] == [("TAB_HEADER", "observations.csv", 1)]
    assert "expected the header metric_id, organisation_code, period" in found[0].reason
    assert "\u200b" not in format_findings(found)


def test_a_missing_header_does_not_show_the_first_row(tmp_path: Path) -> None:
    """Row 39: the first row's figures may be those of patients."""
    folder = write_package(tmp_path / "release", observations=OBSERVATIONS.partition("\n")[2])

    assert "110" not in format_findings(check([folder]))


def test_swapped_labels_are_shown_as_found(tmp_path: Path) -> None:
    """Row 39."""
    text = OBSERVATIONS.replace("numerator,denominator", "denominator,numerator")
    folder = write_package(tmp_path / "release", observations=text)

    assert ': "metric_id, organisation_code, period, denominator, num' in format_findings(check([folder]))


@pytest.mark.parametrize(
    ("planted", "column"),
    [
        (FIRST + ",", ""),
        (FIRST[:-1], ""),
        ("", ""),
        (",,,,,,,,", ""),
        (FIRST.replace("Z00001", ""), "organisation_code"),
        (FIRST.replace("Z00001", "  "), "organisation_code"),
    ],
)
def test_rows_of_another_shape_are_refused(tmp_path: Path, planted: str, column: str) -> None:
    """Row 40."""
    folder = write_package(tmp_path / "release", observations=OBSERVATIONS.replace(FIRST, planted))

    shapes = [place for place in find_places(folder) if place[0] == "TAB_SHAPE"]

    assert shapes == [("TAB_SHAPE", "observations.csv", 2, column)]


def test_rows_after_one_of_another_shape_keep_their_numbers(tmp_path: Path) -> None:
    """Row 40: the place that is named must be the one a spreadsheet shows."""
    text = OBSERVATIONS.replace(FIRST, FIRST + ",").replace("Z00002,2025-q1,210", "Z00002,2025-q1,-")
    folder = write_package(tmp_path / "release", observations=text)

    assert ("VAL_NUMBER_FORMAT", "observations.csv", 5, "numerator") in find_places(folder)


def test_a_huge_cell_is_refused(tmp_path: Path) -> None:
    """Row 41."""
    note = "x" * (MAXIMUM_CELL_BYTES + 1)
    rows = with_column("note")(package_tables()["observations"])
    rows[3]["note"] = note
    folder = write_package(tmp_path / "release", observations=rows)

    assert find_places(folder) == [("TAB_TOO_LARGE", "observations.csv", 5, "note")]


def test_a_huge_row_is_refused(tmp_path: Path) -> None:
    """Row 41."""
    folder = write_package(tmp_path / "release", observations=OBSERVATIONS.replace("110", "1" * 2_000_000))

    assert find_places(folder) == [("TAB_TOO_LARGE", "observations.csv", 2, "")]


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """Row 41: a sparse file takes no room on the disk, and must take none in memory."""
    folder = write_package(tmp_path / "release")
    with (folder / "observations.csv").open("r+b") as stream:
        stream.truncate(5 * MAXIMUM_FILE_BYTES)

    assert find_places(folder) == [("TAB_TOO_LARGE", "observations.csv", None, "")]


def test_all_of_many_errors_are_counted_and_some_are_printed(tmp_path: Path) -> None:
    """Row 42."""
    rows = package_tables()["observations"]
    many = [
        {**rows[0], "organisation_code": f"Z{number:05}", "numerator": "many"} for number in range(50_000)
    ]
    folder = write_package(tmp_path / "release", observations=[*rows, *many])

    found = [finding for finding in check([folder]) if finding.code == "VAL_NUMBER_FORMAT"]

    assert len(found) == 50_000
    text = format_findings(found)
    assert text.count("no number in plain digits") == 20
    assert "50,000 in all" in text
    assert findings_as_json(found).count('"code"') == 50_000


@pytest.mark.parametrize(
    ("character", "point"),
    [
        ("\u202e", "U+202E"),
        ("\u200b", "U+200B"),
        ("\u0007", "U+0007"),
        ("\ufeff", "U+FEFF"),
        ("\u3164", "U+3164"),
    ],
)
def test_invisible_characters_are_refused_and_listed(tmp_path: Path, character: str, point: str) -> None:
    """Row 43."""
    organisations = edit({"organisation_code": "Z00002"}, name=f"Birch{character} Surgery")
    folder = write_package(tmp_path / "release", organisations=organisations)

    found = check([folder])

    assert places(found) == [("TXT_UNSAFE_CHAR", "organisations.csv", 3, "name")]
    assert point in found[0].reason
    assert character not in format_findings(found)


def test_letters_of_other_alphabets_are_no_fault_in_names(tmp_path: Path) -> None:
    organisations = edit({"organisation_code": "Z00002"}, name="Meddygfa'r Bedw, Łódź, عيادة, 诊所")
    folder = write_package(tmp_path / "release", organisations=organisations)

    assert find_places(folder) == []


def test_letters_that_look_alike_are_no_codes(tmp_path: Path) -> None:
    """Row 43: a Greek capital zeta prints as Z."""
    organisations = edit({"organisation_code": "Z00002"}, organisation_code="\u039600002")
    folder = write_package(tmp_path / "release", organisations=organisations)

    found = [finding for finding in check([folder]) if finding.code == "VAL_CODE_FORMAT"]

    assert places(found) == [("VAL_CODE_FORMAT", "organisations.csv", 3, "organisation_code")]
    assert "U+0396" in found[0].reason


@pytest.mark.parametrize("other", ["2025-Q1", "2025-q1 ", "\uff12025-q1"])
def test_keys_that_differ_in_spaces_or_capitals_are_refused(tmp_path: Path, other: str) -> None:
    """Row 44."""

    def add(rows: Rows) -> Rows:
        return [*rows, {**rows[0], "period": other, "start": "2024-01-01", "end": "2024-03-31"}]

    folder = write_package(tmp_path / "release", periods=add)

    found = [finding for finding in check([folder]) if finding.code == "KEY_NEAR_DUPLICATE"]

    assert [(finding.file, finding.row, finding.other_rows) for finding in found] == [
        ("periods.csv", 5, (2,))
    ]


def test_a_key_given_twice_names_both_rows(tmp_path: Path) -> None:
    """Row 45."""
    folder = write_package(
        tmp_path / "release", observations=lambda rows: [*rows, {**rows[3], "numerator": "1"}]
    )

    found = check([folder])

    assert [(finding.code, finding.row, finding.other_rows) for finding in found] == [
        ("KEY_DUPLICATE", 29, (5,))
    ]
    assert "rows 29 and 5" in format_findings(found)


@pytest.mark.parametrize("text", ["NaN", "nan", "INF", "-inf", "Infinity", "1e400", "-1e999", " NaN"])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, text: str) -> None:
    """Row 46."""
    observations = edit(
        {"metric_id": "waiting-days", "organisation_code": "Z00001", "period": "2025-q1"}, value=text
    )
    folder = write_package(tmp_path / "release", observations=observations)

    assert find_places(folder) == [("VAL_NONFINITE", "observations.csv", 20, "value")]


@pytest.mark.parametrize(
    "text",
    [
        "1_000",
        "١٢",
        "\uff11\uff12",
        "1,5",
        "5%",
        "£5",
        "1 000",
        "+5",
        "5.",
        ".5",
        "1e2",
        "007",
        "0x1F",
        "\u22125",
        "five",
        "1" * 50,
    ],
)
def test_numbers_are_plain_digits(tmp_path: Path, text: str) -> None:
    """Row 47."""
    observations = edit(
        {"metric_id": "waiting-days", "organisation_code": "Z00001", "period": "2025-q1"}, value=text
    )
    folder = write_package(tmp_path / "release", observations=observations)

    found = check([folder])

    assert places(found) == [("VAL_NUMBER_FORMAT", "observations.csv", 20, "value")]
    assert found[0].value == text


def test_negative_and_fractional_numbers_are_read_exactly(tmp_path: Path) -> None:
    metrics = edit({"metric_id": "waiting-days"}, range_low="-10")
    observations = edit({"metric_id": "waiting-days"}, value="-0.1", lower="-0.30000000000000004", upper="-0")
    folder = write_package(tmp_path / "release", metrics=metrics, observations=observations)

    release, _ = read_release(folder)

    last = release.observations.iloc[-1]
    assert (last["value"], last["lower"], str(last["upper"])) == (-0.1, -0.30000000000000004, "0.0")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("50.0", "a number made by a spreadsheet"),
        ("5E+10", "a number made by a spreadsheet"),
        ("Mar-21", "a date made by a spreadsheet"),
        ("z00001", "not of the form"),
        (" Z00001", "a space before or after"),
    ],
)
def test_codes_that_a_spreadsheet_has_changed_are_explained(tmp_path: Path, text: str, hint: str) -> None:
    """Row 48."""
    where = {"metric_id": "waiting-days", "organisation_code": "Z00001", "period": "2025-q1"}
    folder = write_package(tmp_path / "release", observations=edit(where, organisation_code=text))

    found = check([folder])

    assert places(found) == [("VAL_CODE_FORMAT", "observations.csv", 20, "organisation_code")]
    assert hint in found[0].reason
    assert "spreadsheet" in found[0].advice


def test_lost_leading_zeros_are_recognised(tmp_path: Path) -> None:
    """Row 48."""

    def rename(rows: Rows) -> Rows:
        return [{key: "00123" if text == "Z00001" else text for key, text in row.items()} for row in rows]

    changed = dict.fromkeys(("organisations", "memberships", "observations"), rename)
    folder = write_package(tmp_path / "release", **changed)
    assert find_places(folder) == []
    observations = edit(
        {"organisation_code": "00123", "period": "2025-q1", "value": "5.5"}, organisation_code="123"
    )
    folder = write_package(
        tmp_path / "other", **{**changed, "observations": lambda rows: observations(rename(rows))}
    )

    found = [finding for finding in check([folder]) if finding.code == "REF_UNKNOWN_CODE"]

    assert places(found) == [("REF_UNKNOWN_CODE", "observations.csv", 20, "organisation_code")]
    assert "leading zeros" in found[0].reason


@pytest.mark.parametrize("text", ["NA", "NULL", "None", "TRUE", "nan", "N/A"])
def test_words_that_other_readers_take_for_missing_are_kept(tmp_path: Path, text: str) -> None:
    """Row 49."""
    organisations = edit({"organisation_code": "Z00002"}, name=text, address=text)
    folder = write_package(tmp_path / "release", organisations=organisations)

    release, _ = read_release(folder)

    organisation = release.directory["organisations"].iloc[1]
    assert (organisation["name"], organisation["address"]) == (text, text)


def test_a_code_may_be_na(tmp_path: Path) -> None:
    """Row 49."""

    def rename(rows: Rows) -> Rows:
        return [{key: "NA" if text == "Z00001" else text for key, text in row.items()} for row in rows]

    folder = write_package(
        tmp_path / "release", organisations=rename, memberships=rename, observations=rename
    )

    release, _ = read_release(folder)

    assert "NA" in release.observations["organisation_code"].cat.categories


def test_declared_missing_markers_are_blanks(tmp_path: Path) -> None:
    """Row 49."""

    def declare(document: dict[str, Any]) -> dict[str, Any]:
        document["resources"][-1]["schema"]["missingValues"] = ["", "-"]
        return document

    observations = edit({"metric_id": "waiting-days"}, numerator="-", denominator="-")
    folder = write_package(tmp_path / "release", observations=observations, descriptor=declare)

    assert find_places(folder) == []


@pytest.mark.parametrize(
    "text",
    [
        "45000",
        "01/04/2025",
        "04/13/2025",
        "2025-4-1",
        "2025-02-30",
        "2025-04-01T00:00:00+01:00",
        "20250401",
        "0000-01-01",
    ],
)
def test_dates_are_iso_dates(tmp_path: Path, text: str) -> None:
    """Row 50."""
    folder = write_package(tmp_path / "release", periods=edit({"period": "2025-q2"}, start=text))

    assert find_places(folder) == [("VAL_DATE_FORMAT", "periods.csv", 3, "start")]


@pytest.mark.parametrize(
    ("table", "where", "cells", "code"),
    [
        ("metrics", {"metric_id": "waiting-days"}, {"direction": "up"}, "VAL_VOCABULARY"),
        ("organisations", {"organisation_code": "Z00001"}, {"status": "Open"}, "VAL_VOCABULARY"),
        (
            "metrics",
            {"metric_id": "waiting-days"},
            {"source_url": "http://source.example/"},
            "PKG_URL_SCHEME",
        ),
        ("metrics", {"metric_id": "waiting-days"}, {"source_url": "javascript:alert(1)"}, "PKG_URL_SCHEME"),
        ("domains", {"domain_id": "long-term-conditions"}, {"position": "1.5"}, "VAL_NUMBER_FORMAT"),
        ("domains", {"domain_id": "long-term-conditions"}, {"position": "-1"}, "VAL_RANGE"),
    ],
)
def test_cells_keep_to_their_column(
    tmp_path: Path, table: str, where: dict[str, str], cells: dict[str, str], code: str
) -> None:
    folder = write_package(tmp_path / "release", **{table: edit(where, **cells)})

    assert [(place[0], place[1], place[3]) for place in find_places(folder)] == [
        (code, f"{table}.csv", *cells)
    ]


@pytest.mark.parametrize("text", ["yes", "TRUE", "1"])
def test_booleans_are_true_or_false(tmp_path: Path, text: str) -> None:
    folder = write_package(tmp_path / "release", metrics=with_column("sensitive", text))

    assert find_places(folder) == [
        ("VAL_BOOLEAN_FORMAT", "metrics.csv", row, "sensitive") for row in (2, 3, 4)
    ]


def test_tables_are_complete_and_typed(tmp_path: Path) -> None:
    """Every column of the contract is there, blanks filled with what they stand for."""
    release, _ = read_release(write_package(tmp_path / "release", metrics=with_column("sensitive", "true")))

    metrics, observations = release.directory["metrics"], release.observations
    assert metrics["version"].tolist() == ["1"] * 3
    assert metrics["sensitive"].tolist() == [True] * 3
    assert str(metrics["rolling"].dtype) == "boolean"
    assert metrics["rolling"].isna().all()
    assert set(release.directory["memberships"]["tree"]) == {"main"}
    assert str(release.directory["memberships"]["from"].dtype) == "datetime64[s]"
    assert release.directory["comments"].empty
    assert str(release.directory["comments"]["received_on"].dtype) == "datetime64[s]"
    assert observations["breakdown_id"].cat.categories.tolist() == ["all"]
    assert observations["basis"].unique().tolist() == ["national"]
    assert observations["period"].cat.categories.tolist() == ["2025-q1", "2025-q2", "2025-q3"]
    assert release.directory.metrics["waiting-days"].range_high == 60


def test_one_and_two_workers_read_alike(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "release")

    one, two = (read_release(folder, workers=workers)[0] for workers in (1, 2))

    assert one.observations.equals(two.observations)
    assert one.files == two.files


def test_notes_do_not_stop_a_release(tmp_path: Path) -> None:
    """Row 52: nothing can be divided by 0, but nobody did anything wrong."""
    where = {"metric_id": "blood-pressure-checked", "organisation_code": "Z00003", "period": "2025-q3"}
    folder = write_package(tmp_path / "release", observations=edit(where, numerator="0", denominator="0"))

    _, notes = read_release(folder)

    assert places(notes) == [("VAL_ZERO_DENOMINATOR", "observations.csv", 10, "denominator")]
    assert notes[0].severity is Severity.NOTE
