"""The sitemap, as sitemaps.org describes it."""

from __future__ import annotations

import gzip
from datetime import date
from xml.etree import ElementTree

from generator.rendering.sitemap import sitemap_files

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
DAY = date(2026, 5, 14)


def test_a_sitemap_lists_every_address_in_order_with_the_day_of_publication() -> None:
    files = sitemap_files(["b/", "", "a/"], "https://example.org/x/", DAY)

    assert [file.path for file in files] == ["sitemap.xml", "sitemap.xml.gz"]
    root = ElementTree.fromstring(files[0].content)
    assert [place.text for place in root.iter(f"{SPACE}loc")] == [
        "https://example.org/x/",
        "https://example.org/x/a/",
        "https://example.org/x/b/",
    ]
    assert {day.text for day in root.iter(f"{SPACE}lastmod")} == {"2026-05-14"}


def test_the_gzip_has_neither_time_nor_name() -> None:
    """So that the same site has the same bytes."""
    plain, packed = sitemap_files([""], "https://example.org/", DAY)

    assert gzip.decompress(packed.content) == plain.content
    flags, time = packed.content[3], packed.content[4:8]
    assert (flags, time) == (0, b"\0\0\0\0")


def test_a_large_site_has_an_index_and_parts() -> None:
    files = {
        file.path: file.content for file in sitemap_files("abcde", "https://example.org/", DAY, per_file=2)
    }

    assert [name for name in files if name.endswith(".xml")] == [
        "sitemap.xml",
        "sitemap-1.xml",
        "sitemap-2.xml",
        "sitemap-3.xml",
    ]
    index = ElementTree.fromstring(files["sitemap.xml"])
    assert [place.text for place in index.iter(f"{SPACE}loc")] == [
        f"https://example.org/sitemap-{number}.xml" for number in (1, 2, 3)
    ]
    assert b"https://example.org/e<" in files["sitemap-3.xml"]


def test_letters_outside_ascii_and_ampersands_are_encoded() -> None:
    (plain, _) = sitemap_files(["ä&b/"], "https://example.org/", DAY)

    assert b"<loc>https://example.org/%C3%A4%26b/</loc>" in plain.content
