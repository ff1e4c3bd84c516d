"""The reference page of the data package is the one that the documented tables make."""

from __future__ import annotations

from pathlib import Path

from generator.model.reference import PAGE, reference_page
from generator.model.tables import INPUT_TABLES, RESULT_TABLES

ROOT = Path(__file__).parents[2]


def test_the_committed_page_is_current() -> None:
    committed = (ROOT / PAGE).read_text(encoding="utf-8")

    assert committed == reference_page(), f"write it anew: {PAGE}"


def test_the_page_names_every_table_and_column() -> None:
    page = reference_page()

    for table in (*INPUT_TABLES.values(), *RESULT_TABLES.values()):
        section = page.partition(f"### {table.title} {{")[2].partition("\n### ")[0]
        assert all(f"\n| `{column.name}` | {column.type}" in section for column in table.columns), table.name
