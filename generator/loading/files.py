"""Files of a package, reached safely: nothing outside the folder, nothing that is no ordinary file."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from generator.errors import Finding
from generator.loading.faults import fault

MAXIMUM_FILE_BYTES = 2_000_000_000


class UnreadableFileError(Exception):
    """A file that may not, or cannot, be read; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason)
        self.finding = finding


@dataclass(frozen=True)
class Listing:
    """The files below a folder, links not followed."""

    paths: tuple[str, ...]
    """Ordinary files, with forward slashes, sorted."""
    refused: dict[str, Finding]
    """Links and other entries that are no ordinary files, by path."""


def list_files(folder: Path) -> Listing:
    """Return what lies in a folder, at any depth. No file is opened and no link is followed."""
    paths: list[str] = []
    refused: dict[str, Finding] = {}
    inodes: dict[str, tuple[int, int]] = {}
    names_of: Counter[tuple[int, int]] = Counter()
    links_of: dict[tuple[int, int], int] = {}
    pending = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                path = Path(entry.path).relative_to(folder).as_posix()
                facts = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(facts.st_mode):
                    pending.append(Path(entry.path))
                elif stat.S_ISLNK(facts.st_mode):
                    refused[path] = fault("PKG_PATH_ESCAPES", path, "a symbolic link")
                elif not stat.S_ISREG(facts.st_mode):
                    refused[path] = fault("PKG_NOT_A_FILE", path, f"a {_kind_of(facts.st_mode)}")
                else:
                    paths.append(path)
                    inodes[path] = (facts.st_dev, facts.st_ino)
                    names_of[inodes[path]] += 1
                    links_of[inodes[path]] = facts.st_nlink
    for path in paths:
        if links_of[inodes[path]] > names_of[inodes[path]]:
            refused[path] = fault("PKG_PATH_ESCAPES", path, "a hard link to a file that also lies elsewhere")
    return Listing(tuple(sorted(path for path in paths if path not in refused)), refused)


def find_unsafe_path(path: str, file: str, column: str) -> Finding | None:
    """Return what is wrong with a path in a descriptor, judged by its text alone; None where nothing is."""

    def refuse(code: str, reason: str) -> Finding:
        return fault(code, file, reason, column=column, value=path)

    if _REMOTE.match(path):
        return refuse("SRC_REMOTE_DENIED", "an address of another host, not a file of the package")
    decoded = unquote(path)
    for form in (path, decoded):
        if not form.strip():
            return refuse("PKG_PATH_UNSAFE", "an empty path")
        if any(ord(character) < 32 or ord(character) == 127 for character in form):
            return refuse("PKG_PATH_UNSAFE", "a path with control characters")
        if _DRIVE_OR_SCHEME.match(form):
            return refuse("PKG_PATH_UNSAFE", "a drive letter or scheme")
        if form.startswith("/"):
            return refuse("PKG_PATH_UNSAFE", "an absolute path")
        if "\\" in form:
            return refuse("PKG_PATH_UNSAFE", "a backslash, which is no separator everywhere")
        if form.startswith("~") or "$" in form:
            return refuse("PKG_PATH_UNSAFE", "a path that a shell would expand")
        if any(part in ("", ".", "..") for part in form.split("/")):
            return refuse("PKG_PATH_UNSAFE", "a path with empty, . or .. steps")
    return None


def read_file(folder: Path, path: str, *, maximum: int = MAXIMUM_FILE_BYTES) -> bytes:
    """Return the bytes of an ordinary file of the folder, read once.

    Never waits for a device or pipe and never follows a link. Raises UnreadableFileError.
    """
    refusal = _refusal_of_place(folder, path)
    if refusal is not None:
        raise UnreadableFileError(refusal)
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        handle = os.open(folder / path, flags)
    except OSError as error:
        raise UnreadableFileError(
            fault("PKG_FILE_MISSING", path, f"cannot be opened: {error.strerror}")
        ) from error
    with os.fdopen(handle, "rb") as stream:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableFileError(fault("PKG_NOT_A_FILE", path, f"a {_kind_of(facts.st_mode)}"))
        if facts.st_size > maximum:
            reason = f"{facts.st_size:,} bytes; at most {maximum:,} are read"
            raise UnreadableFileError(fault("TAB_TOO_LARGE", path, reason))
        content = stream.read(maximum + 1)
    if len(content) > maximum:
        raise UnreadableFileError(
            fault("TAB_TOO_LARGE", path, f"grew beyond {maximum:,} bytes while being read")
        )
    return content


def find_extra_files(listing: Listing, listed: Collection[str]) -> list[Finding]:
    """Return a finding for each file that no descriptor lists."""
    return [
        fault("PKG_MEDIA", path, "a picture, sound or film")
        if path.lower().endswith(_MEDIA)
        else fault("PKG_EXTRA_FILE", path, "a file that the descriptor does not list")
        for path in listing.paths
        if path not in listed
    ]


def _refusal_of_place(folder: Path, path: str) -> Finding | None:
    place = folder / path
    try:
        facts = place.lstat()
    except OSError:
        return fault("PKG_FILE_MISSING", path, "the file is not there")
    if stat.S_ISLNK(facts.st_mode) or not place.resolve().is_relative_to(folder.resolve()):
        return fault("PKG_PATH_ESCAPES", path, "a link out of the package")
    if not stat.S_ISREG(facts.st_mode):
        return fault("PKG_NOT_A_FILE", path, f"a {_kind_of(facts.st_mode)}")
    return None


def _kind_of(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "folder",
        stat.S_IFIFO: "named pipe",
        stat.S_IFSOCK: "socket",
        stat.S_IFCHR: "device",
        stat.S_IFBLK: "device",
    }
    return kinds.get(stat.S_IFMT(mode), "special file")


_REMOTE = re.compile(
    r"\s*(?:(?!file:)[A-Za-z][A-Za-z0-9+.-]+:)?//|\s*(?:https?|ftps?|s3|gs|data):", re.IGNORECASE
)
_MEDIA = (
    *(".apng", ".avif", ".bmp", ".gif", ".heic", ".ico", ".jpeg", ".jpg", ".mp3", ".mp4", ".pdf", ".png"),
    *(".svg", ".svgz", ".tif", ".tiff", ".wav", ".webm", ".webp"),
)
"""They can carry script, links to other hosts, or the place where a photograph was taken."""
_DRIVE_OR_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:")
