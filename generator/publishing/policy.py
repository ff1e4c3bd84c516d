"""What a page may do in a reader's browser: its Content-Security-Policy, by header and in the page itself.

Pages load from their own site alone and run no script that did not come with the theme. Hosts that send no
headers of ours (GitHub Pages) leave it to the page's own <meta>, which says the same but for who may
frame it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from hashlib import sha256

SLOT = 'content="candour-policy"'
"""What the theme writes where a page's own policy belongs."""

EXPLORER = "assets/explore/"
"""Where the frame lives in which a chart can be explored: Vega needs what no page may do."""


def policy(scripts: Iterable[str]) -> str:
    """Return the policy of pages with these inline scripts (texts), for a header."""
    return f"{_policy(scripts)}; frame-ancestors 'self'"


def explorer_policy() -> str:
    """Return the policy of the explorer's frame, for a header: no origin, and no request but its script."""
    return (
        "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-scripts allow-downloads"
    )


def with_policy(html: str, *, is_preview: bool = False) -> str:
    """Return the page with its own policy in the slot, for exactly the inline scripts that it has.

    A preview's server adds a script to each page, whose text changes: there inline scripts are let run.
    """
    # In a <meta> browsers ignore who may frame the page, and complain of it.
    text = _policy(inline_scripts(html))
    if is_preview:
        text = re.sub(r"script-src [^;]*", "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'", text)
    return html.replace(SLOT, f'content="{text}"', 1)


def inline_scripts(html: str) -> tuple[str, ...]:
    """Return the texts of the inline scripts of a page that a browser would run, each once."""
    found = (
        text
        for attributes, text in _SCRIPT.findall(html)
        if not _SOURCE.search(attributes) and not _DATA.search(attributes)
    )
    return tuple(dict.fromkeys(found))


def _policy(scripts: Iterable[str]) -> str:
    hashes = sorted(base64.b64encode(sha256(text.encode()).digest()).decode() for text in scripts)
    sources = " ".join(("'self'", "'wasm-unsafe-eval'", *(f"'sha256-{digest}'" for digest in hashes)))
    return (
        f"default-src 'self'; script-src {sources}; style-src 'self'; img-src 'self' data:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'"
    )


_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_SOURCE = re.compile(r"\ssrc\s*=", re.IGNORECASE)
_DATA = re.compile(r"""\stype\s*=\s*["']?application/(?:ld\+)?json\b""", re.IGNORECASE)
