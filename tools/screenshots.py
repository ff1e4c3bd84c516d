"""Take a picture of every page type at 320 and 1280 pixels, light and dark: `make screenshots`.

The pictures go to screenshots/; with --readme the one of the scorecard that the README shows is made too.
Run it on any built site with --site.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
WIDTHS = (320, 1280)
SCHEMES = ("light", "dark")
PART = 1_600
"""The tallest picture, in pixels: a longer page is several, since viewers shrink tall ones to nothing."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: the pictures are the output."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and give its address."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def addresses(site: Path) -> dict[str, str]:
    """Return one address of each page type that the site has, by the type's name."""
    listed = json.loads((site / "organisations/index.json").read_text())["organisations"]

    def first(kind: str, status: str) -> str:
        return next((row["url"] for row in listed if row["kind"] == kind and row["status"] == status), "")

    def pair() -> str:
        codes = [row["code"] for row in listed if row["kind"] == "practice" and row["status"] == "open"]
        return f"compare/?codes={','.join(codes[:2])}" if len(codes) > 1 else ""

    def child(pattern: str) -> str:
        found = sorted(site.glob(pattern))
        return f"{found[0].relative_to(site).as_posix()}/" if found else ""

    pages = {
        "home": "",
        "find": "find/?q=surgery",
        "compare": pair(),
        "all": "organisations/",
        "practice": first("practice", "open"),
        "closed": first("practice", "closed"),
        "merged": first("practice", "merged"),
        "provider": first("provider", "open"),
        "provider-service": child("organisations/*/services/*"),
        "metric": child("metrics/*"),
        "metric-area": child("metrics/*/areas/*"),
        "domain": child("domains/*"),
        "services": "services/",
        "service": child("services/*"),
        "service-definitions": child("services/*/definitions"),
        "programme": child("programmes/*"),
        "area": child("areas/*"),
        "releases": "releases/",
        "data": "data/",
        "methods": "methods/",
        "glossary": "glossary/",
        "about": "about/",
    }
    return {
        name: address
        for name, address in pages.items()
        if name == "home" or (address and (site / address.split("?")[0] / "index.html").exists())
    }


def take(browser: Browser, root: str, address: str, target: Path, *, width: int, scheme: str) -> None:
    """Take the pictures of one page from top to bottom: `target`, then that name with -2, -3 and so on."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1,
    )
    page = context.new_page()
    page.goto(root + address)
    page.wait_for_load_state("networkidle")
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": height})
    for number, top in enumerate(range(0, height, PART), start=1):
        part = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
        tall = min(PART, height - top)
        page.screenshot(path=str(part), clip={"x": 0, "y": top, "width": width, "height": tall})
    overflow = int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
    if overflow > 0:
        print(f"{target.name}: {overflow} pixels wider than the window")
    context.close()


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="a built site")
    parser.add_argument("--to", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--only", nargs="*", default=[], help="names of page types")
    parser.add_argument("--readme", action="store_true", help="also make the picture of the README")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    with served(options.site) as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=list(FLAGS)
        )
        pages = addresses(options.site)
        for name, address in pages.items():
            if options.only and name not in options.only:
                continue
            for width in WIDTHS:
                for scheme in SCHEMES:
                    target = options.to / f"{name}-{width}-{scheme}.png"
                    take(browser, root, address, target, width=width, scheme=scheme)
            print(name)
        if options.readme:
            picture(browser, root + pages["practice"], ROOT / "docs/assets/scorecard.png")
        browser.close()


def picture(browser: Browser, address: str, target: Path) -> None:
    """Take the README's picture: a scorecard down to its first charts."""
    target.parent.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": 1240, "height": 900}, device_scale_factor=0.85)
    page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("networkidle")
    charts = page.locator(".candour-figure").first.bounding_box()
    bottom = charts["y"] + charts["height"] if charts else 900
    page.screenshot(
        path=str(target), full_page=True, clip={"x": 0, "y": 0, "width": 1240, "height": bottom + 20}
    )
    context.close()


if __name__ == "__main__":
    main()
