"""A published source as the importers describe it."""

from __future__ import annotations

from dataclasses import dataclass

from generator.model.release import Licence


@dataclass(frozen=True)
class SourceInfo:
    """One source that can be imported."""

    name: str
    """What the command line calls it."""
    title: str
    files: str
    """Which files it takes, in words."""
    publisher: str
    terms: Licence
    url: str
    """Where the publisher offers the files."""

    @property
    def licence(self) -> str:
        """The licence's name, as printed."""
        return self.terms.title


OPEN_GOVERNMENT_LICENCE = Licence(
    "OGL-UK-3.0",
    "Open Government Licence v3.0",
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
)
ATTRIBUTION = "Contains public sector information licensed under the Open Government Licence v3.0."
"""What the licence asks to be printed."""
