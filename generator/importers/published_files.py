"""The publisher's files: bytes, text and cells, read strictly and with a limit on size."""

from __future__ import annotations

import csv as text_csv
import gzip
import io
import stat
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from generator.errors import CandourError, ExitStatus, Finding, FindingsError

MOST_BYTES = 256 * 1024 * 1024
"""No file of these sources comes near this size, unpacked; more is a mistake or an attack."""
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class PublishedFile:
    """One file of a source, unpacked, not yet understood."""

    path: Path
    content: bytes

    @property
    def name(self) -> str:
        """Name of the file, without its folder."""
        return self.path.name


def read_file(path: Path, *, most_bytes: int = MOST_BYTES) -> PublishedFile:
    """Return the file with its bytes, unpacked where its name ends in .gz.

    Raises:
        CandourError: the file is missing, no regular file, not .csv or .csv.gz, too large or damaged.
    """
    lowered = path.name.lower()
    if not lowered.endswith((".csv", ".csv.gz")):
        raise _refusal("IMP_FILE", f"{path}: not a .csv or .csv.gz file.", "Give the publisher's CSV files.")
    try:
        # Asked before opening, because opening a pipe would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refusal("IMP_FILE", f"{path}: not a file.", "Give the publisher's CSV files.")
        with gzip.open(path) if lowered.endswith(".gz") else path.open("rb") as stream:
            content = _read_up_to(stream, most_bytes)
    except FileNotFoundError:
        raise _refusal("IMP_FILE", f"{path}: there is no such file.", "Check the path.") from None
    except (EOFError, zlib.error, OSError) as error:
        raise _refusal("IMP_UNREADABLE", f"{path}: cannot be read ({error}).", "Download it again.") from None
    if content is None:
        raise _refusal(
            "IMP_TOO_LARGE",
            f"{path}: more than {most_bytes:,} bytes unpacked.",
            "Check that this is the publisher's own file.",
        )
    return PublishedFile(path, content)


def header_of(file: PublishedFile) -> tuple[str, ...]:
    """Return the names in the file's first line."""
    return tuple(cell.strip() for cell in first_cells(file))


def first_cells(file: PublishedFile) -> list[str]:
    """Return the cells of the file's first line; bytes that are no UTF-8 are replaced."""
    first_line = file.content.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    return next(text_csv.reader([first_line.rstrip("\r")]), [""])


def read_cells(
    file: PublishedFile,
    *,
    columns: Sequence[str] | None = None,
    renamed: Mapping[str, str] | None = None,
    encodings: Sequence[str] = ("utf-8-sig",),
) -> pd.DataFrame:
    """Return the file's cells as text without outer spaces; a blank cell is "".

    Position 0 is the first row below the header. `columns` are the names of a file without a header. Of one
    with a header, only the columns to be `renamed` are returned, under their new names.

    Raises:
        FindingsError: the bytes are in none of the encodings (IMP_ENCODING), a row has too many or too few
            cells (IMP_SHAPE), or there are no rows (IMP_NO_ROWS).
    """
    text = _decode(file, encodings).rstrip("\r\n")
    skipped = 0 if columns is not None else 1
    if text.count("\n") < skipped or not text:
        raise FindingsError([_finding(file, None, "there are no rows", "IMP_NO_ROWS")])
    faulty: list[csv.InvalidRow] = []

    def note_row(row: csv.InvalidRow) -> str:
        faulty.append(row)
        return "skip"

    names = list(columns) if columns is not None else list(header_of(file))
    try:
        table = csv.read_csv(
            io.BytesIO(text.encode()),
            # One thread, because only then does a faulty row know its number.
            read_options=csv.ReadOptions(use_threads=False, column_names=names, skip_rows=skipped),
            parse_options=csv.ParseOptions(invalid_row_handler=note_row, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                include_columns=list(renamed) if renamed else names,
            ),
        )
    except pa.ArrowInvalid as error:
        raise FindingsError([_finding(file, None, f"cannot be read as CSV ({error})", "IMP_SHAPE")]) from None
    if faulty:
        raise FindingsError(
            _finding(
                file,
                row.number,
                f"{row.actual_columns} cells where {row.expected_columns} are expected",
                "IMP_SHAPE",
            )
            for row in faulty
        )
    if table.num_rows != text.count("\n") + 1 - skipped:
        raise FindingsError([_line_break_finding(file, text)])
    new_names = dict(renamed or {})
    return pd.DataFrame(
        {
            new_names.get(name, name): table.column(name).to_pandas().astype("str").str.strip()
            for name in table.column_names
        }
    )


def row_number(position: int, *, has_header: bool = True) -> int:
    """Return the row, as a spreadsheet counts, of a position in the table of `read_cells`."""
    return position + (2 if has_header else 1)


def _read_up_to(stream: gzip.GzipFile | io.BufferedReader, limit: int) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while part := stream.read(_CHUNK):
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
    return b"".join(parts)


def _decode(file: PublishedFile, encodings: Sequence[str]) -> str:
    position = 0
    for encoding in encodings:
        try:
            return file.content.decode(encoding)
        except UnicodeDecodeError as error:
            position = error.start
    names = " or ".join("UTF-8" if encoding == "utf-8-sig" else encoding for encoding in encodings)
    reason = f"this file is not {names} (found 0x{file.content[position]:02X})"
    raise FindingsError([_finding(file, None, reason, "IMP_ENCODING", byte=position)])


def _line_break_finding(file: PublishedFile, text: str) -> Finding:
    """Return the finding for a file that holds more or fewer rows than lines."""
    lines = enumerate(text.split("\n"), start=1)
    odd = next((number for number, line in lines if line.count('"') % 2), None)
    return _finding(file, odd, "a quote is not closed, or a cell holds a line break", "IMP_SHAPE")


def _finding(
    file: PublishedFile, row: int | None, reason: str, code: str, byte: int | None = None
) -> Finding:
    advice = "Download the file again, and do not save it from a spreadsheet."
    return Finding(file.name, row, "", reason, code=code, advice=advice, byte=byte)


def _refusal(code: str, message: str, advice: str) -> CandourError:
    return CandourError(code, message, advice, ExitStatus.INPUT)
