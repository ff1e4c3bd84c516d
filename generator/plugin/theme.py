"""What the theme is told, and the pages that it renders without Markdown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils import get_theme_dir

from generator.errors import CandourError
from generator.model.pages import Page
from generator.model.release import Descriptor, Licence
from generator.model.vocabulary import Audience
from generator.plugin.options import is_feedback_place
from generator.rendering.stamping import TITLE_FRAGMENT, fill
from generator.rendering.templates import Templates, Wording


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
    has_services: bool = False
    """Whether the release has pages about services."""
    stylesheets: list[str] = field(default_factory=list)
    """Addresses below the root, filled in once the theme's files are known."""
    scripts: list[str] = field(default_factory=list)


def theme_facts(
    descriptor: Descriptor,
    audience: Audience,
    templates: Templates,
    *,
    feedback: str = "",
    has_services: bool = False,
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
        has_services=has_services,
    )


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
