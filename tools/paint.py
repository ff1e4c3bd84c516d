"""Measure how long a reader on a slow phone waits for the largest part of a page: prints a line for each.

1.6 Mbit/s, 150 ms there and back (what is called slow 4G), a processor four times slower, nothing kept from
earlier visits. Files are sent compressed, as every common host sends them. Run it on a built site:
`python -m tools.paint --site site`.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import os
import statistics
import threading
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from tools.screenshots import FLAGS, ROOT, addresses

PAGES = ("home", "find", "practice", "metric")
VISITS = 3
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
_WATCH = """new PerformanceObserver(list => { window.largest = list.getEntries().at(-1).startTime })
    .observe({ type: "largest-contentful-paint", buffered: true })"""


class _Compressing(http.server.SimpleHTTPRequestHandler):
    """Sends texts compressed."""

    def do_GET(self) -> None:
        """Send a file."""
        path = Path(self.translate_path(urlsplit(self.path).path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        content = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the figures are the output."""


def measure(browser: Browser, address: str) -> tuple[float, int, int]:
    """Return the time to the largest paint in milliseconds, and how many requests and bytes the page took."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.add_init_script(_WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("window.largest")
    largest = float(page.evaluate("window.largest"))
    context.close()
    return largest, len(received), sum(received)


def main() -> None:
    """Measure the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="a built site")
    options = parser.parse_args()
    handler = functools.partial(_Compressing, directory=str(options.site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_address[1]}/"
    pages = addresses(options.site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=list(FLAGS)
        )
        for name in PAGES:
            visits = [measure(browser, root + pages[name]) for _ in range(VISITS)]
            largest = statistics.median(visit[0] for visit in visits)
            _, requests, size = visits[0]
            print(f"{name:10} {largest:6,.0f} ms   {requests:2} requests   {size / 1000:4.0f} KB")
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
