"""Which folders hold releases, and which of those hold packages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator.loading.descriptor import read_descriptor
from generator.loading.files import UnreadableFileError, read_file
from generator.loading.strict_json import MAXIMUM_BYTES
from generator.model.schemas import DESCRIPTOR_NAME


def package_folders(folder: Path) -> list[Path]:
    """Return the folders that hold a datapackage.json: this one, or else those directly below it."""
    if _has_descriptor(folder):
        return [folder]
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    return [path for path in inner if _has_descriptor(path)]


def releases_in(folder: Path) -> list[Path]:
    """Return the releases below a folder: itself, or each folder of it where it is a folder of releases."""
    packages = package_folders(folder)
    if packages == [folder]:
        return [folder]
    carriers = [path for path in packages if candour_keys(path)]
    names = {str(keys.get("release")) for path in carriers if (keys := candour_keys(path))}
    if not packages or len(names) > 1:
        inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
        return [path for path in inner if package_folders(path)] or [folder]
    return [folder]


def candour_keys(package: Path) -> dict[str, Any] | None:
    """Return the `candour` keys of a package, None where it has none or cannot be read."""
    try:
        content = read_file(package, DESCRIPTOR_NAME, maximum=MAXIMUM_BYTES)
    except UnreadableFileError:
        return None
    descriptor, _ = read_descriptor(content, DESCRIPTOR_NAME)
    return descriptor.candour if descriptor is not None else None


def _has_descriptor(folder: Path) -> bool:
    # A link or a pipe of that name counts too: reading it then says what is wrong with it.
    return (folder / DESCRIPTOR_NAME).exists() or (folder / DESCRIPTOR_NAME).is_symlink()
