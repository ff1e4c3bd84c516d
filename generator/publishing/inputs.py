"""Keeps what was given to a build out of what it publishes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from generator.errors import CandourError, ExitStatus


def refuse_inputs(site_dir: Path, inputs: Mapping[Path, str]) -> None:
    """Refuse a site that offers one of the input files, under whatever name.

    `inputs` holds the SHA-256 of each file by its path.

    Raises:
        CandourError: PUB_RAW_INPUT (4), naming the file of the site.
    """
    digests = set(inputs.values())
    sizes = {path.stat().st_size for path in inputs}
    for file in sorted(path for path in site_dir.rglob("*") if path.is_file()):
        # Hashing is slow and most sites are large: only a file of the same size can be the same.
        if file.stat().st_size in sizes and hashlib.sha256(file.read_bytes()).hexdigest() in digests:
            raise CandourError(
                "PUB_RAW_INPUT",
                f"{file.relative_to(site_dir).as_posix()} of the site is one of the input files",
                "Input is not protected and is never offered. Take the file out of the hand-written pages.",
                ExitStatus.DISCLOSURE,
            )
