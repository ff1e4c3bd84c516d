"""Downloads: the contract's columns, the figures untouched, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import math

import pandas as pd
import pyarrow.parquet as pq
import pytest

from generator.model.pages import SiteFile
from generator.model.tables import RESULTS
from generator.rendering import Edition, PageReference
from generator.rendering.downloads import metric_csv, metric_parquet, neutralise, organisation_csv
from tests.rendering.editions import make_book, make_edition

NUMBERS = [column.name for column in RESULTS.columns if column.type.dtype == "float64"]


def rows_of(file: SiteFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode())))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\N{FULLWIDTH EQUALS SIGN}"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    assert neutralise(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "a=1", "12-3", " =1", "'=1", "A81001", "2025-q4"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert neutralise(text) == text


def test_remarks_are_neutralised_in_every_csv_file_and_numbers_and_codes_are_not() -> None:
    book = make_book(
        [
            {"numerator": 30, "denominator": 40, "note": "=HYPERLINK(1)"},
            {"organisation_code": "P2", "metric_id": "warmth", "value": -5.25, "note": "-5"},
        ],
        metrics=[
            {"metric_id": "m1"},
            {"metric_id": "warmth", "kind": "mean", "range_low": -10, "range_high": 40},
        ],
    )

    (own,) = rows_of(organisation_csv(book, "P1"))
    (cold,) = (row for row in rows_of(metric_csv(book, "warmth")) if row["organisation_code"] == "P2")

    assert own["note"] == "'=HYPERLINK(1)"
    assert (own["organisation_code"], own["numerator"], own["value"]) == ("P1", "30", "75")
    assert (cold["value"], cold["note"]) == ("-5.25", "'-5")


def test_columns_stand_in_the_order_of_the_contract() -> None:
    book = make_book()

    for file in (organisation_csv(book, "P1"), metric_csv(book, "checked")):
        assert file.content.split(b"\n")[0].decode() == ",".join(RESULTS.column_names)
    table = pq.read_table(io.BytesIO(metric_parquet(book, "checked").content))
    assert tuple(table.column_names) == RESULTS.column_names


def test_an_organisations_file_has_its_latest_result_of_each_metric_and_breakdown() -> None:
    rows = rows_of(organisation_csv(make_book(), "P1"))

    keys = [(row["metric_id"], row["breakdown_id"], row["period"]) for row in rows]
    assert sorted(keys) == sorted(
        [
            *(
                (f"{metric}", "all", "2025-q4")
                for metric in ("admitted", "checked", "deaths", "standardised")
            ),
            *((f"{metric}", "all", "2025-q4") for metric in ("survey", "visits", "waiting")),
            ("checked", "women", "2025-q4"),
            ("checked", "men", "2025-q4"),
        ]
    )
    assert {row["organisation_code"] for row in rows} == {"P1"}


def test_an_absent_number_is_blank_and_the_absence_says_why() -> None:
    rows = {row["organisation_code"]: row for row in rows_of(metric_csv(make_book(), "survey"))}

    absent = rows["P4"]
    assert [absent[name] for name in NUMBERS] == [""] * len(NUMBERS)
    assert (absent["absence"], absent["note"]) == ("not_submitted", "'=Form lost in the post")
    assert rows["P1"]["absence"] == ""


def test_nothing_of_a_hidden_figure_is_in_a_file() -> None:
    book = make_book()

    hidden = [
        row
        for file in (organisation_csv(book, "P1"), metric_csv(book, "checked"))
        for row in rows_of(file)
        if row["protection"] == "hidden"
    ]
    table = pq.read_table(io.BytesIO(metric_parquet(book, "checked").content)).to_pandas()
    columns = table.loc[table["protection"] == "hidden", NUMBERS]

    assert {("P1", "women")} <= {(row["organisation_code"], row["breakdown_id"]) for row in hidden}
    assert {row[name] for row in hidden for name in NUMBERS} == {""}
    assert len(columns) > 0
    assert columns.isna().all(axis=None)


def test_every_printed_number_of_a_csv_file_reads_back_as_the_same_number() -> None:
    book = make_book()

    rows = rows_of(metric_csv(book, "deaths"))

    for row, result in zip(rows, book.results_of("deaths", latest=True), strict=True):
        for name in NUMBERS:
            known = getattr(result, name)
            assert (math.isnan(known) and row[name] == "") or float(row[name]) == known


def test_parquet_reads_back_equal_to_the_results_of_every_period() -> None:
    book = make_book()

    read = pq.read_table(io.BytesIO(metric_parquet(book, "checked").content)).to_pandas()

    known = book.publication.tables.results
    known = known[(known["metric_id"] == "checked").to_numpy()][list(RESULTS.column_names)]
    keys = ["organisation_code", "breakdown_id", "period"]
    for name in RESULTS.column_names:
        if name not in NUMBERS:
            known = known.assign(**{name: known[name].astype(object).fillna("")})
            read = read.assign(**{name: read[name].astype(object).fillna("")})
    pd.testing.assert_frame_equal(
        read.sort_values(keys, ignore_index=True),
        known.astype(dict.fromkeys(NUMBERS, "float64")).sort_values(keys, ignore_index=True),
        check_exact=True,
    )
    assert set(read["period"]) == {"2025-q3", "2025-q4"}


@pytest.fixture(scope="module")
def edition() -> Edition:
    return make_edition()


def test_each_page_has_its_files_beside_it_with_the_same_bytes_each_time(edition: Edition) -> None:
    again = make_edition()

    files = {
        reference: edition.downloads_of(reference)
        for reference in edition.pages()
        if edition.downloads_of(reference)
    }

    assert {file.path for file in files[PageReference("metric", ("checked",))]} == {
        "metrics/checked/results.csv",
        "metrics/checked/results.parquet",
        *(
            f"metrics/checked/charts/{name}.{kind}"
            for name in ("trend", "groups-1")
            for kind in ("svg", "png", "csv", "json")
        ),
    }
    for reference, made in files.items():
        folder = edition.make_page(reference).address
        assert [file.path for file in made if not file.path.startswith(folder)] == []
        assert again.downloads_of(reference) == made
