"""A page of a real Chromium, and a web server for a folder that obeys the site's own `_headers`."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; base-uri 'self'"
"""Of a folder that has no `_headers`."""

Rules = list[tuple[str, list[tuple[str, str]]]]
Serve = Callable[..., str]


def read_headers(text: str) -> Rules:
    """Return the rules of a `_headers` file: a pattern of paths, and the headers that it adds."""
    rules: Rules = []
    for line in text.splitlines():
        if line.startswith("/"):
            rules.append((line.strip(), []))
        elif line.strip():
            name, value = line.split(":", 1)
            rules[-1][1].append((name.strip(), value.strip()))
    return rules


def headers_of(path: str, rules: Rules) -> Mapping[str, str]:
    """Return the headers of a path. Hosts join what several rules say: two policies both hold."""
    found: dict[str, list[str]] = {}
    for pattern, headers in rules:
        if fnmatchcase(path, pattern):
            for name, value in headers:
                found.setdefault(name, []).append(value)
    return {name: ", ".join(values) for name, values in found.items()}


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, rules: Rules, below: str, **options: Any) -> None:
        self._rules = rules
        self._below = below
        super().__init__(*args, **options)

    def end_headers(self) -> None:
        path = "/" + self.path.split("?")[0].removeprefix(self._below)
        for name, value in headers_of(path, self._rules).items():
            self.send_header(name, value)
        super().end_headers()

    def translate_path(self, path: str) -> str:
        inside = path.startswith(self._below)
        return super().translate_path("/" + path.removeprefix(self._below) if inside else "/outside")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with the site's own page of errors, as web hosts do."""
        page = Path(self.directory, "404.html")
        if code != 404 or not page.exists():
            super().send_error(code, message, explain)
            return
        self.send_response(404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.read_bytes())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides
        pass


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Return a function that serves a folder and returns its address, with a closing slash.

    The folder stands at the path `below`. The headers are those of its `_headers`; where it has none, the
    policy lets the inline scripts run whose texts are given.
    """
    servers: list[ThreadingHTTPServer] = []

    def start(folder: Path, *, inline_scripts: Iterable[str] = (), below: str = "/") -> str:
        if (folder / "_headers").exists():
            rules = read_headers((folder / "_headers").read_text())
        else:
            hashes = [base64.b64encode(sha256(text.encode()).digest()).decode() for text in inline_scripts]
            sources = " ".join(("script-src", *(f"'sha256-{text}'" for text in hashes)))
            rules = [("/*", [("Content-Security-Policy", POLICY.replace("script-src", sources))])]
        handler = partial(_Handler, directory=str(folder), rules=rules, below=below)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}{below}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@contextmanager
def watched_page(browser: Browser, site: str, width: int, *, has_scripts: bool) -> Iterator[Page]:
    """Yield a page of this width, narrow ones with a finger.

    The test fails on an error in a script, on a file that is missing, and on a request to another site.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=has_scripts, has_touch=width == 320
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" and has_scripts else None)
    page.on("request", lambda asked: None if asked.url.startswith(site) else wrong.append(asked.url))
    page.on(
        "response", lambda told: wrong.append(f"{told.status} {told.url}") if told.status >= 400 else None
    )
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a new page that fails the test on an error in a script or a request to another host."""
    opened = browser.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1", "data:", "blob:"))
            else wrong.append(f"asked another host: {request.url}")
        ),
    )
    yield opened
    opened.close()
    assert not wrong, wrong
