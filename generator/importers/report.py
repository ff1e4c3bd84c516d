"""What an import did, in counts that add up to the rows it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class FileCount:
    """What became of the rows of one file. Each row read is in just one of written, absences and left_out."""

    file: str
    """Name of the file, without its folder."""
    content: str
    """What it holds, such as "registers 2017-18"."""
    read: int
    """Rows read, the header not counted."""
    written: int
    """Rows whose figures, names or links stand in the package."""
    absences: Mapping[str, int] = field(default_factory=dict)
    """Rows that stand in the package as an absence, by absence."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Rows of which nothing stands in the package, by reason."""

    @property
    def adds_up(self) -> bool:
        """Whether every row read is accounted for."""
        return self.read == self.written + sum(self.absences.values()) + sum(self.left_out.values())


@dataclass(frozen=True)
class ImportReport:
    """What an import read, what it wrote, and what a reader of the package should know about it."""

    source: str
    """Title of the source."""
    to: Path
    """Folder of the package."""
    files: tuple[FileCount, ...]
    """In the order in which they were given."""
    added: Mapping[str, int]
    """Rows of observations that no file holds, written out because they should be there, by absence."""
    rows: Mapping[str, int]
    """Rows of each resource of the package as it now stands."""
    remarks: tuple[str, ...] = ()
    """What was changed for display, inferred, or kept against expectation: a sentence or two each."""

    @property
    def adds_up(self) -> bool:
        """Whether every row read of every file is accounted for."""
        return all(file.adds_up for file in self.files)

    def lines(self) -> list[str]:
        """Return the report as lines of plain text."""
        lines = [f"Imported {self.source} into {self.to}", "", "Files:"]
        for file in self.files:
            lines.append(f"  {file.file} ({file.content}): {file.read:,} rows read")
            lines.append(f"    {file.written:,} written")
            lines += [f"    {count:,} written as {absence}" for absence, count in file.absences.items()]
            lines += [f"    {count:,} left out: {reason}" for reason, count in file.left_out.items()]
        lines += ["", "Written out because they should be there and are in no file:"]
        lines += [f"  {count:,} observations as {absence}" for absence, count in self.added.items()]
        lines += ["", "The package now holds:"]
        lines += [f"  {name}: {count:,} rows" for name, count in self.rows.items()]
        if self.remarks:
            lines += ["", "Please note:"]
            lines += [f"  {remark}" for remark in self.remarks]
        return lines
