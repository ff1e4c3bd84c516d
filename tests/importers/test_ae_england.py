"""The publisher's own A&E files against figures computed from them by plain Python."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from generator import loading
from generator.errors import Severity
from generator.importers import ImportReport, import_source
from generator.model.release import Release
from generator.statistics import compute_tables
from tests.importers.extracts import read_table

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
TRUSTS = SHARED / "provider" / "england_trust_accidents_emergency.csv"
BOARDS = SHARED / "provider" / "england_icb_accidents_emergency.csv"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

pytestmark = pytest.mark.shared

FOUR_HOURS, FOR_A_BED = "seen-within-four-hours", "waits-for-a-bed-over-four-hours"


class England(NamedTuple):
    """What importing both files gave."""

    folder: Path
    observations: pd.DataFrame
    report: ImportReport
    release: Release
    quarters: dict[tuple[str, str], list[list[str]]]
    """The publisher's rows of each organisation and quarter."""


@pytest.fixture(scope="module")
def england(tmp_path_factory: pytest.TempPathFactory) -> England:
    if not TRUSTS.exists():
        pytest.skip("the reference data are not here: data/provider is missing")
    to = tmp_path_factory.mktemp("ae") / "2025-q3"
    report = import_source("ae", [TRUSTS, BOARDS], to)
    quarters: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for path in (TRUSTS, BOARDS):
        with path.open(newline="") as stream:
            for row in list(csv.reader(stream))[1:]:
                month, year = row[-1].split()
                quarters[row[0], f"{year}-q{MONTHS.index(month) // 3 + 1}"].append(row)
    release, _ = loading.read_release(to)
    return England(to, read_table(to, "observations"), report, release, quarters)


def test_every_row_is_accounted_for(england: England) -> None:
    assert england.report.adds_up
    assert [file.read for file in england.report.files] == [7_895, 1_680]
    assert len(england.observations) == england.report.rows["observations"]


def test_the_package_passes_the_check(england: England) -> None:
    assert not [finding for finding in loading.check([england.folder]) if finding.severity is Severity.ERROR]


def test_each_quarter_is_the_sum_of_its_three_months(england: England) -> None:
    """Copied months apart, a figure stands just where all three months have one."""
    wrong = []
    for metric_id, code, period, numerator, denominator, absence, _ in england.observations.itertuples(
        index=False, name=None
    ):
        rows = england.quarters.get((code, period), [])
        parts = [_counts(metric_id, row) for row in rows]
        is_whole = len(rows) == 3 and all(part[0] for part in parts) and period != "2025-q1"
        expected = ["", ""]
        if is_whole:
            expected = [
                f"{sum(float(part[place]) for part in parts):.0f}" if parts[0][place] else ""
                for place in (0, 1)
            ]
        if [numerator, denominator] != expected or (absence == "") != is_whole:
            wrong.append((metric_id, code, period))

    assert wrong == []


def test_the_country_is_the_sum_of_its_trusts(england: England) -> None:
    tables = compute_tables(england.release)

    results = tables.results
    country = results[results["organisation_code"] == "ENG"]
    wrong = []
    for metric_id, part, whole in (
        ("seen-within-four-hours", 2, 1),
        ("waits-for-a-bed-over-four-hours", 4, 3),
    ):
        for period in ("2021-q2", "2022-q3", "2023-q4", "2024-q4", "2025-q2"):
            row = country[(country["metric_id"] == metric_id) & (country["period"] == period)].iloc[0]
            whole_quarters = [
                rows
                for (code, quarter), rows in england.quarters.items()
                if quarter == period
                and not code.startswith("E")
                and len(rows) == 3
                and all(month[part] for month in rows)
            ]
            below = sum(float(month[part]) for rows in whole_quarters for month in rows)
            total = sum(float(month[whole]) for rows in whole_quarters for month in rows)
            expected = total - below if metric_id == FOUR_HOURS else below
            if (row["numerator"], row["denominator"]) != (expected, total):
                wrong.append((metric_id, period, row["numerator"], expected, row["denominator"], total))

    assert wrong == []


def test_months_copied_from_the_year_before_are_not_believed(england: England) -> None:
    first = england.observations[england.observations["period"] == "2025-q1"]
    with_rows = first[first["note"].str.startswith("Published")]

    assert set(with_rows["absence"]) == {"failed_checks", "not_submitted"}
    assert (with_rows["absence"] == "failed_checks").sum() == 4 * (150 + 42 - 1)
    assert with_rows["note"].str.contains("February 2025 repeats February 2024", regex=False).all()


def test_the_latest_quarter_is_late(england: England) -> None:
    latest = england.observations[england.observations["period"] == "2025-q3"]

    assert latest["absence"].value_counts().to_dict() == {"late": 4 * (150 + 42), "not_stated": 4 * 7}


def _counts(metric_id: str, row: list[str]) -> tuple[str, str]:
    """Return numerator and denominator of a month's row, blank where it has none."""
    _, attendances, waits, admissions, bed_waits, *_ = row
    return {
        "attendances": (attendances, ""),
        "emergency-admissions": (admissions, ""),
        FOUR_HOURS: (waits and str(float(attendances) - float(waits)), attendances),
        FOR_A_BED: (bed_waits, admissions),
    }[metric_id]
