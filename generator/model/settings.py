"""What one build is asked to do, as the configuration and the command line say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from generator.model.methods import MethodOptions
from generator.model.policy_history import PolicyHistory
from generator.model.vocabulary import Audience


class Workshop(StrEnum):
    """Whether strangers can read the place where releases are prepared."""

    PUBLIC = "public"
    PRIVATE = "private"
    UNKNOWN = "unknown"
    """Nobody has said so: treated as public."""


@dataclass(frozen=True)
class SanityLimits:
    """How far a release may move from the one before it, in percent, until somebody has to accept it."""

    rows: float = 10.0
    """The number of results that were reported."""
    organisations: float = 5.0
    """Those that are gone, or those that are new, of all that reported."""
    country_figure: float = 25.0
    """A country's figure of a metric."""


@dataclass(frozen=True)
class Acceptance:
    """A surprise of one release that somebody has looked into and answers for."""

    release: str
    what: str
    """`rows`, `organisations` or a metric_id."""
    role: str
    """Who answers for it: an office, not a person's name."""
    reason: str


@dataclass(frozen=True)
class BuildSettings:
    """The options of one build, with every default filled in and every folder absolute."""

    datapackages: Path
    release: str
    """Name of a folder of `datapackages`; empty for the newest release."""
    audience: Audience
    workers: int
    """How many processes share the work, at least 1."""
    published: str
    """The archive of published releases: an absolute folder or an fsspec address."""
    workshop: Workshop
    site_name: str
    site_url: str
    """Where the site will stand, ending in a slash; empty where that is not known."""
    links: Mapping[str, str]
    """Addresses outside the site for 'what to do next': any of `register`, `book` and `worried`."""
    templates: Path
    """The folder of `pages/`, `parts/`, `wording/` and `theme/`."""
    site_dir: Path
    """Where the finished site goes."""
    kept: Path = Path(".candour")
    """The folder for what may be used again by later builds; nothing in it is needed, or about anybody."""
    policies: PolicyHistory = field(default_factory=PolicyHistory)
    methods: MethodOptions = field(default_factory=MethodOptions)
    sanity: SanityLimits = field(default_factory=SanityLimits)
    accepted: tuple[Acceptance, ...] = ()
