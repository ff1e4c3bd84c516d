"""CSV files read strictly: bytes in, columns of text out, and the place of all that is no clean table."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from generator.errors import Finding, escape_text
from generator.loading.faults import fault
from generator.loading.strict_json import UTF8_MARK

MAXIMUM_ROW_BYTES = 1_000_000
BLOCK_BYTES = 4_000_000
"""How much pyarrow parses at once; more than the longest row allowed."""


@dataclass(frozen=True)
class TextTable:
    """A file's cells as text, nothing guessed, and the row each came from."""

    cells: dict[str, pa.DictionaryArray]
    """The cells by label, each distinct text held once."""
    rows: NDArray[np.int64]
    """Rows as a spreadsheet counts: the header is row 1."""


def read_table(
    content: bytes, file: str, labels: tuple[str, ...], delimiter: str, *, threads: bool
) -> tuple[TextTable | None, list[Finding]]:
    """Return the table that the bytes hold, None where no rows can be told apart, and what is wrong with it.

    The header must be the labels. Blank rows and rows of another length are reported and left out.
    """
    findings: list[Finding] = []
    if refusal := _find_no_text(content, file):
        return None, [refusal]
    if content.startswith(UTF8_MARK):
        findings.append(fault("TAB_BOM", file, "begins with a byte order mark", byte=0))
        content = content[len(UTF8_MARK) :]
    if not content.strip():
        return None, [*findings, fault("TAB_NO_ROWS", file, "the file is empty")]
    outline = _Outline(content, delimiter)
    if refusal := outline.find_bad_quote(file) or outline.find_bad_line_end(file):
        return None, [*findings, refusal]
    if refusal := outline.find_long_row(file) or _find_other_header(outline.header, file, labels, delimiter):
        return None, [*findings, refusal]
    body = pa.py_buffer(content).slice(outline.body_start)
    if body.size == 0:
        return None, [*findings, fault("TAB_NO_ROWS", file, "a header without rows")]
    table, faults = _read_body(body, file, labels, outline, threads=threads)
    return table, findings + faults


def _find_no_text(content: bytes, file: str) -> Finding | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return fault("TAB_ENCODING", file, "this file is UTF-16, not UTF-8", byte=0)
    nul = content.find(b"\0")
    if nul >= 0:
        reason = "this file holds a NUL byte; it may be UTF-16"
        return fault("TAB_ENCODING", file, reason, row=_line_of(content, nul), byte=nul)
    if not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            reason = f"this file is not UTF-8 (found 0x{content[error.start]:02X})"
            return fault("TAB_ENCODING", file, reason, row=_line_of(content, error.start), byte=error.start)
    return None


def _line_of(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


@dataclass(frozen=True)
class _Outline:
    """Where a file's quotes and line ends lie."""

    content: bytes
    delimiter: str

    @cached_property
    def quotes(self) -> NDArray[np.int64]:
        return (
            np.flatnonzero(self._bytes == ord('"')) if b'"' in self.content else np.array([], dtype=np.int64)
        )

    @cached_property
    def line_ends(self) -> NDArray[np.int64]:
        """Offsets of the line feeds that end a row; those inside quotes do not."""
        feeds = np.flatnonzero(self._bytes == ord("\n"))
        return feeds[self._is_outside(feeds)] if len(self.quotes) else feeds

    @cached_property
    def has_quoted_line_ends(self) -> bool:
        return len(self.quotes) > 0 and self.content.count(b"\n") > len(self.line_ends)

    @cached_property
    def header(self) -> str:
        return self.content[: self.body_start].decode("utf-8").rstrip("\r\n")

    @cached_property
    def body_start(self) -> int:
        return int(self.line_ends[0]) + 1 if len(self.line_ends) else len(self.content)

    def row_at(self, offset: int) -> int:
        return int(np.searchsorted(self.line_ends, offset)) + 1

    def find_bad_quote(self, file: str) -> Finding | None:
        """Find the first quote that neither opens nor closes a cell.

        Quotes open and close in turn; a doubled quote is one that closes and opens again at once. So every
        odd one must begin a cell, or follow its neighbour; every even one must end a cell, or be followed.
        """
        quotes = self.quotes
        if not len(quotes):
            return None
        padded = np.concatenate(([ord("\n")], self._bytes, [ord("\n")]))
        before, after = padded[quotes], padded[quotes + 2]
        borders = np.frombuffer(f'\n"{self.delimiter}'.encode(), dtype=np.uint8)
        is_opening = np.arange(len(quotes)) % 2 == 0
        is_fine = np.where(is_opening, np.isin(before, borders), np.isin(after, [*borders, ord("\r")]))
        misplaced = np.flatnonzero(~is_fine)
        if len(misplaced):
            first = int(misplaced[0])
            # A quote that closes where no cell ends means that the one before it opened what it should not.
            opening = first if first % 2 == 0 else first - 1
            reason = (
                "a quote inside a cell that is not quoted" if first % 2 == 0 else "a quote that is not closed"
            )
            return self._quote_fault(file, reason, opening)
        if len(quotes) % 2:
            return self._quote_fault(file, "a quote that is not closed", len(quotes) - 1)
        return None

    def find_bad_line_end(self, file: str) -> Finding | None:
        if b"\r" not in self.content:
            return None
        lone = _LONE_CARRIAGE_RETURN.search(self.content)
        if lone is not None:
            reason = "a carriage return (CR) that no line feed follows"
            return fault("TAB_NEWLINE", file, reason, row=self.row_at(lone.start()), byte=lone.start())
        ends = self.line_ends
        has_return = self._bytes[np.maximum(ends - 1, 0)] == ord("\r")
        deviating = np.flatnonzero(has_return != has_return[:1])
        if len(deviating):
            offset = int(ends[deviating[0]])
            reason = "lines end in LF and in CR LF"
            return fault("TAB_NEWLINE", file, reason, row=self.row_at(offset), byte=offset)
        return None

    def find_long_row(self, file: str) -> Finding | None:
        lengths = np.diff(self.line_ends, prepend=-1, append=len(self.content))
        longest = int(lengths.argmax())
        if lengths[longest] <= MAXIMUM_ROW_BYTES:
            return None
        reason = f"a row of {int(lengths[longest]):,} bytes; at most {MAXIMUM_ROW_BYTES:,} are read"
        return fault("TAB_TOO_LARGE", file, reason, row=longest + 1)

    @cached_property
    def _bytes(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.content, dtype=np.uint8)

    def _is_outside(self, offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.asarray(np.searchsorted(self.quotes, offsets) % 2 == 0)

    def _quote_fault(self, file: str, reason: str, quote: int) -> Finding:
        offset = int(self.quotes[quote])
        # Line ends after the fault may be taken for quoted ones, those before it are right.
        return fault("TAB_QUOTE", file, reason, row=self.row_at(offset), byte=offset)


def _find_other_header(header: str, file: str, labels: tuple[str, ...], delimiter: str) -> Finding | None:
    found = next(csv.reader([header], delimiter=delimiter), [])
    if tuple(found) == labels:
        return None
    if len(found) == 1:
        for other, name in _DELIMITER_NAMES.items():
            if other != delimiter and len(header.split(other)) == len(labels) > 1:
                reason = f"cells are separated by a {name}, which the descriptor does not declare"
                return fault("TAB_DIALECT", file, reason, row=1)
    expected = escape_text(", ".join(labels), _LABELS_SHOWN)
    position = next(
        (place for place, pair in enumerate(zip(found, labels, strict=False)) if len(set(pair)) > 1), None
    )
    missing = [label for label in labels if label not in found]
    # Where a header is missing, its place is taken by data, which must not reach a public log.
    is_data = not set(found) & set(labels) or any(label[:1].isdigit() for label in found)
    return fault(
        "TAB_HEADER",
        file,
        f"expected the header {expected}" + (f"; missing: {', '.join(missing)}" if missing else ""),
        row=1,
        column=labels[position] if position is not None else "",
        value=", ".join(found),
        private=is_data,
    )


def _read_body(
    body: pa.Buffer, file: str, labels: tuple[str, ...], outline: _Outline, *, threads: bool
) -> tuple[TextTable | None, list[Finding]]:
    findings: list[Finding] = []
    skipped: list[int] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        number = row.number + 1  # The header was cut off before.
        reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        findings.append(fault("TAB_SHAPE", file, reason, row=number))
        skipped.append(number)
        return "skip"

    def parse(*, use_threads: bool) -> pa.Table:
        return arrow_csv.read_csv(
            body,
            arrow_csv.ReadOptions(column_names=list(labels), block_size=BLOCK_BYTES, use_threads=use_threads),
            arrow_csv.ParseOptions(
                delimiter=outline.delimiter,
                ignore_empty_lines=False,
                newlines_in_values=outline.has_quoted_line_ends,
                # pyarrow tells row numbers only when it reads in one thread.
                invalid_row_handler=None if use_threads else skip,
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(labels, pa.dictionary(pa.int32(), pa.string())),
                null_values=[],
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )

    try:
        table = parse(use_threads=threads)
    except pa.ArrowInvalid:
        table = parse(use_threads=False)
    if table.num_rows == 0:
        return None, findings
    cells = {
        label: column.combine_chunks()
        for label, column in zip(labels, table.unify_dictionaries(), strict=True)
    }
    rows = np.arange(2, table.num_rows + len(skipped) + 2)
    if skipped:
        rows = np.delete(rows, np.array(skipped) - 2)
    is_blank = np.ones(len(rows), dtype=bool)
    for column in cells.values():
        blank_texts = np.array([not text for text in column.dictionary.to_pylist()])
        is_blank &= blank_texts[column.indices.to_numpy()]
    if is_blank.any():
        findings.extend(fault("TAB_SHAPE", file, "a blank row", row=int(row)) for row in rows[is_blank])
        kept = pa.array(~is_blank)
        cells = {label: column.filter(kept) for label, column in cells.items()}
        rows = rows[~is_blank]
    return (TextTable(cells, rows) if len(rows) else None), findings


_LONE_CARRIAGE_RETURN = re.compile(rb"\r(?!\n)")
_DELIMITER_NAMES = {";": "semicolon", "\t": "tab", "|": "vertical bar", ",": "comma"}
_LABELS_SHOWN = 400
