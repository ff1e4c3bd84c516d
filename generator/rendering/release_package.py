"""The whole release as one file: a data package of metadata, results and their companion tables."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from generator.model.pages import SiteFile
from generator.model.schemas import (
    DESCRIPTOR_NAME,
    candour_keys,
    package_descriptor,
    parquet_descriptor,
    resource_descriptor,
)
from generator.model.tables import INPUT_TABLES, OBSERVATIONS, RESULT_TABLES, ColumnType, Table
from generator.model.vocabulary import Audience
from generator.rendering.book import Book
from generator.rendering.downloads import neutralise

_FOR_BOARDS = ("assurance", "actions")
_OLDEST = (1980, 1, 1, 0, 0, 0)
"""The date of every member: a zip can tell no earlier one, and the same release must give the same bytes."""
_NEEDS_QUOTES = r'[",\r\n]'


def release_package(book: Book) -> SiteFile:
    """Return the release as a zip: what was published, never what was sent in.

    Metadata stands in metadata/<table>.csv; each table of results by metric in <table>/<metric_id>.csv, and
    whole in <table>.parquet. Only metrics that the audience may see are in it.
    """
    target = io.BytesIO()
    resources: list[dict[str, Any]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for path, table, name, rows in _csv_files(book):
            content = _csv(rows, table)
            _add(package, path, content)
            described = resource_descriptor(table, path, list(rows.columns), content)
            resources.append({**described, "name": name})
        for name, rows in _result_tables(book).items():
            content = _parquet(rows)
            _add(package, f"{name}.parquet", content)
            resources.append(parquet_descriptor(RESULT_TABLES[name], f"{name}.parquet", content))
        document = package_descriptor(
            f"results-{book.descriptor.release}",
            book.descriptor.title,
            resources,
            sources=book.descriptor.sources,
            licences=book.descriptor.licences,
            candour={**candour_keys(book.descriptor), **_settings(book)},
            description=book.descriptor.description,
        )
        _add(package, DESCRIPTOR_NAME, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
    return SiteFile(package_path(book), target.getvalue())


def package_path(book: Book) -> str:
    """Return the address of the package below the site's root."""
    return f"releases/{book.descriptor.release.lower()}/datapackage.zip"


def _csv_files(book: Book) -> Iterator[tuple[str, Table, str, pd.DataFrame]]:
    """Yield every CSV file: path, table, name of the resource, rows."""
    for name, rows in _metadata(book).items():
        yield f"metadata/{name}.csv", INPUT_TABLES[name], name, rows
    for name, rows in _result_tables(book).items():
        by_metric = rows.groupby("metric_id", observed=True, sort=True).indices
        for metric_id, places in by_metric.items():
            part = rows.iloc[places]
            yield f"{name}/{metric_id}.csv", RESULT_TABLES[name], f"{name}-{metric_id}", part


def _settings(book: Book) -> dict[str, dict[str, Any]]:
    """Return how the results were protected and calculated, as far as that is a choice."""
    publication = book.publication
    return {"disclosure": asdict(publication.policy), "methods": asdict(publication.options)}


def _metadata(book: Book) -> dict[str, pd.DataFrame]:
    """Return the tables of the directory that have rows, as the audience may see them.

    Peers are those that were compared with, named by the publisher or found.
    """
    shown: dict[str, pd.DataFrame] = {}
    for name, definition in INPUT_TABLES.items():
        if definition is OBSERVATIONS or (book.audience is Audience.PUBLIC and name in _FOR_BOARDS):
            continue
        source = book.publication.tables.peers if name == "peers" else book.directory[name]
        rows = source[list(definition.column_names)]
        if "metric_id" in rows:
            rows = rows[rows["metric_id"].isin([*book.metrics, ""])]
        if len(rows):
            shown[name] = rows[_columns_used(rows, definition)].reset_index(drop=True)
    return shown


def _columns_used(rows: pd.DataFrame, table: Table) -> list[str]:
    """Return the columns that must be there, and those that some row uses."""
    return [
        column.name
        for column in table.columns
        if column.is_required
        or column.name in table.key
        or (rows[column.name].notna() & (rows[column.name].astype("object") != "")).any()
    ]


def _result_tables(book: Book) -> Mapping[str, pd.DataFrame]:
    """Return the tables of results with the metrics that the audience may see."""
    tables = {name: getattr(book.publication.tables, name) for name in RESULT_TABLES}
    if len(book.metrics) == len(book.directory.metrics):
        return tables
    return {name: table[table["metric_id"].isin(list(book.metrics))] for name, table in tables.items()}


def _csv(rows: pd.DataFrame, table: Table) -> bytes:
    """Return the rows as CSV: numbers in full, texts that a spreadsheet would run neutralised."""
    columns = {name: _text(rows[name], table.column(name).type) for name in rows.columns}
    quotes = any(
        isinstance(column, pd.Series) and column.str.contains(_NEEDS_QUOTES, regex=True).any()
        for column in columns.values()
    )
    arrays = [pa.array(column, from_pandas=True) for column in columns.values()]
    options = csv.WriteOptions(include_header=False, quoting_style="needed" if quotes else "none")
    target = io.BytesIO()
    target.write(f"{','.join(columns)}\n".encode())
    csv.write_csv(pa.table(arrays, names=list(columns)), target, options)
    return target.getvalue()


def _text(column: pd.Series, kind: ColumnType) -> Any:
    """Return a column as it is written: texts and dates as text, numbers as they are."""
    if kind is ColumnType.DATE:
        return column.dt.strftime("%Y-%m-%d")
    if kind is ColumnType.BOOLEAN:
        return column.map({True: "true", False: "false"}).astype("str")
    if kind is not ColumnType.STRING:
        return column.to_numpy("float64")
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = [neutralise(str(word)) for word in column.cat.categories]
        return pd.Series(pd.Categorical.from_codes(column.cat.codes, dtype=_words(words))).astype("str")
    return column.map(neutralise)


def _words(words: list[str]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(words, dtype=object))


def _parquet(rows: pd.DataFrame) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), target, compression="zstd")
    return target.getvalue()


def _add(package: zipfile.ZipFile, path: str, content: bytes) -> None:
    member = zipfile.ZipInfo(path, _OLDEST)
    member.compress_type = zipfile.ZIP_STORED if path.endswith(".parquet") else zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    package.writestr(member, content)
