"""A page of a real Chromium, and a web server for a folder."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; base-uri 'self'"

Serve = Callable[..., str]


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, policy: str, **options: Any) -> None:
        self._policy = policy
        super().__init__(*args, **options)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self._policy)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides
        pass


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Return a function that serves a folder and returns its address, with a closing slash.

    Given the texts of inline scripts, the policy lets these run; otherwise none.
    """
    servers: list[ThreadingHTTPServer] = []

    def start(folder: Path, *, inline_scripts: Iterable[str] = ()) -> str:
        hashes = [base64.b64encode(sha256(text.encode()).digest()).decode() for text in inline_scripts]
        policy = POLICY.replace(
            "script-src", " ".join(("script-src", *(f"'sha256-{text}'" for text in hashes)))
        )
        handler = partial(_Handler, directory=str(folder), policy=policy)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


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
