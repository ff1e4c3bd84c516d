"""The sitemap: which addresses the site has, for search engines."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from datetime import date
from urllib.parse import quote
from xml.sax.saxutils import escape

from generator.model.pages import SiteFile

ADDRESSES_PER_FILE = 50_000
"""What sitemaps.org allows in one file."""

_OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap_files(
    addresses: Iterable[str], site_url: str, published: date, *, per_file: int = ADDRESSES_PER_FILE
) -> list[SiteFile]:
    """Return sitemap.xml and its gzip; of a larger site, an index of that name and its parts.

    The addresses are those below `site_url`, which ends in a slash. Every page carries the day of
    publication, since a build has no clock and a release changes every page. The gzip carries neither time
    nor name: the same site gives the same bytes.
    """
    entries = [_entry("url", site_url + quote(address), published) for address in sorted(addresses)]
    parts = [entries[start : start + per_file] for start in range(0, len(entries), per_file)]
    if len(parts) <= 1:
        return _with_gzip("sitemap.xml", _document("urlset", entries))
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    index = [_entry("sitemap", site_url + name, published) for name in names]
    files = _with_gzip("sitemap.xml", _document("sitemapindex", index))
    for name, part in zip(names, parts, strict=True):
        files += _with_gzip(name, _document("urlset", part))
    return files


def _entry(element: str, address: str, published: date) -> str:
    return f"<{element}><loc>{escape(address)}</loc><lastmod>{published.isoformat()}</lastmod></{element}>\n"


def _document(root: str, entries: Sequence[str]) -> bytes:
    return f"{_OPENING}<{root} {_NAMESPACE}>\n{''.join(entries)}</{root}>\n".encode()


def _with_gzip(name: str, content: bytes) -> list[SiteFile]:
    return [SiteFile(name, content), SiteFile(f"{name}.gz", gzip.compress(content, mtime=0))]
