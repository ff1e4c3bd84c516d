"""The publishers' own files of all England against figures computed from them by plain Python."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from generator.importers import ImportReport, import_source
from generator.importers.expected_rows import NOTE
from tests.importers.extracts import read_table

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
YEARS = ("2017-18", "2018-19", "2019-20", "2020-21")
EPRACCUR = SHARED / "ods" / "epraccur_2025.csv.gz"

pytestmark = [pytest.mark.shared, pytest.mark.slow]


class England(NamedTuple):
    """What importing all files gave."""

    tables: dict[str, pd.DataFrame]
    qof: ImportReport
    ods: ImportReport


@pytest.fixture(scope="module")
def england(tmp_path_factory: pytest.TempPathFactory) -> England:
    for needed in (*(SHARED / "qof" / year for year in YEARS), EPRACCUR):
        if not needed.exists():
            pytest.skip(f"the reference data are not here: {needed.relative_to(SHARED.parent)} is missing")
    files = [file for year in YEARS for file in sorted((SHARED / "qof" / year).iterdir())]
    to = tmp_path_factory.mktemp("england") / "2020-21"
    qof = import_source("qof", files, to)
    ods = import_source("ods", [EPRACCUR], to)
    tables = {name: read_table(to, name) for name in qof.rows}
    return England(tables, qof, ods)


def _published_registers(year: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield practice, group, register and list size of each row of a year's file."""
    path = next((SHARED / "qof" / year).glob("PREVALENCE_*.csv.gz"))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        for practice, group, register, _, list_size in rows:
            yield practice, group, register, list_size


def test_every_organisation_ever_seen_is_there(
    england: England,
) -> None:
    practices = {year: {row[0] for row in _published_registers(year)} for year in YEARS}
    organisations = england.tables["organisations"]
    observations = england.tables["observations"]

    published = observations[observations["note"] != NOTE]
    seen = published.groupby("organisation_code")["period"].nunique()

    assert len(organisations) >= 7_100
    assert set(organisations.loc[organisations["kind"] == "practice", "organisation_code"]) == set.union(
        *practices.values()
    )
    assert int((seen == 4).sum()) == len(set.intersection(*practices.values())) == 6_442


def test_there_is_a_metric_for_every_group(england: England) -> None:
    groups = {group for year in YEARS for _, group, _, _ in _published_registers(year)}

    metrics = england.tables["metrics"]

    assert metrics["metric_id"].nunique() == len(groups) >= 21
    assert metrics["domain_id"].isin(england.tables["domains"]["domain_id"]).all()


def test_memberships_change_by_year(england: England) -> None:
    memberships = england.tables["memberships"]
    main = memberships[(memberships["tree"] == "main")]

    moved = main[main["organisation_code"] == "A81001"]
    parents = main.groupby("organisation_code")["parent_code"].nunique()

    assert moved[["parent_code", "from", "to"]].to_numpy().tolist() == [
        ["00K", "2017-04-01", "2019-03-31"],
        ["16C", "2019-04-01", ""],
    ]
    assert int((parents > 1).sum()) > 1_000


@pytest.mark.parametrize("year", YEARS)
def test_every_membership_of_a_year_is_the_publishers(england: England, year: str) -> None:
    """Each practice lies, on the year's last day, in the area that the year's own file says."""
    path = next(
        path
        for path in (SHARED / "qof" / year).iterdir()
        if path.name.startswith(("ORGANISATION", "MAPPING_NHS"))
    )
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    published = {row["PRACTICE_CODE"]: row.get("CCG_ODS_CODE") or row["CCG_CODE"] for row in rows}
    last_day = f"{int(year[:4]) + 1}-03-31"

    memberships = england.tables["memberships"]
    held = memberships[
        (memberships["from"] <= last_day) & ((memberships["to"] == "") | (memberships["to"] >= last_day))
    ]
    held = held[(held["tree"] == "main") & held["organisation_code"].isin(list(published))]

    assert dict(zip(held["organisation_code"], held["parent_code"], strict=True)) == published


@pytest.mark.parametrize(
    ("year", "percent"),
    [("2017-18", 13.9555), ("2018-19", 13.9817), ("2019-20", 14.0953), ("2020-21", 13.9297)],
)
def test_englands_prevalence_is_that_of_the_rows_reported(
    england: England, year: str, percent: float
) -> None:
    """A practice without a figure counts neither above nor below: its list alone would lower the value."""
    register = patients = 0
    for _, group, count, list_size in _published_registers(year):
        if group == "HYP" and count and int(count) <= int(list_size):
            register += int(count)
            patients += int(list_size)

    observations = england.tables["observations"]
    rows = observations[
        (observations["metric_id"] == "hypertension-prevalence")
        & (observations["period"] == year)
        & (observations["absence"] == "")
    ]

    assert (rows["numerator"].astype(int).sum(), rows["denominator"].astype(int).sum()) == (
        register,
        patients,
    )
    assert round(100 * register / patients, 4) == percent


def test_every_row_published_is_in_the_package(
    england: England,
) -> None:
    """Each count stands unchanged, and each row that could not stand says why."""
    observations = england.tables["observations"]
    published = observations[observations["note"] != NOTE]
    figures = published[published["absence"] == ""]

    expected = [(period, *row) for period in YEARS for row in _published_registers(period)]
    good = [row for row in expected if row[3] and row[4] and int(row[3]) <= int(row[4])]

    assert len(published) == len(expected)
    assert len(figures) == len(good)
    key = ["period", "organisation_code", "numerator", "denominator"]
    counted = pd.DataFrame(good, columns=["period", "organisation_code", "group", "numerator", "denominator"])
    assert (
        figures[key].sort_values(key).to_numpy().tolist() == counted[key].sort_values(key).to_numpy().tolist()
    )
    assert published["absence"].value_counts().to_dict() == {
        "": len(good),
        "not_stated": 651,
        "failed_checks": 8,
    }


def test_reports_add_up(england: England) -> None:
    qof, ods = england.qof, england.ods
    observations = england.tables["observations"]

    registers = [file for file in qof.files if file.content.startswith("registers")]

    assert qof.adds_up
    assert ods.adds_up
    assert [file.read for file in registers] == [149_100, 144_333, 141_120, 137_991]
    written = sum(file.written + sum(file.absences.values()) for file in registers)
    assert qof.rows["observations"] == written + qof.added["not_stated"]
    assert len(observations) == ods.rows["observations"] == written + ods.added["not_stated"]
    assert (ods.files[0].read, ods.files[0].written) == (16_534, 7_181)


def test_closed_practices_say_when(england: England) -> None:
    organisations = england.tables["organisations"]
    closed = organisations[(organisations["kind"] == "practice") & (organisations["status"] == "closed")]

    assert len(closed) > 600
    assert (closed["closed_on"] != "").all()
