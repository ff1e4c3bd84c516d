"""Personal data in the texts of a package stops it: row 73 of the fault table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import ExitStatus, exit_status_of, findings_as_json, format_findings
from generator.loading import check
from generator.loading.checks.personal_data import has_birth_date, has_email, has_nhs_number, has_postcode
from tests.loading.places import places
from tests.packages import METRICS, Row, Rows, edit, with_column, write_package

NHS_NUMBER = "943 476 5919"
"""The example that the NHS data dictionary itself gives."""

ROW = {"metric_id": METRICS[0], "organisation_code": "Z00002", "period": "2025-q2"}


def with_text(column: str, where: Row, text: str) -> Callable[[Rows], Rows]:
    """Return a change of a table: a further column, blank but for this text in the rows of `where`."""
    return lambda rows: edit(where, **{column: text})(with_column(column)(rows))


@pytest.mark.parametrize(
    "text",
    ["9434765919", "Patient 943 476 5919 moved", "943-476-5919.", "(9434765919)", "no. 9434765919, moved"],
)
def test_ten_digits_with_a_valid_check_digit_are_an_nhs_number(text: str) -> None:
    assert has_nhs_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "9434765918",
        "94347659190",
        "1.9434765919",
        "9,434,765,919",
        "0113 496 0000",
        "+44 9434765919",
        "2222222222",
        "141 of 136",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not has_nhs_number(text)


@given(st.integers(100_000_000, 999_999_999))
def test_no_nhs_number_has_two_check_digits(first_nine: int) -> None:
    """One digit at most fits, and none does where ten would be needed."""
    fitting = [digit for digit in range(10) if has_nhs_number(f"{first_nine}{digit}")]

    assert len(fitting) <= 1


@pytest.mark.parametrize(
    "text", ["lives at LS1 4AP", "ls1 4ap", "SW1A 1AA", "SW1A1AA", "M1 1AE.", "(EC1A 1BB)"]
)
def test_postcodes_are_seen(text: str) -> None:
    assert has_postcode(text)


@pytest.mark.parametrize(
    "text",
    [
        "LS1",
        "Y12345",
        "A81001",
        "B2 2ND FLOOR",
        "vitamin B12 3rd dose",
        "April 2021: 1000 of 3000",
        "2024-q1 2XX",
        "E54000008",
        "ls14ap",
        "ward N12 to 3 beds",
        "UNIT 3B 4AA batteries",
    ],
)
def test_codes_and_numbers_of_rooms_are_no_postcodes(text: str) -> None:
    assert not has_postcode(text)


@pytest.mark.parametrize("text", ["jane.roe@nhs.example", "ask j_roe+1@mail.example.org!", "<a@b.uk>"])
def test_mailboxes_are_seen(text: str) -> None:
    assert has_email(text)


@pytest.mark.parametrize("text", ["5 @ 20 mg", "@practice", "mean@rest", "a@b"])
def test_other_signs_at_are_no_mailboxes(text: str) -> None:
    assert not has_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "DOB 01/02/1960",
        "d.o.b. 1.2.60",
        "date of birth: 1960-02-01",
        "Born on 1 February 1960",
        "born 1st Feb 1960, seen twice",
        "birthdate February 1, 1960",
    ],
)
def test_dates_of_birth_are_seen(text: str) -> None:
    assert has_birth_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "counted on 1 February 2020",
        "patients whose date of birth is not known",
        "children born on or after 1 September 2020",
        "children born 1 September 2019 to 31 August 2020",
        "children born 1 September 2019 - 31 August 2020",
        "born in 1960",
    ],
)
def test_dates_that_define_a_group_are_none(text: str) -> None:
    assert not has_birth_date(text)


@pytest.mark.parametrize(
    ("changes", "file", "row", "column"),
    [
        pytest.param(
            {"observations": with_text("note", ROW, f"Left out: {NHS_NUMBER}")},
            *("observations.csv", 6, "note"),
            id="a remark",
        ),
        pytest.param(
            {"organisations": edit({"organisation_code": "Z00003"}, name="Cedar Surgery, LS1 4AP")},
            *("organisations.csv", 4, "name"),
            id="a name",
        ),
        pytest.param(
            {"metrics": with_text("caveats", {"metric_id": METRICS[2]}, "Ask j.roe@care.example.org")},
            *("metrics.csv", 4, "caveats"),
            id="a caveat",
        ),
        pytest.param(
            {
                "comments": [
                    {
                        "organisation_code": "Z00001",
                        "text": "Mrs Roe (born 1 February 1960) was not asked.",
                        "role": "practice",
                        "received_on": "2025-11-01",
                    }
                ]
            },
            *("comments.csv", 2, "text"),
            id="a comment",
        ),
    ],
)
def test_a_text_about_a_person_stops_the_package_and_is_not_shown(
    tmp_path: Path, changes: dict[str, Any], file: str, row: int, column: str
) -> None:
    found = check([write_package(tmp_path / "release", **changes)])

    assert places(found) == [("PII_PATTERN", file, row, column)]
    assert exit_status_of(found) == ExitStatus.DISCLOSURE
    shown = format_findings(found, show_values=True) + findings_as_json(found, show_values=True)
    assert not [secret for secret in (NHS_NUMBER, "LS1 4AP", "j.roe", "1960") if secret in shown]


def test_the_descriptor_is_read_too(tmp_path: Path) -> None:
    def with_author(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "description": "Put together by jane.roe@care.example.org"}

    found = check([write_package(tmp_path / "release", descriptor=with_author)])

    assert places(found) == [("PII_PATTERN", "datapackage.json", None, "description")]


def test_premises_have_postcodes_and_telephones_and_a_role_has_a_mailbox(tmp_path: Path) -> None:
    organisations = edit(
        {"organisation_code": "Z00001"}, address="1 High Street, Leeds LS1 4AP", postcode="LS1 4AP"
    )
    with_phone = with_text("phone", {"organisation_code": "Z00001"}, "9434765919")
    folder = write_package(
        tmp_path / "release",
        organisations=lambda rows: with_phone(organisations(rows)),
        candour={"contact": "quality.team@care.example.org"},
    )

    assert check([folder]) == []


def test_links_are_not_read(tmp_path: Path) -> None:
    """Long numbers in addresses mean nothing."""
    folder = write_package(
        tmp_path / "release",
        metrics=edit({"metric_id": METRICS[0]}, source_url="https://source.example/9434765919/"),
    )

    assert check([folder]) == []


def test_the_demonstration_tells_of_nobody() -> None:
    found = check([Path(__file__).parents[2] / "datapackages"])

    assert "PII_PATTERN" not in json.loads(findings_as_json(found))["counts"]
