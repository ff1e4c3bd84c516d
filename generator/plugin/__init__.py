"""The MkDocs plugin: a build by MkDocs is a build of the publication.

MkDocs renders the hand-written pages and one shell per template and depth of address; the data pages are
stamped into the shells afterwards. Data never becomes Markdown and never enters the navigation.
"""

from __future__ import annotations

import logging
import re
from datetime import date
from pathlib import Path
from typing import Any

from markupsafe import Markup
from mkdocs.config.base import ValidationError
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page as MkDocsPage

from generator import pipeline
from generator.errors import CandourError, ExitStatus, format_findings
from generator.model.pages import Shell
from generator.model.vocabulary import Audience
from generator.plugin.door import build_site, load_settings, opened_door, serve_site, told_to_mkdocs
from generator.plugin.options import NAME, Options, settings_of
from generator.plugin.theme import ThemedPages, ThemeFacts, add_fingerprints, set_theme, theme_facts
from generator.publishing.files import write_file
from generator.publishing.hosting import host_files
from generator.publishing.policy import inline_scripts, with_policy
from generator.rendering.finder import TextEntry
from generator.rendering.sheets import with_sheet
from generator.rendering.sitemap import sitemap_files
from generator.rendering.stamping import token_page

__all__ = ["CandourPlugin", "build_site", "load_settings", "serve_site"]

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
        errors, warnings = super().load_config({**options, **opened_door().options}, config_file_path)
        # Under a mistyped name a policy would be none: MkDocs only warns of it.
        return [*errors, *((name, ValidationError(str(warning))) for name, warning in warnings)], []

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read, check and calculate: bad input ends the build before MkDocs empties the site's folder."""
        logging.getLogger("mkdocs.commands.build").addFilter(_is_not_about_shells)
        with told_to_mkdocs():
            settings = settings_of(config)
            set_theme(config, settings.templates / "theme")
            door = opened_door()
            self._prepared = pipeline.prepare(settings, door.tell, is_preview=door.is_preview)
        self._facts = theme_facts(
            self._prepared.descriptor,
            settings.audience,
            self._prepared.edition.templates,
            feedback=self.config.feedback or "",
            has_services=bool(self._prepared.edition.book.rows_of("services")),
        )
        config.extra[NAME] = self._facts
        return config

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Add the shells and what hand-written pages may link to; name our own assets by their content."""
        with told_to_mkdocs():
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
        site_dir, tell = Path(config.site_dir), opened_door().tell
        with told_to_mkdocs():
            written = pipeline.write_site(
                self._prepared, self._shells, site_dir, tell, documents=self._documents
            )
        with told_to_mkdocs():
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
            with told_to_mkdocs():
                write_file(site_dir, file)
        with told_to_mkdocs():
            pipeline.refuse_inputs(self._prepared, site_dir)
        parts = ", ".join(f"{part} {size / 1e6:,.1f} MB" for part, size in sorted(written.bytes.items()))
        tell(f"Wrote {sum(map(len, written.pages.values())):,} pages: {parts}")

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, **_: object) -> LiveReloadServer:
        """Build again when the data or a template changes."""
        settings = settings_of(config)
        server.watch(str(settings.datapackages))
        server.watch(str(settings.templates))
        return server


def write_sitemap(site_dir: Path, site_url: str, published: date) -> None:
    """Write the sitemap of every page of the finished site; none where its address is not known."""
    if not site_url:
        return
    pages = (path.parent.relative_to(site_dir) for path in site_dir.rglob("index.html"))
    addresses = ["" if page == Path() else f"{page.as_posix()}/" for page in pages]
    for file in sitemap_files(addresses, site_url, published):
        (site_dir / file.path).write_bytes(file.content)


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


def _plain_text(html: str) -> str:
    return Markup(_HEADING_LINK.sub("", html)).striptags()


_TABLES = frozenset({".csv", ".tsv", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".parquet"})


_HEADING_LINK = re.compile(r'<a class="headerlink".*?</a>')
