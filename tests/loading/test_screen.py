"""The screen is stricter than the schema: what it accepts, frictionless accepts too."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import frictionless
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.loading.agreement import agree_schema
from generator.loading.checks.keys import keys_are_unique
from generator.loading.draft import Draft
from generator.loading.reading import read_table
from generator.loading.screen import empty_frame, screen_table
from generator.model.schemas import resource_descriptor, table_schema
from generator.model.tables import INPUT_TABLES, Column, ColumnType, Table

ODD_TEXT = st.text(alphabet='aZ0-é;|\t,"\n .%\u200b😀', max_size=8)


def texts_of(column: Column, *, wrong_too: bool) -> st.SearchStrategy[str]:
    """Return texts for a column's cells: good ones, and if asked some on the edge or plainly wrong."""
    wrong = st.one_of(
        ODD_TEXT, st.sampled_from(["NaN", "1e400", "1_000", "2025-02-30", "TRUE", "0", "-0", " 1"])
    )
    good: st.SearchStrategy[str]
    if column.vocabulary:
        good = st.sampled_from([str(word) for word in column.vocabulary])
    elif column.type is ColumnType.BOOLEAN:
        good = st.sampled_from(["true", "false"])
    elif column.type is ColumnType.DATE:
        good = st.dates().map(str)
    elif column.type is ColumnType.INTEGER:
        good = st.integers(0, 4).map(str)
    elif column.type is ColumnType.NUMBER:
        good = st.decimals(-90, 90, allow_nan=False, places=3).map(lambda number: f"{number:f}")
    elif column.pattern:
        good = st.from_regex(column.pattern, fullmatch=True)
    else:
        good = st.text(alphabet='abc é;|,"\n', min_size=1, max_size=12)
    blanks = [] if column.is_required else [st.just("")] * 3
    return st.one_of(*[good] * 12, *blanks, *([wrong] if wrong_too else []))


@st.composite
def files(draw: st.DrawFn) -> tuple[Table, list[str], bytes]:
    """Return a table of the contract, some of its columns, and the bytes of a file that may hold it."""
    table = INPUT_TABLES[draw(st.sampled_from(sorted(INPUT_TABLES)))]
    optional = [column.name for column in table.columns if not column.is_required]
    chosen = set(draw(st.lists(st.sampled_from(optional), unique=True, max_size=4)) if optional else [])
    columns = [column for column in table.columns if column.is_required or column.name in chosen]
    columns = draw(st.permutations(columns))
    wrong_too = draw(st.booleans())
    cells = [texts_of(column, wrong_too=wrong_too) for column in columns]
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=4))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerow(column.name for column in columns)
    writer.writerows(rows)
    return table, [column.name for column in columns], buffer.getvalue().encode()


def screen_accepts(table: Table, columns: list[str], content: bytes) -> bool:
    agreement, findings = agree_schema(table_schema(table, columns), table, "datapackage.json", "")
    assert agreement is not None
    assert findings == []
    assert agreement.is_plain
    text, findings = read_table(content, "file.csv", agreement.labels, ",", threads=False)
    if text is None or findings:
        return False
    screened = screen_table(table, text, agreement, "file.csv")
    given = {name: empty_frame(other).assign(_file=0, _row=0) for name, other in INPUT_TABLES.items()}
    given[table.name] = screened.frame.assign(_file=0, _row=text.rows)
    repeats = list(keys_are_unique(Draft(given, {}, frozenset(), (), None)))
    return not screened.findings and not repeats


def frictionless_accepts(table: Table, columns: list[str], content: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file.csv").write_bytes(content)
        resources = [resource_descriptor(table, "file.csv", columns, content)]
        descriptor = Path(folder) / "datapackage.json"
        descriptor.write_text(json.dumps({"name": "test", "resources": resources}))
        return bool(frictionless.validate(str(descriptor)).valid)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(files())
def test_what_the_screen_accepts_frictionless_accepts(file: tuple[Table, list[str], bytes]) -> None:
    if screen_accepts(*file):
        assert frictionless_accepts(*file)


@pytest.mark.slow
@settings(
    max_examples=3_000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(files())
def test_what_the_screen_accepts_frictionless_accepts_at_length(file: tuple[Table, list[str], bytes]) -> None:
    if screen_accepts(*file):
        assert frictionless_accepts(*file)


@pytest.mark.parametrize("name", sorted(INPUT_TABLES))
def test_the_generated_files_are_often_accepted(name: str) -> None:
    """The property would hold of nothing if the screen refused all."""
    table = INPUT_TABLES[name]
    cells = {column.name: _plain_cell(column) for column in table.columns}
    content = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()

    assert screen_accepts(table, list(cells), content)
    assert frictionless_accepts(table, list(cells), content)


def _plain_cell(column: Column) -> str:
    if column.vocabulary:
        return str(column.vocabulary[0])
    if column.name.endswith(("_url", "website")):
        return "https://data.example/"
    if column.pattern:
        return "A-1" if "A-Z" in column.pattern else "a-1"
    plain = {ColumnType.BOOLEAN: "true", ColumnType.DATE: "2025-06-30", ColumnType.STRING: "Words, of a kind"}
    return plain.get(column.type, "1").replace(",", "")
