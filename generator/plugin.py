"""The MkDocs plugin, and the door through which the command line builds and serves the same site.

MkDocs renders the hand-written pages and one shell per template and depth of address; the data pages are
stamped into the shells afterwards. Data never becomes Markdown and never enters the navigation.
"""

from __future__ import annotations

import hashlib
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup
from mkdocs.commands.build import build
from mkdocs.commands.serve import serve
from mkdocs.config import config_options as c
from mkdocs.config import load_config
from mkdocs.config.base import BaseConfigOption, Config, ValidationError
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, ConfigurationError, PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils import get_theme_dir

from generator import pipeline
from generator.errors import (
    CandourError,
    ExitStatus,
    FindingsError,
    Severity,
    format_findings,
    stack_of,
)
from generator.model.methods import MethodOptions, TwoOfThree
from generator.model.pages import Page, Shell
from generator.model.policy_history import PolicyHistory
from generator.model.release import Descriptor, Licence
from generator.model.settings import Acceptance, BuildSettings, SanityLimits, Workshop
from generator.model.vocabulary import Audience
from generator.publishing.files import write_file
from generator.publishing.hosting import host_files
from generator.publishing.policy import inline_scripts, with_policy
from generator.publishing.replacement import replacing
from generator.rendering.finder import TextEntry
from generator.rendering.sheets import with_sheet
from generator.rendering.sitemap import sitemap_files
from generator.rendering.stamping import TITLE_FRAGMENT, fill, token_page
from generator.rendering.templates import Templates, Wording
from generator.workers import available_workers

NAME = "candour"

LINKED_PAGES = ("index.md", "find.md", "compare.md", "organisations.md", "releases.md", "data.md")
"""Data pages as hand-written pages may link to them: MkDocs then checks the link and finds its way."""

RESERVED_FOLDERS = frozenset(
    {
        *(
            "accounts",
            "areas",
            "calendar",
            "changes",
            "compare",
            "data",
            "domains",
            "feeds",
            "find",
            "metrics",
        ),
        *("organisations", "programmes", "releases", "services"),
    }
)
"""First parts of the addresses of data pages, where no hand-written page may stand."""

_UNUSED_THEME_FILES = ("assets/javascripts/lunr/", "assets/javascripts/workers/", "sitemap.xml")
"""Beginnings of names: what only Material's own search needs, and MkDocs' template of a sitemap."""


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


@dataclass(frozen=True)
class ThemeFacts:
    """What the theme says on every page, as config.extra.candour. Plain texts: the theme escapes them."""

    say: Wording
    """The macros of the theme's wording: HTML."""
    release: str
    published_on: str
    publisher: str
    contact: str
    feedback: str
    """Where readers report mistakes: an e-mail address, a page's address, or nothing."""
    demonstration: bool
    audience: str
    licences: tuple[Licence, ...]
    find: Wording
    """The macros of the finder's wording: HTML."""
    stylesheets: list[str] = field(default_factory=list)
    """Addresses below the root, filled in once the theme's files are known."""
    scripts: list[str] = field(default_factory=list)


class CandourPlugin(BasePlugin[Options]):
    """Makes an MkDocs build a build of the publication."""

    def __init__(self) -> None:
        self._pages = ThemedPages()
        self._shells: dict[tuple[str, int], Shell] = {}
        self._linked: list[File] = []
        self._documents: list[TextEntry] = []
        self._scripts: set[str] = set()
        self._others: list[str] = []
        self._prepared: pipeline.Prepared
        self._facts: ThemeFacts

    def load_config(self, options: dict[str, Any], config_file_path: str | None = None) -> Any:
        """Let the command line's options replace those of the file; a name that there is not is a fault."""
        errors, warnings = super().load_config({**options, **_opened_door().options}, config_file_path)
        # Under a mistyped name a policy would be none: MkDocs only warns of it.
        return [*errors, *((name, ValidationError(str(warning))) for name, warning in warnings)], []

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read, check and calculate: bad input ends the build before MkDocs empties the site's folder."""
        logging.getLogger("mkdocs.commands.build").addFilter(_is_not_about_shells)
        with _told_to_mkdocs():
            settings = settings_of(config)
            set_theme(config, settings.templates / "theme")
            door = _opened_door()
            self._prepared = pipeline.prepare(settings, door.tell, is_preview=door.is_preview)
        self._facts = theme_facts(
            self._prepared.descriptor,
            settings.audience,
            self._prepared.edition.templates,
            feedback=self.config.feedback or "",
        )
        config.extra[NAME] = self._facts
        return config

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Add the shells and what hand-written pages may link to; name our own assets by their content."""
        with _told_to_mkdocs():
            _refuse_reserved_addresses(files)
            _refuse_tables(files)
        for file in list(files):
            if file.src_uri.startswith(_UNUSED_THEME_FILES) or file.src_uri.endswith(".map"):
                files.remove(file)
        add_fingerprints(files, self._facts, config)
        for template, depth in self._prepared.templates():
            self._pages.add(token_page(template, depth), files, config)
        for name in LINKED_PAGES:
            if files.get_file_from_path(name) is None:
                file = File.generated(config, name, content="", inclusion=InclusionLevel.NOT_IN_NAV)
                self._linked.append(file)
                files.append(file)
        return files

    def on_page_content(self, html: str, /, *, page: MkDocsPage, **_: object) -> str:
        """Give a shell the content of which it consists, tokens; note a hand-written page for search."""
        content = self._pages.content_of(page)
        if content is not None:
            return content
        if page.file not in self._linked:
            kind = self._prepared.edition.templates.words("search", "document")
            about = str(page.meta.get("description", ""))
            self._documents.append(TextEntry(page.url, str(page.title), _plain_text(html), kind, about))
        return html

    def on_env(self, env: Any, /, *, files: Files, **_: object) -> Any:
        """Forget the pages that were only there to be linked to: the pipeline writes them."""
        for file in self._linked:
            files.remove(file)
        # Material's templates indent deeply: without this a tenth of a small page would be blank lines.
        env.trim_blocks = env.lstrip_blocks = True
        return env

    def on_post_template(self, output: str, /, *, config: MkDocsConfig, **_: object) -> str:
        """Give the page of errors its policy, and its sheets their margins."""
        self._scripts.update(inline_scripts(output))
        return with_policy(with_sheet(output), is_preview=_is_preview(config))

    def on_post_page(self, output: str, /, *, page: MkDocsPage, config: MkDocsConfig, **_: object) -> str:
        """Give the page its policy, and its sheets their margins. Keep a shell: MkDocs writes no file."""
        html = with_policy(with_sheet(output), is_preview=_is_preview(config))
        token = self._pages.page_of(page)
        if token is None:
            self._others.append(page.file.dest_uri)
            return html
        self._scripts.update(inline_scripts(html))
        self._shells[token.template, token.depth] = Shell(token.template, token.depth, html)
        return ""

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the data pages and the search index, then the sitemap of everything."""
        site_dir, tell = Path(config.site_dir), _opened_door().tell
        with _told_to_mkdocs():
            written = pipeline.write_site(
                self._prepared, self._shells, site_dir, tell, documents=self._documents
            )
        with _told_to_mkdocs():
            notes = pipeline.refuse_faulty_pages(
                site_dir, written, [*self._others, "404.html"], self._scripts, is_strict=config.strict
            )
        if notes:
            tell(format_findings(notes))
        write_sitemap(site_dir, config.site_url or "", self._prepared.descriptor.publication_date)
        places = [path.name for path in site_dir.iterdir() if path.is_dir()]
        is_public = self._facts.audience == Audience.PUBLIC
        kept = (*self._facts.stylesheets, *self._facts.scripts)
        for file in host_files(self._scripts, places, kept, config.site_url or "", is_public=is_public):
            with _told_to_mkdocs():
                write_file(site_dir, file)
        with _told_to_mkdocs():
            pipeline.refuse_inputs(self._prepared, site_dir)
        parts = ", ".join(f"{part} {size / 1e6:,.1f} MB" for part, size in sorted(written.bytes.items()))
        tell(f"Wrote {sum(map(len, written.pages.values())):,} pages: {parts}")

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, **_: object) -> LiveReloadServer:
        """Build again when the data or a template changes."""
        settings = settings_of(config)
        server.watch(str(settings.datapackages))
        server.watch(str(settings.templates))
        return server


class ThemedPages:
    """Pages that the theme renders from texts of ours, without Markdown, and that no navigation lists."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}

    def __contains__(self, file: File) -> bool:
        return file.src_uri in self._pages

    def add(self, page: Page, files: Files, config: MkDocsConfig) -> None:
        """Make MkDocs render the page at its address."""
        name = f"{page.address}index.md"
        assert name not in self._pages, f"{name}: two pages at one address"
        self._pages[name] = page
        files.append(File.generated(config, name, content="", inclusion=InclusionLevel.NOT_IN_NAV))

    def page_of(self, page: MkDocsPage) -> Page | None:
        """Return the page that was added as this page of MkDocs; None for a page that is not ours."""
        return self._pages.get(page.file.src_uri)

    def content_of(self, page: MkDocsPage) -> str | None:
        """Return the content of an added page, and set what else the theme takes from the page; else None.

        The theme writes texts as they come, and un-escapes some titles. So data reaches it as escaped entries
        of `meta` alone, which it prefers to the page's title.
        """
        ours = self.page_of(page)
        if ours is None:
            return None
        filling = fill(ours)
        page.meta = {
            "title": filling.title,
            "description": filling.description,
            "alternates": filling.alternates,
            "linked_data": filling.linked_data,
            "data_page": ours.template,
        }
        heading = AnchorLink(filling.heading, TITLE_FRAGMENT, level=1)
        heading.children = [AnchorLink(title, fragment, level=2) for fragment, title in filling.contents]
        page.toc = TableOfContents([heading])
        return filling.content


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


def settings_of(config: MkDocsConfig) -> BuildSettings:
    """Return the options of a loaded configuration, with every default filled in.

    Raises:
        CandourError: CFG_INVALID, when the configuration does not use the plugin; SDC_POLICY (4), when its
            policy of disclosure control cannot be relied on.
    """
    plugin = config.plugins.get(NAME)
    if not isinstance(plugin, CandourPlugin):
        raise _invalid(
            f"{config.config_file_path} does not use the plugin", f"List `- {NAME}` under `plugins:`."
        )
    options = plugin.config
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


def theme_facts(
    descriptor: Descriptor, audience: Audience, templates: Templates, *, feedback: str = ""
) -> ThemeFacts:
    """Return what the theme says about a release. Without a place for feedback it is its contact."""
    return ThemeFacts(
        say=templates.wording("theme"),
        release=descriptor.release,
        published_on=templates.calendar.day(descriptor.publication_date),
        publisher=descriptor.publisher,
        contact=descriptor.contact,
        feedback=feedback or (descriptor.contact if is_feedback_place(descriptor.contact) else ""),
        demonstration=descriptor.demonstration,
        audience=str(audience),
        licences=descriptor.licences,
        find=templates.wording("find"),
    )


def is_feedback_place(text: str) -> bool:
    """Return whether it is an e-mail address, or that of an encrypted page."""
    return bool(_EMAIL.fullmatch(text) or _WEB_ADDRESS.fullmatch(text))


def set_theme(config: MkDocsConfig, folder: Path) -> None:
    """Put our theme folder over Material's, below the publication's own, and settle what our theme relies on.

    Raises:
        CandourError: CFG_THEME, when another theme is configured.
    """
    theme = config.theme
    if theme.name != "material":
        raise CandourError("CFG_THEME", f"the theme is {theme.name}", "Write `theme: {name: material}`.")
    if str(folder) not in theme.dirs:
        theme.dirs.insert(1 if theme.custom_dir else 0, str(folder))
    theme["font"] = False  # Fonts would come from another host.
    theme["palette"] = _PALETTE
    # By itself Markdown aligns columns by style attributes, which the policy of pages stops.
    config.mdx_configs.setdefault("tables", {})["use_align_attribute"] = True
    theme["favicon"] = "assets/favicon.svg"
    # What Material's first script remembers choices by. Without it that is the way to the root, which makes
    # the script another one, with another hash in the policy, at each depth.
    config.extra["scope"] = urlsplit(config.site_url or "").path or "/"
    # MkDocs' own sitemap knows neither the data pages nor the release's date.
    theme.static_templates.discard("sitemap.xml")


def add_fingerprints(files: Files, facts: ThemeFacts, config: MkDocsConfig) -> None:
    """Join the theme's own styles into one file and its scripts into another, and list them in `facts`.

    Of our theme folders this takes what lies directly in `assets/`, candour.css first and print.css last:
    every page asks for two files of ours, however many we write. Their names have a hash of the content, so
    that a browser that kept those of an earlier release never uses them on a page of a later one.
    """
    folders = config.theme.dirs[: config.theme.dirs.index(get_theme_dir("material"))]
    for suffix, listed in ((".css", facts.stylesheets), (".js", facts.scripts)):
        own = [
            file
            for file in files
            if file.src_dir in folders
            and Path(file.src_uri).parent == Path("assets")
            and file.src_uri.endswith(suffix)
        ]
        own.sort(key=lambda file: (file.name != "candour", file.name == "print", file.src_uri))
        for file in own:
            files.remove(file)
        content = "\n".join(file.content_string for file in own)
        digest = hashlib.sha256(content.encode()).hexdigest()[:10]
        listed.append(f"assets/candour.{digest}{suffix}")
        files.append(File.generated(config, listed[-1], content=content))


def write_sitemap(site_dir: Path, site_url: str, published: date) -> None:
    """Write the sitemap of every page of the finished site; none where its address is not known."""
    if not site_url:
        return
    pages = (path.parent.relative_to(site_dir) for path in site_dir.rglob("index.html"))
    addresses = ["" if page == Path() else f"{page.as_posix()}/" for page in pages]
    for file in sitemap_files(addresses, site_url, published):
        (site_dir / file.path).write_bytes(file.content)


@dataclass(frozen=True)
class _Door:
    """What came in by the command line: options that replace the file's, and where progress is told."""

    options: Mapping[str, object] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda _: None
    is_preview: bool = False


# MkDocs makes the plugin anew from the file whenever it loads the configuration: in `serve` for each build.
_DOOR: ContextVar[_Door] = ContextVar("door")


def _opened_door() -> _Door:
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
        raise _invalid(f"there is no file {config_file}", "Name the configuration with --config.")
    try:
        return load_config(str(config_file), site_dir=str(site_dir.absolute()) if site_dir else None)
    except (Abort, ConfigurationError) as error:
        faults = heard.warnings or [error.message]
        raise _invalid("; ".join(faults), f"Mend {config_file}.") from error


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
def _told_to_mkdocs() -> Iterator[None]:
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


def _is_preview(config: MkDocsConfig) -> bool:
    """Return whether MkDocs serves the site itself: it then gives it the address where it does."""
    return (config.site_url or "").startswith(f"http://{config.dev_addr}/")


def _is_not_about_shells(record: logging.LogRecord) -> bool:
    """Return whether a message is worth reading: that no file was written for a shell is not."""
    return not record.getMessage().startswith(("Page skipped: 'candour-shell", "Page skipped: 'index.md'"))


def _refuse_reserved_addresses(files: Files) -> None:
    for file in files.documentation_pages():
        if file.dest_uri == "index.html" or file.dest_uri.split("/")[0] in RESERVED_FOLDERS:
            raise CandourError(
                "CFG_ADDRESS",
                f"{file.src_uri} stands at an address that belongs to the data pages",
                "Move the file to another folder of the hand-written pages.",
            )


def _refuse_tables(files: Files) -> None:
    """Refuse to offer a table that was not made by this build: it was not protected by it either."""
    for file in files:
        if not file.is_documentation_page() and Path(file.src_uri).suffix.lower() in _TABLES:
            raise CandourError(
                "PUB_RAW_INPUT",
                f"{file.src_uri} is a table among the hand-written pages",
                "Take it out: only tables that the build itself has made and protected are offered.",
                ExitStatus.DISCLOSURE,
            )


def _policies(entries: object) -> PolicyHistory:
    return PolicyHistory() if entries is _NOT_GIVEN else PolicyHistory.from_configuration(entries)


def _invalid(message: str, advice: str) -> CandourError:
    return CandourError("CFG_INVALID", message, advice)


def _absolute(place: str, config: MkDocsConfig) -> str:
    if "://" in place:
        return place
    return str(Path(config.config_file_path).parent / place)


def _own_templates() -> Path:
    """Return the templates of the package: inside it when installed, beside it in the repository."""
    package = Path(__file__).parent
    installed = package / "site_templates"
    return installed if installed.is_dir() else package.parent / "site_templates"


def _plain_text(html: str) -> str:
    return Markup(_HEADING_LINK.sub("", html)).striptags()


_TABLES = frozenset({".csv", ".tsv", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".parquet"})

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,200}\.[A-Za-z]{2,24}")
_WEB_ADDRESS = re.compile(r"https://[^\s<>\"'\\\\^`{|}]+")

_HEADING_LINK = re.compile(r'<a class="headerlink".*?</a>')

_OWN_COLOURS = {"primary": "custom", "accent": "custom"}

_PALETTE = [
    {
        "media": "(prefers-color-scheme)",
        "scheme": "candour-auto",
        **_OWN_COLOURS,
        "toggle": {"icon": "material/theme-light-dark"},
    },
    {
        "media": "(prefers-color-scheme: light)",
        "scheme": "candour-light",
        **_OWN_COLOURS,
        "toggle": {"icon": "material/weather-sunny"},
    },
    {
        "media": "(prefers-color-scheme: dark)",
        "scheme": "candour-dark",
        **_OWN_COLOURS,
        "toggle": {"icon": "material/weather-night"},
    },
]
"""The colour schemes of candour.css. Material's script takes the latter two from the first, by the device."""
