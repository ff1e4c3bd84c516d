"""The full-text index that Pagefind makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import CandourError, ExitStatus
from generator.model.pages import SiteFile
from generator.publishing.fulltext import write_full_text
from generator.rendering.finder import TextEntry, stub_pages

STUBS = stub_pages(
    TextEntry(
        f"metrics/m{number}/",
        f"Metric {number}",
        f"What number {number} tells. Blood pressure.",
        "Measure",
        "What it tells.",
    )
    for number in range(40)
)


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    write_full_text(tmp_path / "one", STUBS)
    write_full_text(tmp_path / "two", STUBS)

    assert bytes_below(tmp_path / "one") == bytes_below(tmp_path / "two")


def test_only_what_pages_need_is_kept(tmp_path: Path) -> None:
    write_full_text(tmp_path, STUBS)

    names = {path.name for path in (tmp_path / "pagefind").iterdir()}
    assert {name for name in names if not name.endswith(".pf_meta")} == {
        "fragment",
        "index",
        "pagefind-entry.json",
        "pagefind-worker.js",
        "pagefind.js",
        "wasm.en.pagefind",
    }
    assert len(list((tmp_path / "pagefind" / "fragment").iterdir())) == len(STUBS)


def test_an_earlier_index_is_replaced(tmp_path: Path) -> None:
    write_full_text(tmp_path, STUBS)
    write_full_text(tmp_path, STUBS[:1])
    assert len(list((tmp_path / "pagefind" / "fragment").iterdir())) == 1

    write_full_text(tmp_path, [])
    assert not (tmp_path / "pagefind").exists()


def test_failure_is_told_with_exit_status_5(tmp_path: Path) -> None:
    """Pagefind refuses to index a site without a page."""
    with pytest.raises(CandourError) as caught:
        write_full_text(tmp_path, [SiteFile("metrics/a.txt", b"no page")])

    assert caught.value.code == "RND_SEARCH"
    assert caught.value.status is ExitStatus.RENDERING
