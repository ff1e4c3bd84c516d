"""Full-text search: Pagefind's index over stub pages, written into the site.

Pagefind is run from its command line. It never sees the finished pages, which are many and repeat their
navigation, only a stub for each page worth finding by its words. Organisations are not among them: the finder
has those.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from generator.errors import CandourError, ExitStatus
from generator.model.pages import SiteFile

FOLDER = "pagefind"
"""Folder of the index below the site's root; result addresses are relative to its parent."""
LANGUAGE = "en"
_KEPT = ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json", f"wasm.{LANGUAGE}.pagefind")
"""What a page's search needs besides the index itself; Pagefind's own widgets are left out."""


def write_full_text(site_dir: Path, stubs: Sequence[SiteFile]) -> None:
    """Write the index of these stub pages below `site_dir`, in place of an earlier one.

    The same stubs give the same bytes; no stubs, no index.

    Raises:
        CandourError: `RND_SEARCH`, where Pagefind cannot be run or fails.
    """
    target = site_dir / FOLDER
    if target.exists():
        shutil.rmtree(target)
    if not stubs:
        return
    with tempfile.TemporaryDirectory(prefix="candour-fulltext-") as name:
        pages, bundle = Path(name, "pages"), Path(name, "bundle")
        for stub in stubs:
            path = pages / stub.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(stub.content)
        _run_pagefind(pages, bundle)
        _copy_needed(bundle, target)


def _run_pagefind(pages: Path, bundle: Path) -> None:
    command = [sys.executable, "-m", "pagefind", "--silent", "--force-language", LANGUAGE]
    command += ["--site", str(pages), "--output-path", str(bundle)]
    # In the temporary folder, so that no configuration file of Pagefind lying about is read.
    run = subprocess.run(command, cwd=pages, capture_output=True, text=True, check=False)
    if run.returncode or not (bundle / "pagefind.js").exists():
        last_words = (run.stderr or run.stdout).strip().splitlines()[-1:] or ["it gave no reason"]
        raise CandourError(
            "RND_SEARCH",
            f"Pagefind could not index the pages: {last_words[0]}",
            "Check that the requirements are installed as locked: `python -m pagefind --version` answers.",
            ExitStatus.RENDERING,
        )


def _copy_needed(bundle: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for name in _KEPT:
        shutil.copyfile(bundle / name, target / name)
    for metadata in sorted(bundle.glob("*.pf_meta")):
        shutil.copyfile(metadata, target / metadata.name)
    for folder in ("fragment", "index"):
        shutil.copytree(bundle / folder, target / folder, copy_function=shutil.copyfile)
