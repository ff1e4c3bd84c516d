"""Importers: a published source's own files to a data package, each source's quirks in its own module."""

from generator.importers.importing import import_source, list_sources
from generator.importers.report import ImportReport
from generator.importers.source import SourceInfo

__all__ = ["ImportReport", "SourceInfo", "import_source", "list_sources"]
