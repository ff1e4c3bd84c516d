"""Reading a publisher's file: what is refused before anybody looks at its meaning."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from generator.errors import CandourError, ExitStatus, FindingsError
from generator.importers.published_files import read_cells, read_file


def _read(path: Path, content: bytes) -> list[list[str]]:
    path.write_bytes(content)
    return read_cells(read_file(path)).to_numpy().tolist()


def test_cells_are_text_and_blank_is_blank(tmp_path: Path) -> None:
    """Nothing becomes a number, a date or a missing value that is not."""
    cells = _read(tmp_path / "a.csv", b'\xef\xbb\xbfA,B,C\r\n007,NA," x, y "\r\n,5E1,null\r\n')

    assert cells == [["007", "NA", "x, y"], ["", "5E1", "null"]]


def test_a_gzipped_file_reads_the_same(tmp_path: Path) -> None:
    assert _read(tmp_path / "a.csv.gz", gzip.compress(b"A,B\n1,2\n")) == [["1", "2"]]


def test_a_row_with_too_few_or_too_many_cells_is_named(tmp_path: Path) -> None:
    with pytest.raises(FindingsError) as caught:
        _read(tmp_path / "a.csv", b"A,B\n1,2\n3\n4,5\n6,7,8\n")

    assert [(finding.code, finding.row) for finding in caught.value.findings] == [
        ("IMP_SHAPE", 3),
        ("IMP_SHAPE", 5),
    ]
    assert caught.value.status is ExitStatus.INPUT


def test_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    """It would swallow the rows below."""
    with pytest.raises(FindingsError) as caught:
        _read(tmp_path / "a.csv", b'A,B\n1,"2\n3,4\n5,6\n')

    assert [(finding.code, finding.row) for finding in caught.value.findings] == [("IMP_SHAPE", 2)]


def test_a_byte_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    with pytest.raises(FindingsError) as caught:
        _read(tmp_path / "a.csv", b"A,B\n1,caf\xe9\n")

    finding = caught.value.findings[0]
    assert (finding.code, finding.byte) == ("IMP_ENCODING", 9)


@pytest.mark.parametrize("content", [b"", b"A,B", b"A,B\r\n\r\n"])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FindingsError) as caught:
        _read(tmp_path / "a.csv", content)

    assert [finding.code for finding in caught.value.findings] == ["IMP_NO_ROWS"]


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 10_000))

    with pytest.raises(CandourError) as caught:
        read_file(path, most_bytes=9_999)

    assert (caught.value.code, caught.value.status) == ("IMP_TOO_LARGE", ExitStatus.INPUT)


@pytest.mark.parametrize(
    "content", [b"no gzip", gzip.compress(b"A,B\n1,2\n" * 100)[:20]], ids=["text", "cut short"]
)
def test_a_damaged_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(content)

    with pytest.raises(CandourError) as caught:
        read_file(path)

    assert caught.value.code == "IMP_UNREADABLE"


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    """Opening a pipe that nobody writes to would wait for ever."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)

    for path in (pipe, tmp_path, tmp_path / "missing.csv", tmp_path / "book.xlsx"):
        with pytest.raises(CandourError) as caught:
            read_file(path)
        assert caught.value.code == "IMP_FILE"
