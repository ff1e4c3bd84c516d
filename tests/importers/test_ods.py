"""epraccur completes the practices of a package."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.errors import CandourError, ExitStatus, FindingsError
from generator.importers import import_source, list_sources, ods
from generator.importers.expected_rows import NOTE
from tests.importers.extracts import cells_of, read_table, write_csv, write_epraccur, write_year


def _import_qof(folder: Path) -> Path:
    """Import two practices in 2019-20, of which only the first is still there in 2020-21."""
    files = write_year(
        folder, "1920", [("A81001", "HYP", 10, "TOTAL", 100), ("A81002", "HYP", 20, "TOTAL", 100)]
    )
    files += write_year(folder, "2021", [("A81001", "HYP", 11, "TOTAL", 100)])
    import_source("qof", files, folder / "out")
    return folder / "out"


def test_practices_get_name_address_and_dates(tmp_path: Path) -> None:
    to = _import_qof(tmp_path)
    file = write_epraccur(
        tmp_path / "epraccur.csv",
        [
            {
                "code": "A81001",
                "name": "DR O'LIME'S SURGERY",
                "address_1": "THE HEALTH CENTRE",
                "address_2": "2A LAWSON STREET",
                "address_4": "STOCKTON ON TEES",
                "postcode": "TS18 1HU",
                "phone": "01632 960001",
            },
            {"code": "A81002", "name": "", "closed": "20200930", "status": "C"},
            {"code": "Z99999"},
        ],
    )

    report = import_source("ods", [file], to)

    organisations = read_table(to, "organisations")
    columns = ["name", "address", "postcode", "phone", "opened_on", "closed_on", "status"]
    assert cells_of(organisations, "A81001", *columns) == [
        "Dr O'Lime's Surgery",
        "The Health Centre, 2A Lawson Street, Stockton on Tees",
        "TS18 1HU",
        "01632 960001",
        "1974-04-01",
        "",
        "open",
    ]
    assert cells_of(organisations, "A81002", *columns) == [
        *("A81002 Surgery", "", "", "", "1974-04-01", "2020-09-30", "closed")
    ]
    assert "Z99999" not in organisations["organisation_code"].to_list()
    count = report.files[0]
    assert (count.read, count.written, count.left_out) == (3, 2, {"not a practice of the package": 1})
    assert report.adds_up


def test_a_practice_that_had_closed_is_no_longer_expected(tmp_path: Path) -> None:
    to = _import_qof(tmp_path)
    before = read_table(to, "observations")
    file = write_epraccur(
        tmp_path / "epraccur.csv",
        [{"code": "A81001"}, {"code": "A81002", "closed": "20200930", "status": "C"}],
    )

    report = import_source("ods", [file], to)

    assert before["note"].tolist().count(NOTE) == 1
    assert report.added == {"not_stated": 0}
    observations = read_table(to, "observations")
    assert observations[["organisation_code", "period"]].to_numpy().tolist() == [
        *(["A81001", "2019-20"], ["A81001", "2020-21"], ["A81002", "2019-20"])
    ]


@pytest.mark.parametrize("closed", ["20210331", "20210401", ""])
def test_a_practice_open_on_the_last_day_is_expected(tmp_path: Path, closed: str) -> None:
    to = _import_qof(tmp_path)
    file = write_epraccur(tmp_path / "epraccur.csv", [{"code": "A81002", "closed": closed, "status": "D"}])

    report = import_source("ods", [file], to)

    assert report.added == {"not_stated": 1}
    assert read_table(to, "observations")["note"].to_list()[-1] == NOTE


def test_figures_of_a_practice_that_had_closed_stand(tmp_path: Path) -> None:
    """The two publishers contradict each other; neither is changed, and the report says so."""
    to = _import_qof(tmp_path)
    file = write_epraccur(
        tmp_path / "epraccur.csv", [{"code": "A81001", "closed": "20201231", "status": "C"}]
    )

    report = import_source("ods", [file], to)

    observations = read_table(to, "observations")
    assert observations.loc[observations["organisation_code"] == "A81001", "numerator"].to_list() == [
        "10",
        "11",
    ]
    assert any("The figures stand." in remark for remark in report.remarks)


@pytest.mark.parametrize(
    ("published", "status"), [("A", "open"), ("C", "closed"), ("D", "open"), ("P", "open")]
)
def test_only_a_closed_practice_is_closed(tmp_path: Path, published: str, status: str) -> None:
    """ODS calls a practice dormant that may come into use again."""
    to = _import_qof(tmp_path)

    import_source("ods", [write_epraccur(tmp_path / "e.csv", [{"code": "A81001", "status": published}])], to)

    assert cells_of(read_table(to, "organisations"), "A81001", "status") == [status]


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    to = _import_qof(tmp_path)
    file = write_epraccur(
        tmp_path / "epraccur.csv", [{"code": "A81001"}, {"code": "A81002", "closed": "20200930"}]
    )

    import_source("ods", [file], to)
    once = {path.name: path.read_bytes() for path in to.iterdir()}
    import_source("ods", [file], to)

    assert {path.name: path.read_bytes() for path in to.iterdir()} == once
    document = json.loads(once["datapackage.json"])
    titles = [source["title"] for source in document["sources"]]
    assert titles[0] == "Quality and Outcomes Framework (QOF), 2019-20 to 2020-21, NHS Digital"
    assert titles[1:] == [f"{ods.INFO.title}, NHS England, with changes up to 2020-09-30"]
    assert [licence["name"] for licence in document["licenses"]] == ["OGL-UK-3.0"]


def test_a_blank_register_of_the_publisher_is_not_taken_for_a_missing_row(tmp_path: Path) -> None:
    files = write_year(tmp_path, "2021", [("A81001", "HYP", "", "TOTAL", 100)])
    import_source("qof", files, tmp_path / "out")
    file = write_epraccur(tmp_path / "e.csv", [{"code": "A81001", "closed": "20200930", "status": "C"}])

    import_source("ods", [file], tmp_path / "out")

    assert read_table(tmp_path / "out", "observations")["note"].to_list() == [
        "Published: register blank, list 100"
    ]


def test_figures_come_first(tmp_path: Path) -> None:
    file = write_epraccur(tmp_path / "epraccur.csv", [{"code": "A81001"}])

    with pytest.raises(CandourError) as caught:
        import_source("ods", [file], tmp_path / "out")

    assert (caught.value.code, caught.value.status) == ("IMP_NO_PACKAGE", ExitStatus.INPUT)


@pytest.mark.parametrize(
    "descriptor",
    ["[]", "{", '{"resources": []}', '{"resources": [{"name": "metrics", "path": "../metrics.csv"}]}'],
)
def test_a_package_that_no_import_wrote_is_refused(tmp_path: Path, descriptor: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "datapackage.json").write_text(descriptor)
    file = write_epraccur(tmp_path / "epraccur.csv", [{"code": "A81001"}])

    with pytest.raises(CandourError) as caught:
        import_source("ods", [file], tmp_path / "out")

    assert caught.value.code == "IMP_PACKAGE"


def test_another_layout_is_refused(tmp_path: Path) -> None:
    to = _import_qof(tmp_path)
    file = write_csv(tmp_path / "epraccur.csv", "", [["A81001", "THE SURGERY", "Y63"]])

    with pytest.raises(FindingsError) as caught:
        import_source("ods", [file], to)

    finding = caught.value.findings[0]
    assert (finding.code, finding.file, finding.value) == (
        "IMP_LAYOUT",
        "epraccur.csv",
        "A81001, THE SURGERY, Y63",
    )
    assert "27" in finding.reason


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"opened": "01/04/1974"}, "column 11 (opened)"),
        ({"closed": "20230231"}, "column 12 (closed)"),
        ({"status": "Active"}, "column 13 (status)"),
        ({"code": "Organisation Code"}, "column 1 (code)"),
        ({"code": "A81001"}, "column 1 (code)"),
    ],
)
def test_a_cell_that_epraccur_does_not_have_there_is_named(
    tmp_path: Path, cells: dict[str, str], column: str
) -> None:
    to = _import_qof(tmp_path)
    before = (to / "organisations.csv").read_bytes()
    file = write_epraccur(tmp_path / "epraccur.csv", [{"code": "A81001"}, {"code": "A81002", **cells}])

    with pytest.raises(FindingsError) as caught:
        import_source("ods", [file], to)

    finding = caught.value.findings[0]
    assert (finding.code, finding.row, finding.column) == ("IMP_VALUE", 2, column)
    assert (to / "organisations.csv").read_bytes() == before


def test_every_source_says_what_it_takes() -> None:
    sources = list_sources()

    assert [source.name for source in sources] == ["qof", "ods", "ae"]
    for source in sources:
        assert source.url.startswith("https://")
        assert all((source.title, source.files, source.publisher, source.licence))
