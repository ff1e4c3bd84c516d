"""The scripts of the methods pages work every published figure out again, and find one that was changed."""

from __future__ import annotations

import ast
import csv
import io
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator import loading
from generator.model.release import Publication
from generator.model.vocabulary import Audience
from generator.rendering.book import Book
from generator.rendering.release_package import release_package
from generator.statistics import compute_tables
from generator.statistics.earlier import keep_for_later
from tests.conftest import ROOT
from tests.rendering.editions import CALENDAR
from tests.statistics.random_releases import random_story

pytestmark = pytest.mark.slow

SCRIPTS = ROOT / "docs" / "methods"
LEAST = {
    "recompute.py": {
        "results.benchmark_kind": 25_000,
        "results.benchmark_code": 25_000,
        "results.benchmark": 25_000,
        "results.comparison": 25_000,
        "results.judgement": 25_000,
        "results.band": 25_000,
        "results.outlier": 15_000,
        "results.variation": 15_000,
        "results.assurance": 3_000,
        "results.change": 20_000,
        "results.change_year": 10_000,
        "comparisons.benchmark_code": 50_000,
        "comparisons.benchmark": 50_000,
        "comparisons.comparison": 50_000,
        "comparisons.judgement": 50_000,
        "metric_periods.limits_used": 300,
        "metric_periods.flagged": 300,
        "spc.mean": 400,
        "spc.lower": 400,
        "spc.upper": 400,
        "spc.points": 1_500,
    },
    "recompute_more.py": {
        "results.value": 25_000,
        "results.coverage": 1_500,
        "results.lower": 25_000,
        "results.upper": 25_000,
        "results.band_stability": 20_000,
        "results.percentile": 15_000,
        "results.quintile": 15_000,
        "results.change_cause": 300,
        "results.trend": 10_000,
        "metric_periods.phi": 100,
        "metric_periods.tau2": 100,
        "metric_periods.p10": 400,
        "metric_periods.p90": 400,
        "metric_periods.sii": 200,
        "fifths.value": 2_000,
        "fifths.lower": 2_000,
    },
}
"""How many figures of each column the scripts have to work out, at the least."""


@dataclass(frozen=True)
class Outcome:
    """What a script printed, and how it ended."""

    status: int
    text: str

    def recomputed(self, column: str) -> int:
        """Return how many cells of a column were worked out."""
        lines = [line.split() for line in self.text.splitlines() if line.endswith(" recomputed")]
        return next((int(line[1].replace(",", "")) for line in lines if line[0] == column), 0)


@pytest.fixture(scope="module")
def package(demonstration: Path) -> Path:
    """Return the data package of the demonstration's newest release, as its readers get it."""
    [path] = demonstration.glob("releases/*/datapackage.zip")
    return path


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data package of the release before."""
    release, _ = loading.read_release(ROOT / "datapackages" / "2026-q1", workers=2)
    publication = Publication(release.directory, compute_tables(release, workers=2))
    path = tmp_path_factory.mktemp("earlier") / "datapackage.zip"
    path.write_bytes(release_package(Book(publication, Audience.PUBLIC, {}, CALENDAR)).content)
    return path


def run(script: str, *arguments: str | Path) -> Outcome:
    command = [sys.executable, "-B", str(SCRIPTS / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout + done.stderr)


def test_every_figure_of_the_demonstration_can_be_worked_out_again(package: Path) -> None:
    outcome = run("recompute.py", package)

    assert outcome.status == 0, outcome.text
    assert outcome.text.endswith("0 cells differ.\n")
    assert too_few(outcome, "recompute.py") == {}


def test_so_can_ranks_trends_fifths_and_the_causes_of_movement(package: Path, earlier: Path) -> None:
    outcome = run("recompute_more.py", package, "--before", earlier)

    assert outcome.status == 0, outcome.text
    assert too_few(outcome, "recompute_more.py") == {}


@pytest.mark.parametrize("seed", [1, 3, 5, 10, 14, 15, 20, 22])
def test_so_can_those_of_invented_publications(seed: int, tmp_path: Path) -> None:
    """With every oddity: rolling periods, metrics of areas, several countries, totals that do not serve."""
    story, packages = random_story(seed), list[Path]()
    earlier: tuple[Publication, ...] = ()
    for release in story.releases:
        tables = compute_tables(release, earlier=earlier, policy=story.policy, options=story.options)
        publication = Publication(release.directory, tables, policy=story.policy, options=story.options)
        earlier += (keep_for_later(release.directory, tables),)
        packages.append(tmp_path / f"{len(packages)}.zip")
        packages[-1].write_bytes(release_package(Book(publication, Audience.BOARD, {}, CALENDAR)).content)
    *before, package = packages

    outcomes = (
        run("recompute.py", package),
        run("recompute_more.py", package, *(("--before", before[-1]) if before else ("--first",))),
    )

    for outcome in outcomes:
        assert outcome.status == 0, outcome.text


def test_the_scripts_share_no_code_with_the_software() -> None:
    for script in LEAST:
        tree = ast.parse((SCRIPTS / script).read_text(encoding="utf-8"))
        imported = {
            name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
        }
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not any(name.partition(".")[0] in ("generator", "tests") for name in imported)


def too_few(outcome: Outcome, script: str) -> dict[str, int]:
    """Return the columns of which fewer cells were worked out than there should be."""
    found = {column: outcome.recomputed(column) for column in LEAST[script]}
    return {column: count for column, count in found.items() if count < LEAST[script][column]}


@pytest.mark.parametrize(
    ("script", "table", "column", "changed"),
    [
        ("recompute.py", "results", "benchmark", "61"),
        ("recompute.py", "results", "benchmark_code", "ZR1"),
        ("recompute.py", "results", "comparison", "similar"),
        ("recompute.py", "results", "judgement", "worse"),
        ("recompute.py", "results", "band", "good"),
        ("recompute.py", "results", "outlier", "alarm_low"),
        ("recompute.py", "results", "variation", "concern_low"),
        ("recompute.py", "results", "assurance", "hit_and_miss"),
        ("recompute.py", "results", "change", "improved"),
        ("recompute.py", "results", "change_year", "improved"),
        ("recompute.py", "comparisons", "benchmark", "61"),
        ("recompute.py", "comparisons", "judgement", "better"),
        ("recompute.py", "metric_periods", "limits_used", "exact"),
        ("recompute.py", "metric_periods", "flagged", "0"),
        ("recompute.py", "spc", "mean", "50"),
        ("recompute_more.py", "results", "value", "12.5"),
        ("recompute_more.py", "results", "upper", "99.5"),
        ("recompute_more.py", "results", "band_stability", "0.5"),
        ("recompute_more.py", "results", "percentile", "1"),
        ("recompute_more.py", "metric_periods", "p50", "50"),
        ("recompute_more.py", "metric_periods", "sii", "50"),
        ("recompute_more.py", "fifths", "upper", "70"),
    ],
)
def test_a_changed_figure_is_found(
    package: Path, tmp_path: Path, script: str, table: str, column: str, changed: str
) -> None:
    """Otherwise the scripts would prove nothing."""
    altered = tmp_path / "datapackage.zip"
    where = change_a_cell(package, altered, f"{table}/{METRIC}.csv", column, changed)

    outcome = run(script, altered, METRIC)

    assert outcome.status == 1
    assert f"{table}.{column} of {METRIC} {where}" in outcome.text


METRIC = "appointment-within-two-weeks"


def change_a_cell(package: Path, altered: Path, path: str, column: str, changed: str) -> str:
    """Write the package with one cell changed, and return the code that stands in the cell's row."""
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(altered, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == path:
                rows = list(csv.DictReader(io.StringIO(content.decode())))
                row = next(row for row in rows if row[column] not in ("", changed))
                row[column] = changed
                written = io.StringIO()
                writer = csv.DictWriter(written, list(row))
                writer.writeheader()
                writer.writerows(rows)
                content = written.getvalue().encode()
            if not name.endswith(".parquet"):
                target.writestr(name, content)
    return row.get("organisation_code") or row["group_code"]
