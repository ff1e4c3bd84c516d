"""The data package an import writes, and that a later one adds to. Tables are text; a blank cell is ""."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from generator.errors import CandourError, ExitStatus
from generator.importers.published_files import read_cells, read_file
from generator.model.release import Descriptor, Licence, Source
from generator.model.schemas import DESCRIPTOR_NAME, candour_keys, package_descriptor, resource_descriptor
from generator.model.tables import INPUT_TABLES, Table


@dataclass(frozen=True)
class Package:
    """A package folder's tables by name, and what its descriptor says beside the resources."""

    tables: Mapping[str, pd.DataFrame]
    document: Mapping[str, Any]
    """The descriptor as JSON holds it, without its resources."""


def new_document(name: str, descriptor: Descriptor) -> dict[str, Any]:
    """Return the descriptor of a package that has no resources yet."""
    document = package_descriptor(
        name,
        descriptor.title,
        [],
        sources=descriptor.sources,
        licences=descriptor.licences,
        candour=candour_keys(descriptor),
        description=descriptor.description,
    )
    del document["resources"]
    return document


def with_source(
    document: Mapping[str, Any], source: Source, licence: Licence, description: str
) -> dict[str, Any]:
    """Return the descriptor with a further source, in place of an earlier edition of the same address."""
    sources = [known for known in document["sources"] if known.get("path") != source.path]
    licences = list(document["licenses"])
    if licence.name not in [known["name"] for known in licences]:
        licences.append({"name": licence.name, "title": licence.title, "path": licence.path})
    return {
        **document,
        "description": description,
        "sources": [*sources, {"title": source.title, "path": source.path}],
        "licenses": licences,
    }


def refuse_occupied(to: Path) -> None:
    """Raise CandourError where a new package cannot be written without touching what is there (IMP_TO)."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise CandourError(
            "IMP_TO",
            f"{to}: there is something already.",
            "Name a new or empty folder, and give the files of all years in one command.",
            ExitStatus.INPUT,
        )


def write_package(to: Path, package: Package) -> dict[str, int]:
    """Write the package into the folder and return the rows of each resource.

    Only columns that some row uses are written, and those without which a row means nothing. The descriptor
    with everybody's hash comes last: an import that was interrupted is found by the check.
    """
    to.mkdir(parents=True, exist_ok=True)
    resources: list[dict[str, Any]] = []
    for name, table in package.tables.items():
        definition = INPUT_TABLES[name]
        columns = _columns_used(definition, table)
        content = table[columns].to_csv(index=False, lineterminator="\n").encode()
        _replace(to / f"{name}.csv", content)
        resources.append(resource_descriptor(definition, f"{name}.csv", columns, content))
    document = {**package.document, "resources": resources}
    _replace(to / DESCRIPTOR_NAME, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
    return {name: len(table) for name, table in package.tables.items()}


def read_package(folder: Path, needed: Sequence[str]) -> Package:
    """Return the package that an earlier import wrote into the folder, every column of each table filled in.

    Raises:
        CandourError: the folder holds no such package (IMP_NO_PACKAGE), or its descriptor cannot be used
            (IMP_PACKAGE).
    """
    path = folder / DESCRIPTOR_NAME
    if not path.is_file():
        raise CandourError(
            "IMP_NO_PACKAGE",
            f"{folder}: there is no package to add to.",
            "Import the source of the figures first: candour import qof FILES --to DIR.",
            ExitStatus.INPUT,
        )
    try:
        document = json.loads(path.read_bytes())
        resources = {resource["name"]: resource["path"] for resource in document.pop("resources")}
        unknown = [
            name for name, file in resources.items() if file != f"{name}.csv" or name not in INPUT_TABLES
        ]
        missing = [name for name in needed if name not in resources]
        missing += [key for key in ("sources", "licenses") if key not in document]
    except (ValueError, KeyError, TypeError, AttributeError):
        unknown, missing = [], list(needed)
    if unknown or missing:
        wrong = [f"{name} is missing" for name in missing] + [f"{name} is unexpected" for name in unknown]
        raise CandourError(
            "IMP_PACKAGE",
            f"{path}: this is no package that an import wrote ({', '.join(wrong)}).",
            "Add only to a package made by candour import; candour check says what is wrong with it.",
            ExitStatus.INPUT,
        )
    tables = {name: read_cells(read_file(folder / f"{name}.csv")) for name in resources}
    return Package(
        {
            name: table.reindex(columns=INPUT_TABLES[name].column_names, fill_value="")
            for name, table in tables.items()
        },
        document,
    )


def _columns_used(definition: Table, table: pd.DataFrame) -> list[str]:
    return [
        column.name
        for column in definition.columns
        if column.name in table
        and (column.is_required or column.name in definition.key or (table[column.name] != "").any())
    ]


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
