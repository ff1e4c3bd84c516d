from __future__ import annotations

from pathlib import Path

from generator.loading import check
from tests.benchmarks.england import PRACTICES, QUARTERS, Areas, measures, write_england


def test_the_reference_job_passes_every_check(tmp_path: Path) -> None:
    """Otherwise the benchmark would measure how findings are collected."""
    rows = write_england(tmp_path, practices=200)

    assert check([tmp_path]) == []
    assert rows["observations"] == 200 * len(measures()) * QUARTERS


def test_a_part_of_the_job_with_stories_passes_every_check(tmp_path: Path) -> None:
    """Two practices in a hundred close or merge before its last quarter, and send nothing afterwards."""
    rows = write_england(
        tmp_path, practices=200, topics=["Easy to reach by phone"], quarters=4, has_stories=True
    )

    assert check([tmp_path]) == []
    assert 4 * 196 < rows["observations"] < 4 * 200


def test_the_reference_job_has_the_same_bytes_at_every_run(tmp_path: Path) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"

    write_england(once, practices=30)
    write_england(twice, practices=30)

    assert {path.name: path.read_bytes() for path in once.iterdir()} == {
        path.name: path.read_bytes() for path in twice.iterdir()
    }


def test_the_whole_job_has_englands_size() -> None:
    areas = Areas.of(PRACTICES)

    assert PRACTICES * len(measures()) * QUARTERS == 3_528_000
    assert (len(areas.networks), len(areas.boards), len(areas.regions)) == (1_260, 42, 7)
    assert len({code for codes in vars(areas).values() for code in codes}) == PRACTICES + 1_260 + 42 + 7 + 153
