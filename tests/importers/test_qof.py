"""QOF registers of four layouts become one package."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from generator.errors import CandourError, ExitStatus, FindingsError
from generator.importers import import_source
from generator.importers.expected_rows import NOTE
from tests.importers.extracts import (
    INDICATORS_1819,
    cells_of,
    read_table,
    write_csv,
    write_geography,
    write_registers,
    write_year,
)


def test_figures_of_every_layout_stand_as_published(tmp_path: Path) -> None:
    files = [
        path
        for year in ("1718", "1819", "1920", "2021")
        for path in write_year(tmp_path / "in", year, [("A81001", "HYP", f"1{year}", "TOTAL", "30000")])
    ]

    report = import_source("qof", files, tmp_path / "out")

    observations = read_table(tmp_path / "out", "observations")
    assert observations.columns.to_list() == [
        *("metric_id", "organisation_code", "period", "numerator", "denominator"),
    ]
    assert observations.to_numpy().tolist() == [
        ["hypertension-prevalence", "A81001", "2017-18", "11718", "30000"],
        ["hypertension-prevalence", "A81001", "2018-19", "11819", "30000"],
        ["hypertension-prevalence", "A81001", "2019-20", "11920", "30000"],
        ["hypertension-prevalence", "A81001", "2020-21", "12021", "30000"],
    ]
    assert report.adds_up
    assert report.rows["observations"] == 4


def test_a_register_that_is_missing_or_cannot_be_becomes_an_absence(tmp_path: Path) -> None:
    """A blank is not zero; a register larger than its list cannot be; a true zero is a number."""
    rows = [
        ("A81001", "HYP", "", "TOTAL", "4086"),
        ("A81002", "HYP", "141", "TOTAL", "136"),
        ("A81003", "HYP", "0", "TOTAL", "0"),
        ("A81004", "HYP", "0", "TOTAL", "500"),
        ("A81005", "HYP", "7", "TOTAL", ""),
    ]

    report = import_source("qof", write_year(tmp_path, "1819", rows), tmp_path / "out")

    observations = read_table(tmp_path / "out", "observations").drop(columns=["metric_id", "period"])
    assert observations.to_numpy().tolist() == [
        ["A81001", "", "", "not_stated", "Published: register blank, list 4086"],
        ["A81002", "", "", "failed_checks", "Published: register 141, list 136"],
        ["A81003", "0", "0", "", ""],
        ["A81004", "0", "500", "", ""],
        ["A81005", "", "", "not_stated", "Published: register 7, list blank"],
    ]
    registers = report.files[0]
    assert (registers.read, registers.written) == (5, 2)
    assert registers.absences == {"not_stated": 2, "failed_checks": 1}
    assert report.adds_up
    assert "    2 written as not_stated" in report.lines()


def test_a_practice_without_a_row_in_a_year_gets_one(tmp_path: Path) -> None:
    files = write_year(
        tmp_path, "1920", [("A81001", "HYP", 10, "TOTAL", 100), ("A81002", "HYP", 20, "TOTAL", 100)]
    )
    files += write_year(tmp_path, "2021", [("A81001", "HYP", 11, "TOTAL", 100)])

    report = import_source("qof", files, tmp_path / "out")

    observations = read_table(tmp_path / "out", "observations")
    assert observations.iloc[-1].to_list() == [
        *("hypertension-prevalence", "A81002", "2020-21", "", "", "not_stated", NOTE)
    ]
    assert report.added == {"not_stated": 1}
    assert report.rows["observations"] == sum(file.written for file in report.files[::2]) + 1


def test_a_changed_list_type_starts_a_new_version(tmp_path: Path) -> None:
    """Asthma is counted among everyone until 2019-20, then among patients aged 6 and over."""
    files = write_year(tmp_path, "1819", [("A81001", "AST", 309, "TOTAL", 4086)])
    files += write_year(tmp_path, "1920", [("A81001", "AST", 348, "TOTAL", 4111)])
    files += write_year(tmp_path, "2021", [("A81001", "AST", 333, "06OV", 3852)])

    import_source("qof", files, tmp_path / "out")

    columns = ["version", "valid_from", "valid_to", "breaks_series", "denominator_label"]
    assert read_table(tmp_path / "out", "metrics")[columns].to_numpy().tolist() == [
        ["1", "", "2020-03-31", "false", "registered patients"],
        ["2", "2020-04-01", "", "true", "registered patients aged 6 and over"],
    ]


def test_a_register_that_begins_or_ends_is_valid_only_in_its_years(tmp_path: Path) -> None:
    files = write_year(
        tmp_path, "1920", [("A81001", "CVDPP", 1, "30_74", 90), ("A81001", "HYP", 9, "TOTAL", 100)]
    )
    files += write_year(
        tmp_path, "2021", [("A81001", "NDH", 5, "18OV", 80), ("A81001", "HYP", 9, "TOTAL", 100)]
    )

    report = import_source("qof", files, tmp_path / "out")

    metrics = read_table(tmp_path / "out", "metrics")
    prevention = "cardiovascular-disease-primary-prevention-prevalence"
    assert cells_of(metrics, prevention, "valid_from", "valid_to") == ["", "2020-03-31"]
    assert cells_of(metrics, "non-diabetic-hyperglycaemia-prevalence", "valid_from", "valid_to") == [
        "2020-04-01",
        "",
    ]
    assert cells_of(metrics, "hypertension-prevalence", "valid_from", "valid_to") == ["", ""]
    assert report.added == {"not_stated": 0}


def test_memberships_follow_the_years(tmp_path: Path) -> None:
    """Years with the same parent are one membership; a practice that moves has two, which do not overlap."""
    registers = [("A81001", "HYP", 10, "TOTAL", 100)]
    files = write_year(tmp_path, "1718", registers, [{"practice": "A81001", "region": "Y54"}])
    files += write_year(tmp_path, "1819", registers, [{"practice": "A81001", "region": "Y63"}])
    files += write_year(tmp_path, "1920", registers, [{"practice": "A81001", "region": "Y63", "ccg": "16C"}])
    files += write_year(
        tmp_path, "2021", registers, [{"practice": "A81001", "region": "Y63", "ccg": "16C", "pcn": "U10002"}]
    )

    import_source("qof", files, tmp_path / "out")

    memberships = read_table(tmp_path / "out", "memberships").to_numpy().tolist()
    assert memberships == [
        ["00K", "QAA", "main", "2017-04-01", "2019-03-31"],
        ["16C", "QAA", "main", "2019-04-01", ""],
        ["A81001", "00K", "main", "2017-04-01", "2019-03-31"],
        ["A81001", "16C", "main", "2019-04-01", ""],
        ["A81001", "U10001", "pcn", "2019-04-01", "2020-03-31"],
        ["A81001", "U10002", "pcn", "2020-04-01", ""],
        ["QAA", "Y54", "main", "2017-04-01", "2018-03-31"],
        ["QAA", "Y63", "main", "2018-04-01", ""],
        ["Y54", "ENG", "main", "2017-04-01", "2018-03-31"],
        ["Y63", "ENG", "main", "2018-04-01", ""],
    ]


def test_a_membership_that_is_interrupted_is_two(tmp_path: Path) -> None:
    files = [
        path
        for year in ("1718", "1920")
        for path in write_year(tmp_path, year, [("A81001", "HYP", 10, "TOTAL", 100)])
    ]

    import_source("qof", files, tmp_path / "out")

    memberships = read_table(tmp_path / "out", "memberships")
    practice = memberships[(memberships["organisation_code"] == "A81001") & (memberships["tree"] == "main")]
    assert practice[["from", "to"]].to_numpy().tolist() == [["2017-04-01", "2018-03-31"], ["2019-04-01", ""]]


def test_an_area_that_ended_is_closed_and_names_a_successor_only_where_one_took_all(tmp_path: Path) -> None:
    registers = [(f"A8100{number}", "HYP", 10, "TOTAL", 100) for number in (1, 2, 3)]
    before = [
        {"practice": "A81001", "ccg": "00K", "stp_ons": "E54000045"},
        {"practice": "A81002", "ccg": "00M", "stp_ons": "E54000045"},
        {"practice": "A81003", "ccg": "00M", "stp_ons": "E54000045"},
    ]
    after = [
        {"practice": "A81001", "ccg": "16C"},
        {"practice": "A81002", "ccg": "16C"},
        {"practice": "A81003", "ccg": "17D"},
    ]
    files = write_year(tmp_path, "1819", registers, before) + write_year(tmp_path, "1920", registers, after)

    import_source("qof", files, tmp_path / "out")

    organisations = read_table(tmp_path / "out", "organisations")
    fate = ("level", "status", "closed_on", "successor_code")
    assert cells_of(organisations, "00K", *fate) == ["ccg", "closed", "2019-03-31", "16C"]
    assert cells_of(organisations, "00M", *fate) == ["ccg", "closed", "2019-03-31", ""]
    assert cells_of(organisations, "16C", *fate) == ["ccg", "open", "", ""]
    assert cells_of(organisations, "E54000045", *fate) == ["stp", "closed", "2019-03-31", "QAA"]
    assert cells_of(organisations, "A81001", "kind", "parent_code", "status") == ["practice", "16C", "open"]
    assert cells_of(organisations, "ENG", "kind", "parent_code") == ["country", ""]


def test_an_stp_known_by_its_ons_code_is_the_one_with_that_ons_code_later(tmp_path: Path) -> None:
    registers = [("A81001", "HYP", 10, "TOTAL", 100)]
    files = write_year(tmp_path, "1718", registers, [{"practice": "A81001", "stp_name": "LIMESHIRE STP"}])
    files += write_year(tmp_path, "2021", registers, [{"practice": "A81001", "stp_name": "Limeshire"}])

    import_source("qof", files, tmp_path / "out")

    organisations = read_table(tmp_path / "out", "organisations")
    stps = organisations[organisations["level"] == "stp"]
    assert stps[["organisation_code", "name", "status"]].to_numpy().tolist() == [["QAA", "Limeshire", "open"]]


def test_a_practice_without_a_network_has_no_membership_of_one(tmp_path: Path) -> None:
    files = write_year(
        tmp_path,
        "2021",
        [("A81001", "HYP", 10, "TOTAL", 100), ("A81002", "HYP", 10, "TOTAL", 100)],
        [{"practice": "A81001", "pcn": "U", "pcn_name": "Unallocated"}],
    )

    report = import_source("qof", files, tmp_path / "out")

    memberships = read_table(tmp_path / "out", "memberships")
    assert memberships.loc[memberships["tree"] == "pcn", "organisation_code"].to_list() == ["A81002"]
    assert "U" not in read_table(tmp_path / "out", "organisations")["organisation_code"].to_list()
    assert "Practices of 2020-21 that belong to no primary care network: 1." in report.remarks


def test_names_are_the_latest_and_capitals_are_softened(tmp_path: Path) -> None:
    registers = [("A81001", "HYP", 10, "TOTAL", 100), ("A81002", "HYP", 10, "TOTAL", 100)]
    old = [
        {"practice": "A81001", "practice_name": "OLD NAME"},
        {"practice": "A81002", "practice_name": "DR I LIME'S"},
    ]
    files = write_year(tmp_path, "1718", registers, old)
    files += write_year(
        tmp_path, "1819", registers[:1], [{"practice": "A81001", "practice_name": "Dr Bk Lime, Oak"}]
    )

    import_source("qof", files, tmp_path / "out")

    names = read_table(tmp_path / "out", "organisations").set_index("organisation_code")["name"]
    assert names[["A81001", "A81002"]].to_list() == ["Dr Bk Lime, Oak", "Dr I Lime's"]


def test_list_size_is_that_of_the_last_year(tmp_path: Path) -> None:
    files = write_year(tmp_path, "1819", [(code, "HYP", 10, "TOTAL", 100) for code in ("A81001", "A81002")])
    files += write_year(
        tmp_path, "1920", [("A81001", "HYP", 10, "TOTAL", 120), ("A81001", "OB", 9, "18OV", 90)]
    )

    import_source("qof", files, tmp_path / "out")

    sizes = read_table(tmp_path / "out", "organisations").set_index("organisation_code")["list_size"]
    assert sizes[["A81001", "A81002"]].to_list() == ["120", ""]


def test_groups_get_the_publishers_names_from_a_windows_1252_file(tmp_path: Path) -> None:
    """The mapping of 2018-19 is not UTF-8; a group we have no words for is worded after it."""
    mapping = write_csv(
        tmp_path / "INDICATOR_MAPPINGS_1819_v2.csv",
        INDICATORS_1819,
        [
            (
                "HYP001",
                "A \u2018register\u2019 of patients",
                "6",
                "HYP",
                "Hypertension",
                "CL",
                "Clinical",
                "TOTAL",
            ),
            (
                "GOU001",
                "Gout \u2013 a register",
                "1",
                "GOU",
                "Gout \u2013 all forms",
                "CL",
                "Clinical",
                "18OV",
            ),
            ("CS001", "A protocol", "7", "CS", "Cervical screening", "PHAS", "Public Health", "25_64_F"),
        ],
        encoding="windows-1252",
    )
    registers = [("A81001", "HYP", 10, "TOTAL", 100), ("A81001", "GOU", 1, "18OV", 80)]

    report = import_source("qof", [*write_year(tmp_path, "1819", registers), mapping], tmp_path / "out")

    metrics = read_table(tmp_path / "out", "metrics")
    assert metrics["metric_id"].to_list() == ["hypertension-prevalence", "gout-all-forms-prevalence"]
    assert metrics["title"].to_list() == ["High blood pressure", "Gout \u2013 all forms"]
    assert 'QOF calls this group "Hypertension".' in metrics["description"].to_list()[0]
    assert (report.files[2].read, report.files[2].written) == (3, 2)
    assert report.adds_up


def test_a_group_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FindingsError) as caught:
        import_source(
            "qof", write_year(tmp_path, "1819", [("A81001", "GOU", 1, "18OV", 80)]), tmp_path / "out"
        )

    finding = caught.value.findings[0]
    assert (finding.code, finding.file, finding.row) == ("IMP_VALUE", "PREVALENCE_1819.csv", 2)
    assert (finding.column, finding.value) == ("INDICATOR_GROUP_CODE", "GOU")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("A81001", "HYP", "12.5", "TOTAL", "100"), "REGISTER"),
        (("A81001", "HYP", "-1", "TOTAL", "100"), "REGISTER"),
        (("A81001", "HYP", "1", "TOTAL", "1,000"), "PRACTICE_LIST_SIZE"),
        (("a 81001", "HYP", "1", "TOTAL", "100"), "PRACTICE_CODE"),
        (("A81001", "HYP", "1", "06OV", "100"), "PATIENT_LIST_TYPE"),
        (("A81009", "HYP", "2", "TOTAL", "100"), "GROUP_CODE"),
    ],
)
def test_a_cell_that_the_layout_does_not_have_there_is_named(
    tmp_path: Path, row: tuple[str, ...], column: str
) -> None:
    files = write_year(tmp_path, "2021", [("A81009", "HYP", "1", "TOTAL", "100")])
    write_registers(tmp_path, "2021", [("A81009", "HYP", "1", "TOTAL", "100"), row])

    with pytest.raises(FindingsError) as caught:
        import_source("qof", files, tmp_path / "out")

    finding = caught.value.findings[0]
    assert (finding.code, finding.row, finding.column) == ("IMP_VALUE", 3, column)
    assert caught.value.status is ExitStatus.INPUT
    assert not (tmp_path / "out").exists()


def test_a_row_given_twice_is_left_out_and_counted(tmp_path: Path) -> None:
    row = ("A81001", "HYP", "1", "TOTAL", "100")

    report = import_source("qof", write_year(tmp_path, "2021", [row, row]), tmp_path / "out")

    assert (report.files[0].written, report.files[0].left_out) == (1, {"the same row stands above": 1})
    assert report.rows["observations"] == 1


def test_geography_of_practices_without_registers_is_left_out_and_counted(tmp_path: Path) -> None:
    registers = write_registers(tmp_path, "2021", [("A81001", "HYP", 1, "TOTAL", 100)])
    geography = write_geography(tmp_path, "2021", [{"practice": "A81001"}, {"practice": "A81002"}])

    report = import_source("qof", [geography, registers], tmp_path / "out")

    assert report.files[0].left_out == {"a practice without registers in that year": 1}
    assert "A81002" not in read_table(tmp_path / "out", "organisations")["organisation_code"].to_list()


def test_a_practice_without_geography_is_kept(tmp_path: Path) -> None:
    registers = write_registers(
        tmp_path, "2021", [(code, "HYP", 1, "TOTAL", 100) for code in ("A81001", "A81002")]
    )
    geography = write_geography(tmp_path, "2021", [{"practice": "A81001"}])

    report = import_source("qof", [registers, geography], tmp_path / "out")

    organisations = read_table(tmp_path / "out", "organisations")
    assert cells_of(organisations, "A81002", "name", "parent_code") == ["Practice A81002", ""]
    assert any("stands in no area" in remark for remark in report.remarks)


def test_an_area_in_two_areas_of_one_level_is_refused(tmp_path: Path) -> None:
    """Totals would count it twice."""
    registers = [(code, "HYP", 1, "TOTAL", 100) for code in ("A81001", "A81002")]
    places = [{"practice": "A81001", "stp": "QAA"}, {"practice": "A81002", "stp": "QBB"}]

    with pytest.raises(FindingsError) as caught:
        import_source("qof", write_year(tmp_path, "2021", registers, places), tmp_path / "out")

    assert [(finding.code, finding.value) for finding in caught.value.findings] == [("IMP_AREAS", "00K")]


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    registers, geography = write_year(tmp_path / "a", "2021", [("A81001", "HYP", 1, "TOTAL", 100)])
    again = write_registers(tmp_path / "b", "2021", [("A81001", "HYP", 1, "TOTAL", 100)])

    for files in ([registers], [geography], [registers, geography, again], []):
        with pytest.raises(CandourError) as caught:
            import_source("qof", files, tmp_path / "out")
        assert caught.value.code == "IMP_FILES"


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    files = write_year(tmp_path / "in", "2021", [("A81001", "HYP", 1, "TOTAL", 100)])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")

    with pytest.raises(CandourError) as caught:
        import_source("qof", files, tmp_path / "out")

    assert (caught.value.code, caught.value.status) == ("IMP_TO", ExitStatus.INPUT)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["notes.txt"]


def test_an_unknown_source_is_a_mistake_in_the_command(tmp_path: Path) -> None:
    with pytest.raises(CandourError) as caught:
        import_source("qualitymeter", [tmp_path / "a.csv"], tmp_path / "out")

    assert (caught.value.code, caught.value.status) == ("IMP_SOURCE", ExitStatus.USAGE)


def test_the_descriptor_names_source_period_and_licence(tmp_path: Path) -> None:
    files = write_year(tmp_path, "1920", [("A81001", "HYP", 1, "TOTAL", 100)])
    files += write_year(tmp_path, "2021", [("A81001", "HYP", 1, "TOTAL", 100)])

    import_source("qof", files, tmp_path / "out")

    document = json.loads((tmp_path / "out" / "datapackage.json").read_bytes())
    assert document["sources"][0]["title"] == (
        "Quality and Outcomes Framework (QOF), 2019-20 to 2020-21, NHS Digital"
    )
    assert document["licenses"][0]["name"] == "OGL-UK-3.0"
    assert document["candour"]["release"] == "2020-21"
    assert date.fromisoformat(document["candour"]["publication_date"]) == date(2021, 9, 30)
    assert "Open Government Licence v3.0" in document["description"]
    assert [resource["path"] for resource in document["resources"]] == [
        *(
            "metrics.csv",
            "domains.csv",
            "organisations.csv",
            "memberships.csv",
            "periods.csv",
            "observations.csv",
        )
    ]


def test_the_same_files_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    files = [
        path
        for year in ("1819", "1920")
        for path in write_year(
            tmp_path, year, [("A81002", "HYP", 1, "TOTAL", 9), ("A81001", "AF", 1, "TOTAL", 9)]
        )
    ]

    import_source("qof", files, tmp_path / "one")
    import_source("qof", files[::-1], tmp_path / "two")

    contents = [
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")
    ]
    assert contents[0] == contents[1]
    assert not any(b"\r" in content for content in contents[0].values())
