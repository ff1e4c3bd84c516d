"""A site is replaced as a whole, whatever happens meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.errors import CandourError, ExitStatus
from generator.publishing.replacement import replacing, swap_by_renames

REPOSITORY = Path(__file__).parents[2]

KILLED_BUILD = """
import sys, time
from pathlib import Path
from generator.publishing.replacement import replacing
with replacing(Path(sys.argv[1])) as folder:
    (folder / "404.html").write_text("half")
    print("building", flush=True)
    time.sleep(60)
"""


def test_the_new_site_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", "old")

    with replacing(site) as folder:
        write_site(folder, "new")
        assert (site / "404.html").read_text() == "old"

    assert (site / "404.html").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_first_site_is_put_in_place(tmp_path: Path) -> None:
    with replacing(tmp_path / "deep" / "site") as folder:
        write_site(folder, "new")

    assert (tmp_path / "deep" / "site" / "404.html").read_text() == "new"


def test_where_folders_cannot_be_exchanged_in_one_step_two_renames_do(tmp_path: Path) -> None:
    site, new = write_site(tmp_path / "site", "old"), write_site(tmp_path / "new", "new")

    swap_by_renames(new, site, tmp_path / "old")

    assert (site / "404.html").read_text() == "new"
    assert (tmp_path / "old" / "404.html").read_text() == "old"


def test_the_old_site_returns_if_the_second_of_two_renames_fails(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", "old")

    with pytest.raises(FileNotFoundError):
        swap_by_renames(tmp_path / "missing", site, tmp_path / "old")

    assert (site / "404.html").read_text() == "old"


def test_a_failed_build_leaves_the_old_site_and_nothing_else(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", "old")

    with pytest.raises(KeyboardInterrupt):
        build_and_stop(site)

    assert (site / "404.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_a_killed_build_left_is_removed_by_the_next_and_a_running_one_is_left_alone(
    tmp_path: Path,
) -> None:
    site = write_site(tmp_path / "site", "old")
    running, killed = (start_build(site) for _ in range(2))
    end(killed)
    assert len(list(tmp_path.glob(".site.building-*"))) == 2

    try:
        with replacing(site) as folder:
            write_site(folder, "new")

        assert (site / "404.html").read_text() == "new"
        assert len(list(tmp_path.glob(".site.building-*"))) == 1
    finally:
        end(running)


def test_a_build_killed_between_two_renames_gets_its_old_site_back(tmp_path: Path) -> None:
    workspace = tmp_path / ".site.building-x"
    write_site(workspace / "old", "old")
    (workspace / "lock").touch()

    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "site"):
        raise ZeroDivisionError

    assert (tmp_path / "site" / "404.html").read_text() == "old"


@pytest.mark.parametrize("names", [["letter.txt"], ["404.html", ".git"]])
def test_a_folder_that_no_build_made_is_not_replaced(tmp_path: Path, names: list[str]) -> None:
    """A mistyped --site-dir must not cost anybody their files."""
    (tmp_path / "home").mkdir()
    for name in names:
        (tmp_path / "home" / name).touch()

    with pytest.raises(CandourError) as raised, replacing(tmp_path / "home"):
        raise AssertionError("the block must not be entered")

    assert (raised.value.code, raised.value.status) == ("CFG_SITE_DIR", ExitStatus.USAGE)
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == sorted(names)


def test_a_file_in_the_way_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CandourError) as raised, replacing(tmp_path / "file" / "site"):
        raise AssertionError("the block must not be entered")

    assert (raised.value.code, raised.value.status) == ("PUB_IO", ExitStatus.PUBLISHING)


def write_site(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "404.html").write_text(text)
    return folder


def build_and_stop(site: Path) -> None:
    with replacing(site) as folder:
        write_site(folder, "new")
        raise KeyboardInterrupt


def start_build(site: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_BUILD, str(site)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "building\n"
    return process


def end(build: subprocess.Popen[str]) -> None:
    with build:
        build.kill()
