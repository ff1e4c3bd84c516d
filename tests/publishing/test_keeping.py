"""Texts that are made once and kept."""

from __future__ import annotations

from pathlib import Path

from generator.publishing import kept_text


def test_a_text_is_made_once(tmp_path: Path) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("once")
        return "text"

    texts = [kept_text(tmp_path / "kept", "vega-1.js", make) for _ in range(2)]

    assert texts == ["text", "text"]
    assert made == ["once"]
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["vega-1.js"]


def test_a_folder_that_cannot_be_written_to_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file stands in the way")

    assert kept_text(tmp_path / "kept", "vega-1.js", lambda: "text") == "text"
