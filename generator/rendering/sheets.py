"""What printed sheets bear in their margins: the page's title, its release and its address.

The margins of sheets (@page in the theme's print.css) read attributes of a page's root element alone, and
Material writes that element. So the theme says them in an empty <template> of the head, and here they move.
"""

from __future__ import annotations

import re


def with_sheet(html: str) -> str:
    """Return the page with what the theme's <template data-sheet="..."> says on its root element.

    A theme of a publisher's own need not say anything: its sheets then bear what browsers print.
    """
    said = _SAID.search(html)
    if not said:
        return html
    without = html[: said.start()] + html[said.end() :]
    return without.replace("<html ", f"<html{said['attributes']} ", 1)


_SAID = re.compile(r'<template(?P<attributes>( data-[a-z]+="[^"]*")+)></template>\n?')
