"""The front doors: a folder to a release, folders to findings, and all releases in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from generator.errors import Finding, FindingsError, Severity
from generator.loading.checks import run_checks
from generator.loading.descriptor import read_descriptor
from generator.loading.draft import Draft
from generator.loading.faults import fault
from generator.loading.files import find_extra_files, list_files, read_file
from generator.loading.folders import candour_keys, package_folders, releases_in
from generator.loading.joining import join, release_of
from generator.loading.metadata import read_candour
from generator.loading.packages import Reading, read_package
from generator.loading.privacy import mark_private
from generator.loading.resources import UNSUPPORTED_FORMATS
from generator.loading.strict_json import MAXIMUM_BYTES
from generator.model.release import Descriptor, Release
from generator.model.schemas import DESCRIPTOR_NAME
from generator.model.tables import INPUT_TABLES


def read_release(folder: Path, *, workers: int = 1) -> tuple[Release, list[Finding]]:
    """Return the release that lies in a folder, with the notes that checking left.

    The folder holds a datapackage.json, or folders that each hold one. Raises FindingsError, with every
    finding, when anything is an error.
    """
    draft, findings = _examine(folder, threads=workers > 1)
    if draft is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise FindingsError(findings)
    return release_of(draft), findings


def check(paths: Sequence[Path], *, workers: int = 1) -> list[Finding]:
    """Return every finding, errors and notes, about releases, packages or folders of releases.

    Never raises for bad input. File paths in findings begin at the folder that was asked for.
    """
    findings: list[Finding] = []
    for path in paths:
        if path.is_file() and path.name != DESCRIPTOR_NAME:
            findings.append(_refuse_file(path))
            continue
        folder = path.parent if path.name == DESCRIPTOR_NAME else path
        if not folder.is_dir():
            findings.append(fault("PKG_FILE_MISSING", str(path), "no such folder"))
            continue
        for release in releases_in(folder):
            found = _examine(release, threads=workers > 1)[1]
            prefix = release.relative_to(folder).as_posix()
            if prefix != ".":
                found = [replace(finding, file=f"{prefix}/{finding.file}") for finding in found]
            findings.extend(found)
    return findings


def find_releases(datapackages: Path) -> list[Path]:
    """Return the folders that hold a release, the oldest publication first, ties in the order of their names.

    Raises FindingsError where a release does not say when it is published: it could not be put in order.
    """
    dated = []
    findings: list[Finding] = []
    for folder in sorted(datapackages.iterdir() if datapackages.is_dir() else []):
        if not folder.is_dir() or not package_folders(folder):
            continue
        keys = [keys for package in package_folders(folder) if (keys := candour_keys(package))]
        date = keys[0].get("publication_date") if len(keys) == 1 else None
        if isinstance(date, str):
            dated.append((date, folder.name, folder))
        else:
            reason = "no single publication_date in the packages of this release"
            findings.append(
                fault("PKG_DESCRIPTOR_INVALID", folder.name, reason, column="candour.publication_date")
            )
    if findings:
        raise FindingsError(findings)
    return [folder for _, _, folder in sorted(dated)]


def describe_release(folder: Path) -> Descriptor:
    """Return what the release in a folder says about itself, without reading its tables.

    Raises FindingsError where it does not say it.
    """
    reading = Reading(folder, threads=False, listing=list_files(folder))
    for package in package_folders(folder):
        name = f"{package.relative_to(folder).as_posix()}/{DESCRIPTOR_NAME}".removeprefix("./")
        content = read_file(package, DESCRIPTOR_NAME, maximum=MAXIMUM_BYTES)
        descriptor, findings = read_descriptor(content, name)
        reading.findings.extend(findings)
        if descriptor is not None:
            reading.descriptors.append((name, descriptor))
    found = _read_release_keys(reading) if reading.descriptors else None
    if found is None:
        raise FindingsError(reading.findings)
    return found


def _examine(root: Path, *, threads: bool) -> tuple[Draft | None, list[Finding]]:
    """Return a release as read, None where none of it can be used, and every finding about it."""
    try:
        return _examine_folder(root, threads=threads)
    except OSError as error:
        # Folders that may not be opened, disks that fail: the place is all that can be said.
        place = str(error.filename or root)
        return None, [fault("PKG_FILE_MISSING", place, f"cannot be read: {error.strerror}")]


def _examine_folder(root: Path, *, threads: bool) -> tuple[Draft | None, list[Finding]]:
    reading = Reading(root, threads, list_files(root))
    reading.findings.extend(reading.listing.refused.values())
    for folder in package_folders(root):
        read_package(reading, "" if folder == root else folder.relative_to(root).as_posix())
    if not reading.descriptors:
        if not reading.findings:
            reading.findings.append(
                fault("PKG_FILE_MISSING", DESCRIPTOR_NAME, "no data package in this folder")
            )
        return None, reading.findings
    reading.findings.extend(find_extra_files(reading.listing, reading.listed))
    descriptor = _read_release_keys(reading)
    _find_missing_tables(reading)
    draft = join(reading, descriptor)
    reading.findings.extend(run_checks(draft))
    return draft, mark_private(reading.findings, draft)


def _read_release_keys(reading: Reading) -> Descriptor | None:
    """Return what the release says about itself: in one of its packages, with every package's sources."""
    carriers = [(path, package) for path, package in reading.descriptors if package.candour is not None]
    if len(carriers) != 1:
        path = reading.descriptors[0][0] if not carriers else carriers[1][0]
        reason = (
            "no package of the release carries the `candour` keys"
            if not carriers
            else "a second package of the release carries the `candour` keys"
        )
        reading.findings.append(fault("PKG_DESCRIPTOR_INVALID", path, reason, column="candour"))
        return None
    path, carrier = carriers[0]
    packages = [carrier, *(package for _, package in reading.descriptors if package is not carrier)]
    descriptor, findings = read_candour(
        carrier.candour or {},
        path,
        title=carrier.title,
        description=carrier.description,
        sources=tuple(dict.fromkeys(source for package in packages for source in package.sources)),
        licences=tuple(dict.fromkeys(licence for package in packages for licence in package.licences)),
    )
    reading.findings.extend(findings)
    return descriptor


def _find_missing_tables(reading: Reading) -> None:
    for name, table in INPUT_TABLES.items():
        if table.is_required and name not in reading.tables and name not in reading.broken:
            reason = f"no package of the release has the table {name}"
            reading.findings.append(
                fault("PKG_NO_RESOURCES", reading.descriptors[0][0], reason, column="resources")
            )
            reading.broken.add(name)


def _refuse_file(path: Path) -> Finding:
    code = UNSUPPORTED_FORMATS.get(path.suffix.lower())
    if code is None:
        return fault(
            "PKG_NOT_A_FILE", str(path), "a single file; give the folder that holds datapackage.json"
        )
    return fault(code, str(path), f"a {path.suffix.lower()} file")
