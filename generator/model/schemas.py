"""Table Schemas and package descriptors, made from the documented tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from generator.model.release import Descriptor, Licence, Source
from generator.model.tables import BOUNDARIES, CONTRACT, Column, ColumnType, Table

DESCRIPTOR_NAME = "datapackage.json"
DIALECT = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "skipInitialSpace": False}
"""Stated in every descriptor, although these are the defaults: frictionless guesses what is not stated."""


def table_schema(table: Table, columns: Sequence[str]) -> dict[str, Any]:
    """Return the Table Schema (v1) of the table's columns that a file has, in the file's order.

    It carries only what frictionless 5 checks: types, plain constraints and a primary key of the key columns
    present. Keys across files are our own check. Raises KeyError for a column that the table does not have.
    """
    schema: dict[str, Any] = {
        "fields": [_field(table.column(name)) for name in columns],
        "missingValues": [""],
    }
    key = [name for name in table.key if name in columns]
    if key:
        schema["primaryKey"] = key
    return schema


def resource_descriptor(table: Table, path: str, columns: Sequence[str], content: bytes) -> dict[str, Any]:
    """Return the descriptor of one CSV file of a package, with the hash and size of its content."""
    return {
        "name": table.name,
        "title": table.title,
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": dict(DIALECT),
        **_fixity(content),
        "schema": table_schema(table, columns),
    }


def boundaries_descriptor(path: str, content: bytes) -> dict[str, Any]:
    """Return the descriptor of a package's GeoJSON or TopoJSON file."""
    return {
        "name": BOUNDARIES,
        "title": "Boundaries",
        "path": path,
        "profile": "data-resource",
        "format": "geojson",
        "mediatype": "application/geo+json",
        "encoding": "utf-8",
        **_fixity(content),
    }


def parquet_descriptor(table: Table, path: str, content: bytes) -> dict[str, Any]:
    """Return the descriptor of a Parquet file that holds a whole table of results."""
    return {
        "name": f"{table.name}-parquet",
        "title": table.title,
        "path": path,
        "profile": "data-resource",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        # frictionless counts the bytes of tables only, and calls any other size wrong.
        "hash": _fixity(content)["hash"],
    }


def package_descriptor(
    name: str,
    title: str,
    resources: Sequence[Mapping[str, Any]],
    *,
    sources: Sequence[Source],
    licences: Sequence[Licence],
    candour: Mapping[str, Any] | None = None,
    description: str = "",
) -> dict[str, Any]:
    """Return a v1 data package descriptor.

    `candour` (see `candour_keys`) stands in exactly one package of a release. The profile is that of a
    tabular data package unless a resource is no table.
    """
    tabular = all(resource.get("profile") == "tabular-data-resource" for resource in resources)
    document: dict[str, Any] = {
        "profile": "tabular-data-package" if tabular else "data-package",
        "name": name,
        "title": title,
    }
    if description:
        document["description"] = description
    document["licenses"] = [
        {"name": licence.name, "title": licence.title, **({"path": licence.path} if licence.path else {})}
        for licence in licences
    ]
    document["sources"] = [
        {"title": source.title, **({"path": source.path} if source.path else {})} for source in sources
    ]
    if candour is not None:
        document["candour"] = dict(candour)
    document["resources"] = [dict(resource) for resource in resources]
    return document


def candour_keys(descriptor: Descriptor) -> dict[str, Any]:
    """Return the keys that one package of a release carries under `candour`, without those that are empty."""
    keys: dict[str, Any] = {
        "contract": CONTRACT,
        "release": descriptor.release,
        "publication_date": descriptor.publication_date.isoformat(),
        "publication_time": descriptor.publication_time,
        "publisher": descriptor.publisher,
        "contact": descriptor.contact,
    }
    if descriptor.next_publication_date is not None:
        keys["next_publication_date"] = descriptor.next_publication_date.isoformat()
    if descriptor.missing_rows:
        keys["missing_rows"] = descriptor.missing_rows
    if descriptor.demonstration:
        keys["demonstration"] = True
    return keys


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": str(column.type), "description": column.meaning}
    if column.type is ColumnType.BOOLEAN:
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    constraints: dict[str, Any] = {}
    if column.is_required:
        constraints["required"] = True
    if column.vocabulary:
        constraints["enum"] = [str(word) for word in column.vocabulary]
    if column.pattern:
        constraints["pattern"] = column.pattern
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column.maximum is not None:
        constraints["maximum"] = column.maximum
    if constraints:
        field["constraints"] = constraints
    return field


def _fixity(content: bytes) -> dict[str, Any]:
    return {"hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "bytes": len(content)}
