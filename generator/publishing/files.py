"""Writes the files of a site."""

from __future__ import annotations

from pathlib import Path

from generator.errors import CandourError, ExitStatus
from generator.model.pages import SiteFile


def write_file(site_dir: Path, file: SiteFile) -> int:
    """Write one file below the site's folder and return its size in bytes.

    Raises:
        CandourError: PUB_IO, when it cannot be written.
    """
    path = site_dir / file.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    except OSError as error:
        raise CandourError(
            "PUB_IO",
            f'step "write {file.path}": {error.strerror}',
            "Free space or mend the permissions and run the same command; it is safe to repeat.",
            ExitStatus.PUBLISHING,
        ) from error
    return len(file.content)
