"""Which layout and which year a QOF file is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import CandourError, ExitStatus, FindingsError
from generator.importers.published_files import PublishedFile
from generator.importers.qof_layouts import Content, layout_of, year_of
from tests.importers import extracts


@pytest.mark.parametrize(
    ("header", "content"),
    [
        *((header, Content.REGISTERS) for header in extracts.REGISTER_HEADERS.values()),
        (extracts.GEOGRAPHY_1718, Content.GEOGRAPHY),
        (extracts.GEOGRAPHY_1819, Content.GEOGRAPHY),
        (extracts.GEOGRAPHY_1920, Content.GEOGRAPHY),
        (extracts.INDICATORS_1819, Content.INDICATORS),
        (extracts.INDICATORS_1920, Content.INDICATORS),
    ],
)
def test_the_header_tells_the_layout(header: str, content: Content) -> None:
    assert layout_of(PublishedFile(Path("x.csv"), f"{header}\r\n".encode())).content is content


def test_an_unknown_header_is_refused_with_expected_and_found() -> None:
    found = b"PRACTICE_CODE,GROUP_CODE,REGISTER,PATIENT_LIST_TYPE,LIST\n"

    with pytest.raises(FindingsError) as caught:
        layout_of(PublishedFile(Path("PREVALENCE_2223.csv"), found))

    finding = caught.value.findings[0]
    assert (finding.code, finding.file, finding.row) == ("IMP_LAYOUT", "PREVALENCE_2223.csv", 1)
    assert "PRACTICE_CODE, GROUP_CODE, REGISTER, PATIENT_LIST_TYPE, PATIENT_LIST_SIZE" in finding.reason
    assert finding.value == "PRACTICE_CODE, GROUP_CODE, REGISTER, PATIENT_LIST_TYPE, LIST"
    assert caught.value.status is ExitStatus.INPUT


@pytest.mark.parametrize(
    ("path", "period"),
    [
        ("PREVALENCE_1718.csv", "2017-18"),
        ("PREVALENCE_1819_v2.csv.gz", "2018-19"),
        ("2019-20/MAPPING_INDICATORS_1920.csv", "2019-20"),
        ("2020-21/prevalence.csv", "2020-21"),
        ("PREVALENCE_2021.CSV", "2020-21"),
    ],
)
def test_name_or_folder_tells_the_year(path: str, period: str) -> None:
    assert year_of(PublishedFile(Path(path), b"")).period == period


@pytest.mark.parametrize(
    "path",
    [
        "prevalence.csv",
        "PREVALENCE_1719.csv",
        "2018-19/PREVALENCE_1718.csv",
        "2021-22/MAPPING_INDICATORS_2122.csv",
        "PREVALENCE_1617.csv",
    ],
)
def test_a_year_that_is_not_told_or_not_known_is_refused(path: str) -> None:
    with pytest.raises(CandourError) as caught:
        year_of(PublishedFile(Path(path), b""))

    assert (caught.value.code, caught.value.status) == ("IMP_YEAR", ExitStatus.INPUT)
    assert path in caught.value.message
