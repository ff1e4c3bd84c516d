"""Broken tables and packages of other projects, through our reader: findings, never a traceback."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from generator.errors import ExitStatus, exit_status_of, format_findings
from generator.loading import check
from generator.loading.reading import read_table

DATA = Path(__file__).parents[2].parent / "shared" / "data"
MESSY = DATA / "messy" / "frictionless-py"

pytestmark = pytest.mark.shared


def shared(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"the reference data is not here: {path}")
    return path


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("blank-cells.csv", "id,name", []),
        ("blank-headers.csv", "id,name,age", ["TAB_HEADER"]),
        ("blank-rows.csv", "id,name,age", ["TAB_SHAPE"]),
        ("blank-rows-multiple.csv", "id,name,age", ["TAB_SHAPE"] * 11),
        ("bom.csv", "id,name", ["TAB_BOM"]),
        ("duplicate-headers.csv", "id,name,age", ["TAB_HEADER"]),
        ("empty.csv", "id,name", ["TAB_NO_ROWS"]),
        ("issue-1009-semicolon.csv", "fieldNameA,fieldNameB", ["TAB_DIALECT"]),
        ("latin1.csv", "id,name", ["TAB_ENCODING"]),
        ("structure-errors.csv", "id,name,age", None),
        ("without-headers.csv", "id,name", ["TAB_HEADER"]),
        ("without-rows.csv", "id,name", ["TAB_NO_ROWS"]),
        ("skip-rows-before-headers.csv", "id,name", ["TAB_HEADER"]),
        ("invalid.csv", "id,name,first_name", ["TAB_HEADER"]),
    ],
)
def test_frictionless_s_own_bad_tables(name: str, labels: str, expected: list[str] | None) -> None:
    """`None` stands for: refused, in whichever way."""
    content = shared(MESSY / name).read_bytes()

    _, findings = read_table(content, name, tuple(labels.split(",")), ",", threads=False)

    if expected is None:
        assert findings
    else:
        assert [finding.code for finding in findings] == expected


def _tables() -> list[Path]:
    return sorted((DATA / "messy").rglob("*.csv")) or [DATA / "messy" / "none.csv"]


@pytest.mark.parametrize("path", _tables(), ids=lambda path: path.name)
def test_every_messy_table_is_read_or_refused(path: Path) -> None:
    """With the labels of its own header: ours makes of it what Python's reader does, or says why not."""
    content = shared(path).read_bytes()
    try:
        lines = list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True)))
    except UnicodeDecodeError:
        lines = []
    header = lines[0] if lines else []
    labels = tuple(header) if header and len(set(header)) == len(header) else ("a", "b")

    text, findings = read_table(content, path.name, labels, ",", threads=False)

    if findings:
        assert all(finding.advice and finding.reason for finding in findings)
    if text is not None and not findings:
        columns = [column.to_pylist() for column in text.cells.values()]
        assert [list(row) for row in zip(*columns, strict=True)] == lines[1:]


@pytest.mark.parametrize(
    "folder",
    [
        MESSY / "invalid",
        MESSY / "issue-905",
        MESSY / "number",
        MESSY / "package",
        DATA / "frictionless" / "ct-alcohol-induced-deaths",
    ],
    ids=lambda folder: folder.name,
)
def test_packages_of_other_contracts_are_refused_in_words(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(shared(folder), tmp_path / "release")

    found = check([copy])

    assert exit_status_of(found) == ExitStatus.INPUT
    assert {"PKG_NO_RESOURCES", "PKG_DESCRIPTOR_INVALID"} & {finding.code for finding in found}
    assert "Traceback" not in format_findings(found)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("package.zip", "ARC_UNSUPPORTED"),
        ("table.csv.gz", "ARC_UNSUPPORTED"),
        ("merged-cells.xlsx", "XLS_UNSUPPORTED"),
    ],
)
def test_archives_and_workbooks_are_not_supported_yet(name: str, code: str) -> None:
    assert [finding.code for finding in check([shared(MESSY / name)])] == [code]
