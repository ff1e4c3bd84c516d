"""The plugin's options in mkdocs.yml: what may stand there, and the settings they make."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.config import config_options as c
from mkdocs.config.base import BaseConfigOption, Config, ValidationError
from mkdocs.config.defaults import MkDocsConfig

from generator.errors import CandourError
from generator.model.methods import MethodOptions, TwoOfThree
from generator.model.policy_history import PolicyHistory
from generator.model.settings import Acceptance, BuildSettings, SanityLimits, Workshop
from generator.model.vocabulary import Audience
from generator.workers import available_workers

NAME = "candour"


class _SecureURL(c.URL):
    """A web address that browsers reach encrypted."""

    def run_validation(self, value: object) -> str:
        address = super().run_validation(value)
        if address and not address.startswith("https://"):
            raise ValidationError("The address has to begin with https://")
        return address


class _Feedback(c.Type[str]):
    """Where readers report mistakes: an e-mail address, or a page of an encrypted site."""

    def __init__(self) -> None:
        super().__init__(str)

    def run_validation(self, value: object) -> str:
        place = super().run_validation(value)
        if not is_feedback_place(place):
            raise ValidationError("Expected an e-mail address, or an address that begins with https://")
        return place


class _AsWritten(BaseConfigOption[Any]):
    """Whatever stands there: the pipeline's own words say what is wrong with it."""

    def __init__(self) -> None:
        super().__init__()
        self.default = _NOT_GIVEN


_NOT_GIVEN = object()


class _Text(c.Type[str]):
    """A text that says something."""

    def __init__(self) -> None:
        super().__init__(str)

    def run_validation(self, value: object) -> str:
        text = super().run_validation(value).strip()
        if not text:
            raise ValidationError("This may not be empty")
        return text


class _Number(BaseConfigOption[float]):
    """A number that is at least the smallest one allowed, and a whole one where that is asked for."""

    def __init__(self, *, default: float, smallest: float, whole: bool = False) -> None:
        super().__init__()
        self.default = default
        self._smallest = smallest
        self._whole = whole

    def run_validation(self, value: object) -> float:
        wanted = int if self._whole else int | float
        if isinstance(value, bool) or not isinstance(value, wanted) or not value >= self._smallest:
            kind = "whole number" if self._whole else "number"
            raise ValidationError(f"Expected a {kind} of at least {self._smallest:g}")
        return value


class Methods(Config):
    """Choices between methods that the field leaves open."""

    two_of_three = c.Choice([str(rule) for rule in TwoOfThree], default=str(MethodOptions.two_of_three))
    peers = _Number(default=MethodOptions.peers, smallest=1, whole=True)


class Sanity(Config):
    """How far a release may move from the one before it, in percent."""

    rows = _Number(default=SanityLimits.rows, smallest=0)
    organisations = _Number(default=SanityLimits.organisations, smallest=0)
    country_figure = _Number(default=SanityLimits.country_figure, smallest=0)


class Accepted(Config):
    """A movement beyond its limit that somebody answers for."""

    release = _Text()
    what = _Text()
    role = _Text()
    reason = _Text()


class Links(Config):
    """Where a reader goes on, outside the site."""

    register = c.Optional(_SecureURL())
    book = c.Optional(_SecureURL())
    worried = c.Optional(_SecureURL())


class Options(Config):
    """The plugin's options in mkdocs.yml."""

    datapackages = c.Dir(exists=True, default="datapackages")
    release = c.Type(str, default="")
    audience = c.Choice([str(audience) for audience in Audience], default=str(Audience.PUBLIC))
    workers = c.Type(int, default=0)
    published = c.Type(str, default="published")
    workshop = c.Optional(c.Choice([str(Workshop.PUBLIC), str(Workshop.PRIVATE)]))
    links = c.SubConfig(Links)
    feedback = c.Optional(_Feedback())
    templates = c.Optional(c.Dir(exists=True))
    disclosure = _AsWritten()
    methods = c.SubConfig(Methods)
    sanity = c.SubConfig(Sanity)
    accepted = c.ListOfItems(c.SubConfig(Accepted), default=[])


def settings_of(config: MkDocsConfig) -> BuildSettings:
    """Return the options of a loaded configuration, with every default filled in.

    Raises:
        CandourError: CFG_INVALID, when the configuration does not use the plugin; SDC_POLICY (4), when its
            policy of disclosure control cannot be relied on.
    """
    plugin = config.plugins.get(NAME)
    options = plugin.config if plugin else None
    if not isinstance(options, Options):
        raise invalid(
            f"{config.config_file_path} does not use the plugin", f"List `- {NAME}` under `plugins:`."
        )
    return BuildSettings(
        datapackages=Path(options.datapackages),
        release=options.release,
        audience=Audience(options.audience),
        workers=options.workers if options.workers > 0 else available_workers(),
        published=_absolute(options.published, config),
        workshop=Workshop(options.workshop or Workshop.UNKNOWN),
        site_name=config.site_name,
        site_url=config.site_url or "",
        links={name: address for name, address in options.links.items() if address},
        templates=Path(options.templates) if options.templates else _own_templates(),
        site_dir=Path(config.site_dir),
        kept=Path(_absolute(".candour", config)),
        policies=_policies(options.disclosure),
        methods=MethodOptions(TwoOfThree(options.methods.two_of_three), int(options.methods.peers)),
        sanity=SanityLimits(**dict(options.sanity)),
        accepted=tuple(Acceptance(**dict(item)) for item in options.accepted),
    )


def is_feedback_place(text: str) -> bool:
    """Return whether it is an e-mail address, or that of an encrypted page."""
    return bool(_EMAIL.fullmatch(text) or _WEB_ADDRESS.fullmatch(text))


def invalid(message: str, advice: str) -> CandourError:
    """Return the error of a faulty configuration."""
    return CandourError("CFG_INVALID", message, advice)


def _policies(entries: object) -> PolicyHistory:
    return PolicyHistory() if entries is _NOT_GIVEN else PolicyHistory.from_configuration(entries)


def _absolute(place: str, config: MkDocsConfig) -> str:
    if "://" in place:
        return place
    return str(Path(config.config_file_path).parent / place)


def _own_templates() -> Path:
    """Return the templates of the package: inside it when installed, beside it in the repository."""
    package = Path(__file__).parents[1]
    installed = package / "site_templates"
    return installed if installed.is_dir() else package.parent / "site_templates"


_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,200}\.[A-Za-z]{2,24}")
_WEB_ADDRESS = re.compile(r"https://[^\s<>\"'\\\\^`{|}]+")
