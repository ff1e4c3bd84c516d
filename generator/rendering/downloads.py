"""Results as files: CSV by organisation and by metric, Parquet by metric."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from generator.model.pages import SiteFile
from generator.model.tables import RESULTS
from generator.rendering.book import Book
from generator.rendering.facts import Result
from generator.rendering.numbers import raw_text

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\N{FULLWIDTH EQUALS SIGN}")
"""What makes a spreadsheet read a text as a formula."""


def organisation_csv(book: Book, code: str) -> SiteFile:
    """Return an organisation's results of each metric's latest period for it, every breakdown, as CSV."""
    organisation = book.organisations[code]
    rows = [
        book.current(facts).result
        for breakdowns in book.facts_of(code).values()
        for facts in breakdowns.values()
        if facts
    ]
    return SiteFile(f"{organisation.path}results.csv", _csv(rows))


def metric_csv(book: Book, metric_id: str) -> SiteFile:
    """Return everybody's results in the metric's latest period as CSV."""
    return SiteFile(f"metrics/{metric_id}/results.csv", _csv(book.results_of(metric_id, latest=True)))


def metric_parquet(book: Book, metric_id: str) -> SiteFile:
    """Return everybody's results in every period as Parquet."""
    rows = list(book.results_of(metric_id))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(RESULTS.columns)
    arrays = []
    for column, values in zip(RESULTS.columns, columns, strict=True):
        if column.type.dtype == "float64":
            arrays.append(pa.array(values, type=pa.float64(), from_pandas=True))
        else:
            arrays.append(pa.array([value or None for value in values], type=pa.string()))
    table = pa.table(arrays, names=list(RESULTS.column_names))
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return SiteFile(f"metrics/{metric_id}/results.parquet", target.getvalue())


def neutralise(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _csv(rows: Iterable[Result]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(RESULTS.column_names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return target.getvalue().encode()


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return neutralise(value)
    return "" if math.isnan(value) else raw_text(value)
