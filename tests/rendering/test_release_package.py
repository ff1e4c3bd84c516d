"""The release as one file: valid, complete, the published figures and nothing else."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from frictionless import Package

from generator.model.pages import SiteFile
from generator.model.tables import RESULT_TABLES
from generator.rendering.release_package import release_package
from tests.rendering.editions import make_book

SUPPLIED = [
    {"numerator": 30, "denominator": 40, "note": '=HYPERLINK("x")'},
    {"organisation_code": "P2", "numerator": 3, "denominator": 40},
    {"organisation_code": "P3", "numerator": 12, "denominator": 31},
]


def members_of(file: SiteFile) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(file.content))


def rows_of(file: SiteFile, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(members_of(file).read(path).decode())))


def test_the_package_is_valid_and_lists_each_of_its_files(tmp_path: Path) -> None:
    file = release_package(make_book(SUPPLIED, metrics=[{"metric_id": "m1", "disclosure": "people"}]))
    members_of(file).extractall(tmp_path)

    report = Package(str(tmp_path / "datapackage.json")).validate()

    document = json.loads((tmp_path / "datapackage.json").read_text())
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])
    assert sorted(resource["path"] for resource in document["resources"]) == sorted(
        set(members_of(file).namelist()) - {"datapackage.json"}
    )
    assert file.path == f"releases/{document['candour']['release'].lower()}/datapackage.zip"


def test_it_holds_the_protected_figures_and_not_those_that_were_sent_in() -> None:
    book = make_book(SUPPLIED, metrics=[{"metric_id": "m1", "disclosure": "people"}])

    file = release_package(book)

    rows = {row["organisation_code"]: row for row in rows_of(file, "results/m1.csv")}
    assert (rows["P1"]["numerator"], rows["P1"]["note"]) == ("30", '\'=HYPERLINK("x")')
    assert (rows["P2"]["numerator"], rows["P2"]["absence"]) == ("", "suppressed")
    assert (rows["P3"]["numerator"], rows["P3"]["denominator"]) == ("10", "30")
    assert not any("observations" in path for path in members_of(file).namelist())


def test_csv_and_parquet_hold_every_row_of_every_table() -> None:
    book = make_book()

    file = release_package(book)

    for name in RESULT_TABLES:
        expected = getattr(book.publication.tables, name)
        expected = expected[expected["metric_id"].isin(list(book.metrics))]
        paths = [path for path in members_of(file).namelist() if path.startswith(f"{name}/")]
        whole = pq.read_table(io.BytesIO(members_of(file).read(f"{name}.parquet"))).to_pandas()
        assert sum(len(rows_of(file, path)) for path in paths) == len(whole) == len(expected)
        assert list(whole.columns) == list(expected.columns)
        assert whole["metric_id"].tolist() == expected["metric_id"].tolist()


def test_numbers_are_written_in_full() -> None:
    book = make_book([{"numerator": 1, "denominator": 3}], metrics=[{"metric_id": "m1"}])

    (row,) = (
        row for row in rows_of(release_package(book), "results/m1.csv") if row["organisation_code"] == "P1"
    )

    assert float(row["value"]) == 100 / 3
    assert row["numerator"] == "1"


def test_metrics_for_boards_are_left_out_of_a_public_package() -> None:
    book = make_book(
        [{"numerator": 30, "denominator": 40}, {"metric_id": "inner", "numerator": 20, "denominator": 40}],
        metrics=[{"metric_id": "m1"}, {"metric_id": "inner", "audience": "board"}],
    )

    file = release_package(book)

    assert "results/inner.csv" not in members_of(file).namelist()
    assert {row["metric_id"] for row in rows_of(file, "metadata/metrics.csv")} == {"m1"}
    results = pd.read_parquet(io.BytesIO(members_of(file).read("results.parquet")))
    assert set(results["metric_id"].astype(str)) == {"m1"}


def test_the_same_release_gives_the_same_bytes() -> None:
    assert release_package(make_book()).content == release_package(make_book()).content
