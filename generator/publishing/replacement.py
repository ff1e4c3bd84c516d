"""Replaces a finished site as a whole: readers see the old one or the new one, never a mix."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import CandourError, ExitStatus

_OLD = "old"
_NEW = "new"
_LOCK = "lock"


@contextmanager
def replacing(site_dir: Path) -> Iterator[Path]:
    """Give an empty folder beside `site_dir`, which takes its place if the block ends well.

    If the block fails, or the process is killed at any moment, `site_dir` stays as it was; what a killed
    process left beside it is removed by the next.

    Raises:
        CandourError: PUB_IO, when the folders cannot be made, renamed or removed; CFG_SITE_DIR, when
            `site_dir` holds something that no build of ours made.
    """
    site_dir = site_dir.resolve()
    _refuse_foreign_folder(site_dir)
    try:
        site_dir.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(site_dir)
        workspace = Path(tempfile.mkdtemp(prefix=_prefix(site_dir), dir=site_dir.parent))
    except OSError as error:
        raise _failure(error, "preparing a folder beside the site") from error
    # The lock lasts exactly as long as this process: it tells a build that runs from one that was killed.
    with (workspace / _LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            new = workspace / _NEW
            new.mkdir()
            yield new
            try:
                _swap(new, site_dir, workspace / _OLD)
            except OSError as error:
                raise _failure(error, "putting the new site in place") from error
        finally:
            shutil.rmtree(workspace, ignore_errors=True)


def _prefix(site_dir: Path) -> str:
    return f".{site_dir.name}.building-"


def _refuse_foreign_folder(site_dir: Path) -> None:
    """Refuse to replace a folder that no build made: whoever mistypes --site-dir keeps what is there."""
    if not site_dir.exists():
        return
    if not site_dir.is_dir():
        raise CandourError("CFG_SITE_DIR", f"{site_dir} is a file", "Name a folder.")
    names = {path.name for path in site_dir.iterdir()}
    if names and ("404.html" not in names or ".git" in names):
        raise CandourError(
            "CFG_SITE_DIR",
            f"{site_dir} holds something else than a site that was built here, and would be replaced",
            "Name another folder with --site-dir, or empty this one.",
        )


def _remove_leftovers(site_dir: Path) -> None:
    for workspace in sorted(site_dir.parent.glob(f"{_prefix(site_dir)}*")):
        with (workspace / _LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            # Killed between two renames: the old site goes back first.
            if (workspace / _OLD).is_dir() and not site_dir.exists():
                (workspace / _OLD).rename(site_dir)
            shutil.rmtree(workspace)


def swap_by_renames(new: Path, site_dir: Path, old: Path) -> None:
    """Put the new folder in place of the old one, which moves to `old`, in two steps.

    For systems that cannot exchange two folders in one: in between there is a moment without a site.
    """
    site_dir.rename(old)
    try:
        new.rename(site_dir)
    except OSError:
        old.rename(site_dir)
        raise


def _swap(new: Path, site_dir: Path, old: Path) -> None:
    if not site_dir.exists():
        new.rename(site_dir)
    elif not _exchange(new, site_dir):
        swap_by_renames(new, site_dir, old)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, and return whether the system can."""
    library = ctypes.CDLL(None, use_errno=True)
    names = (os.fsencode(one), os.fsencode(other))
    if sys.platform == "darwin":
        rename_swap = 2
        return hasattr(library, "renamex_np") and library.renamex_np(*names, rename_swap) == 0
    if not hasattr(library, "renameat2"):
        return False
    current_folder, rename_exchange = -100, 2
    return bool(library.renameat2(current_folder, names[0], current_folder, names[1], rename_exchange) == 0)


def _failure(error: OSError, doing: str) -> CandourError:
    return CandourError(
        "PUB_IO",
        f"{doing}: {error.strerror} ({error.filename})",
        "Nothing was replaced. Check the disk's free space and who may write there.",
        ExitStatus.PUBLISHING,
    )
