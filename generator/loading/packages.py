"""One package after another: its descriptor, and each of its files, read once and screened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from generator.errors import Finding, Severity
from generator.loading.boundaries import MAXIMUM_BYTES as MAXIMUM_BOUNDARIES
from generator.loading.boundaries import read_boundaries
from generator.loading.descriptor import PackageDescriptor, read_descriptor
from generator.loading.faults import fault
from generator.loading.files import Listing, UnreadableFileError, read_file
from generator.loading.reading import TextTable, read_table
from generator.loading.resources import Resource
from generator.loading.screen import Screened, screen_table
from generator.loading.strict_json import MAXIMUM_BYTES as MAXIMUM_DESCRIPTOR
from generator.model.release import SourceFile
from generator.model.schemas import DESCRIPTOR_NAME
from generator.model.tables import Table

if TYPE_CHECKING:
    from generator.loading.opinion import Objection


@dataclass
class Reading:
    """What has been read of a release so far."""

    root: Path
    threads: bool
    listing: Listing
    findings: list[Finding] = field(default_factory=list)
    descriptors: list[tuple[str, PackageDescriptor]] = field(default_factory=list)
    """Each package's descriptor with its path."""
    listed: set[str] = field(default_factory=set)
    """Files that a descriptor names, and the descriptors themselves."""
    files: list[SourceFile] = field(default_factory=list)
    tables: dict[str, list[tuple[int, Screened, NDArray[np.int64]]]] = field(default_factory=dict)
    """By table: position in `files`, the rows, and their rows in the file."""
    broken: set[str] = field(default_factory=set)
    boundaries: dict[str, Any] = field(default_factory=dict)

    def path(self, package: str, name: str) -> str:
        """Return a file's path below the root."""
        return f"{package}/{name}" if package else name


def read_package(reading: Reading, package: str) -> None:
    """Read the package in a folder below the root (empty: the root itself), adding to what has been read."""
    path = reading.path(package, DESCRIPTOR_NAME)
    reading.listed.add(path)
    if path in reading.listing.refused:
        return
    try:
        content = read_file(reading.root, path, maximum=MAXIMUM_DESCRIPTOR)
    except UnreadableFileError as error:
        reading.findings.append(error.finding)
        return
    descriptor, findings = read_descriptor(content, path)
    reading.findings.extend(findings)
    if descriptor is None:
        return
    reading.descriptors.append((path, descriptor))
    reading.listed.update(reading.path(package, listed) for listed in descriptor.listed)
    readable = {resource.name for resource in descriptor.resources}
    reading.broken.update(name for name in descriptor.names if name not in readable)
    for resource in descriptor.resources:
        _read_resource(reading, package, resource)


def _read_resource(reading: Reading, package: str, resource: Resource) -> None:
    """Read one file once: the bytes that are checked are the bytes that are used."""
    path = reading.path(package, resource.path)
    if path in reading.listing.refused:
        reading.broken.add(resource.name)
        return
    limits = {"maximum": MAXIMUM_BOUNDARIES} if resource.table is None else {}
    try:
        content = read_file(reading.root, path, **limits)
    except UnreadableFileError as error:
        reading.findings.append(error.finding)
        reading.broken.add(resource.name)
        return
    reading.findings.extend(_check_fixity(resource, content, path))
    sha256 = hashlib.sha256(content).hexdigest()
    if resource.table is None:
        boundaries, findings = read_boundaries(content, path)
        reading.boundaries |= boundaries
        reading.findings.extend(findings)
        reading.files.append(SourceFile(package, resource.name, path, sha256, len(boundaries)))
        return
    rows = _read_rows(reading, resource, resource.table, content, path)
    reading.files.append(SourceFile(package, resource.name, path, sha256, rows))
    if resource.rows is not None and resource.rows != rows and resource.name not in reading.broken:
        reason = f"{rows:,} rows, where {resource.rows:,} are declared"
        reading.findings.append(fault("PKG_HASH_MISMATCH", path, reason))


def _read_rows(reading: Reading, resource: Resource, table: Table, content: bytes, path: str) -> int:
    """Read and screen a table, and return how many rows it has."""
    assert resource.agreement is not None, "a table's resource has a schema, or is not read"
    agreement = resource.agreement
    text, findings = read_table(content, path, agreement.labels, resource.delimiter, threads=reading.threads)
    reading.findings.extend(findings)
    if text is None or any(finding.severity is Severity.ERROR for finding in findings):
        reading.broken.add(table.name)
    if text is None:
        return 0
    screened = screen_table(table, text, agreement, path)
    unproven = np.flatnonzero(screened.faulty_rows) if agreement.is_plain else np.arange(len(text.rows))
    if len(unproven):
        # frictionless takes a moment to import, and a clean package never needs it.
        from generator.loading.opinion import second_opinion

        for objection in second_opinion(text, agreement, unproven):
            _add_objection(screened, objection, text, path)
    reading.findings.extend(screened.findings)
    reading.tables.setdefault(table.name, []).append((len(reading.files), screened, text.rows))
    return len(text.rows)


def _add_objection(screened: Screened, objection: Objection, text: TextTable, path: str) -> None:
    """Add what frictionless says, except about cells that the screen has refused already."""
    name = objection.column
    if not name:
        screened.findings.append(fault(objection.code, path, objection.reason))
        return
    mask = screened.faulty.setdefault(name, np.zeros(len(text.rows), dtype=bool))
    for place in objection.rows[~mask[objection.rows]].tolist():
        mask[place] = True
        value = text.cells[name][place].as_py()
        row = int(text.rows[place])
        screened.findings.append(
            fault(objection.code, path, objection.reason, row=row, column=name, value=value)
        )


def _check_fixity(resource: Resource, content: bytes, path: str) -> Iterator[Finding]:
    if resource.bytes is not None and resource.bytes != len(content):
        yield fault(
            "PKG_HASH_MISMATCH", path, f"{len(content):,} bytes, where {resource.bytes:,} are declared"
        )
    if resource.hash:
        algorithm, _, declared = resource.hash.partition(":")
        digest = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
        if digest != declared:
            yield fault("PKG_HASH_MISMATCH", path, f"the {algorithm} hash is not the one declared")
