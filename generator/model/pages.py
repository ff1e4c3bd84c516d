"""What rendering makes and publishing writes: page contents, shells to stamp them into, and files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """One entry of a page's contents list: a section's fragment and its title (plain text)."""

    fragment: str
    title: str


@dataclass(frozen=True)
class Alternate:
    """The same page in another form or language, named in the page's head."""

    address: str
    """Relative to the page, or absolute."""
    media_type: str = ""
    title: str = ""
    language: str = ""


@dataclass(frozen=True)
class Page:
    """One data page before it is stamped into its shell. Texts are plain; only `body` is HTML."""

    address: str
    """Address below the site's root, ending in a slash; empty for the home page."""
    template: str
    """Name of the page template, and of the shell."""
    title: str
    description: str
    heading: str
    """The page's <h1>."""
    contents: tuple[Heading, ...]
    """The page's sections, in order; at least one."""
    body: str
    alternates: tuple[Alternate, ...] = ()
    linked_data: str = ""
    """What the page is about, for machines: JSON-LD of schema.org, or nothing."""

    @property
    def depth(self) -> int:
        """How many folders the address lies below the root."""
        return self.address.count("/")


@dataclass(frozen=True)
class Shell:
    """What the theme puts around a data page of one template at one depth, with tokens in the slots."""

    template: str
    depth: int
    html: str


@dataclass(frozen=True)
class SiteFile:
    """One file of the site."""

    path: str
    """Path below the site's root, with forward slashes."""
    content: bytes
