"""The door through which the command line reads a configuration, builds the site and serves it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.commands.serve import serve
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, ConfigurationError, PluginError

from generator.errors import (
    CandourError,
    ExitStatus,
    FindingsError,
    Severity,
    format_findings,
    stack_of,
)
from generator.model.settings import BuildSettings
from generator.plugin.options import invalid, settings_of
from generator.publishing.replacement import replacing


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def load_settings(
    config_file: Path, *, release: str | None = None, workers: int | None = None
) -> BuildSettings:
    """Return the options of a configuration file, with every default filled in.

    Options that are given replace those of the file.

    Raises:
        CandourError: CFG_INVALID (2), with every fault that MkDocs finds in the file.
    """
    with _opened(release=release, workers=workers), _listening() as heard:
        return settings_of(_load(config_file, heard))


def build_site(
    config_file: Path,
    *,
    site_dir: Path | None = None,
    release: str | None = None,
    workers: int | None = None,
    audience: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Build the site, put it in place as a whole, and return its folder.

    Options that are given replace those of the configuration file. Until the new site is complete the folder
    holds the old one; it does so too after a failure.

    Raises:
        CandourError: what the build found wrong, unchanged; CFG_INVALID (2) for a faulty configuration;
            LINK_BROKEN or SITE_WARNINGS (5) for what MkDocs warns of while the configuration says `strict`.
    """
    with _opened(progress, release=release, workers=workers, audience=audience), _listening() as heard:
        config = _load(config_file, heard, site_dir=site_dir)
        target = Path(config.site_dir)
        with replacing(target) as folder:
            config.site_dir = str(folder)
            _run(lambda: build(config), heard)
    for warning in heard.warnings:
        progress(f"Warning: {warning}")
    return target


def serve_site(
    config_file: Path,
    *,
    address: str | None = None,
    release: str | None = None,
    workers: int | None = None,
    audience: str | None = None,
    progress: Callable[[str], None] = _say,
) -> None:
    """Serve the site until Ctrl-C, and build it again when data, templates, pages or configuration change.

    `address` is host and port, `127.0.0.1:8000` unless given here or in the configuration. `progress` is told
    what MkDocs does, the web address of the preview among it.

    What moved too far since the previous release is told, and does not keep anybody from looking at it.

    Raises:
        CandourError: as `build_site`, for the first build. Later faults are told, and pages wait until they
            are mended.
    """
    with (
        _opened(progress, is_preview=True, release=release, workers=workers, audience=audience),
        _listening(tell=progress) as heard,
    ):
        _load(config_file, heard)
        _run(lambda: serve(str(config_file), dev_addr=address), heard)


@dataclass(frozen=True)
class _Door:
    """What came in by the command line: options that replace the file's, and where progress is told."""

    options: Mapping[str, object] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda _: None
    is_preview: bool = False


# MkDocs makes the plugin anew from the file whenever it loads the configuration: in `serve` for each build.
_DOOR: ContextVar[_Door] = ContextVar("door")


def opened_door() -> _Door:
    """Return what the command line gave; without it, nothing in particular."""
    return _DOOR.get(_Door())


@contextmanager
def _opened(
    tell: Callable[[str], None] = lambda _: None, *, is_preview: bool = False, **options: object
) -> Iterator[None]:
    given = {name: value for name, value in options.items() if value is not None}
    token = _DOOR.set(_Door(given, tell, is_preview))
    try:
        yield
    finally:
        _DOOR.reset(token)


class _Heard(logging.Handler):
    """What MkDocs logs while the command line, not MkDocs, talks to the user."""

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        super().__init__(logging.INFO if tell else logging.WARNING)
        self.warnings: list[str] = []
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a warning; pass everything on where somebody is told."""
        message = record.getMessage()
        if record.levelno >= logging.WARNING:
            self.warnings.append(message)
        if self._tell:
            self._tell(message)


@contextmanager
def _listening(tell: Callable[[str], None] | None = None) -> Iterator[_Heard]:
    logger = logging.getLogger("mkdocs")
    heard = _Heard(tell)
    before = (logger.level, logger.propagate)
    logger.addHandler(heard)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
        logger.level, logger.propagate = before


def _load(config_file: Path, heard: _Heard, *, site_dir: Path | None = None) -> MkDocsConfig:
    if not config_file.is_file():
        raise invalid(f"there is no file {config_file}", "Name the configuration with --config.")
    try:
        return load_config(str(config_file), site_dir=str(site_dir.absolute()) if site_dir else None)
    except (Abort, ConfigurationError) as error:
        faults = heard.warnings or [error.message]
        raise invalid("; ".join(faults), f"Mend {config_file}.") from error


def _run(work: Callable[[], None], heard: _Heard) -> None:
    """Do MkDocs' work, and turn its way of giving up into an error of ours."""
    try:
        work()
    except Abort as abort:
        told = abort.__context__
        cause = told.__cause__ if isinstance(told, PluginError) else None
        warnings, of_links = heard.warnings, [one for one in heard.warnings if " link '" in one]
        if of_links and _is_of_links(cause):
            # MkDocs names the written page, where we saw the same link only in the finished one.
            warnings = of_links
        elif isinstance(cause, CandourError):
            raise cause from None
        raise CandourError(
            "LINK_BROKEN" if len(of_links) == len(warnings) else "SITE_WARNINGS",
            "; ".join(warnings) or abort.message,
            "Mend the page. Without `strict: true` in the configuration these would be warnings.",
            ExitStatus.RENDERING,
        ) from abort


def _is_of_links(error: BaseException | None) -> bool:
    """Tell whether an error is of nothing but broken links."""
    findings = error.findings if isinstance(error, FindingsError) else []
    codes = {finding.code for finding in findings if finding.severity is Severity.ERROR}
    return codes == {"LINK_BROKEN"}


@contextmanager
def told_to_mkdocs() -> Iterator[None]:
    """Turn an error of ours into one that MkDocs prints without a traceback."""
    try:
        yield
    except CandourError as error:
        raise PluginError(_told(error)) from error
    except Exception as error:
        # The command line tells a bug of ours itself. In MkDocs' log its message might print a figure.
        if _DOOR.get(None) is not None:
            raise
        raise PluginError(f"BUG: a fault of Candour, not of your data.\n{stack_of(error)}") from None


def _told(error: CandourError) -> str:
    if isinstance(error, FindingsError):
        return f"{error.message}\n{format_findings(error.findings)}"
    return f"{error}\n       {error.advice}" if error.advice else str(error)
