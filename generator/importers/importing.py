"""The front door: which sources there are, and importing one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from generator.errors import CandourError
from generator.importers import ae, ods, qof
from generator.importers.report import ImportReport
from generator.importers.source import SourceInfo


def list_sources() -> tuple[SourceInfo, ...]:
    """Return every source that can be imported."""
    return tuple(info for info, _ in _SOURCES.values())


def import_source(source: str, files: Sequence[Path], to: Path) -> ImportReport:
    """Turn the publisher's files into a data package in the folder `to`, or add them to the one there.

    Raises:
        CandourError: the source is unknown (exit 2), or a file, or the folder, is not what the source needs
            (exit 3; a FindingsError where it is about rows). Nothing has been written then.
    """
    if source not in _SOURCES:
        raise CandourError(
            "IMP_SOURCE", f'there is no source "{source}".', f"Choose one of: {', '.join(_SOURCES)}."
        )
    if not files:
        raise CandourError(
            "IMP_FILES", f"{source}: no files are given.", f"Give {_SOURCES[source][0].files}."
        )
    return _SOURCES[source][1](files, to)


_SOURCES: dict[str, tuple[SourceInfo, Callable[[Sequence[Path], Path], ImportReport]]] = {
    info.name: (info, run)
    for info, run in ((qof.INFO, qof.import_qof), (ods.INFO, ods.import_ods), (ae.INFO, ae.import_ae))
}
