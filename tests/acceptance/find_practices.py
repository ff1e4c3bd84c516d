"""Find practices on a built site as a reader would, in Chromium, and look at the pages found.

    python -m tests.acceptance.find_practices SITE --package FOLDER [--practices 50] [--seed 1]

Each practice drawn is looked for by name with town, by code, by postcode with and without space. It has to
be among the first three, and first where nobody else fits as well. No request may leave the site's origin.
Its page has to show name, address, status, results, a trend and a comparison.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
from collections import Counter
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from generator.rendering.towns import town_of
from tools.screenshots import FLAGS, served


def listed_codes(box: Locator, text: str) -> list[str]:
    """Type into the header's box and return the codes of the organisations listed, in order."""
    box.fill(text)
    expect(box.page.locator("header [role=listbox]")).to_have_attribute("aria-busy", "false")
    links = box.page.locator("header [role=option][href*='/organisations/']")
    addresses = links.evaluate_all("options => options.map(option => option.href)")
    return [address.rstrip("/").rsplit("/", 1)[1].upper() for address in addresses]


def missing_from_page(page: Page, root: str, row: dict[str, str]) -> list[str]:
    """Return what a practice's page does not show."""
    page.goto(f"{root}organisations/{row['organisation_code'].lower()}/")
    text = page.locator("main").inner_text()
    wanted = {
        "name": row["name"] in text,
        "address": row.get("postcode", "") in text and row["address"].split(",")[0].strip() in text,
        "status": ("Open" if row["status"] == "open" else "Closed") in text,
        "results": page.locator("article.metric").count() > 0,
        "trend": page.locator("use[href*='#trend-']").count() > 0,
        "comparison": page.locator("article.metric .chip").count() > 0,
    }
    return [what for what, is_there in wanted.items() if not is_there]


def main() -> int:
    """Look for the practices and print how many were found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument(
        "--package", type=Path, required=True, help="folder of the release that the site shows"
    )
    parser.add_argument("--practices", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = [
        row
        for path in sorted(options.package.rglob("organisations.csv"))
        for row in csv.DictReader(path.open(encoding="utf-8"))
        if row["kind"] == "practice" and row.get("postcode")
    ]
    named = Counter((row["name"], town_of(row["address"])) for row in rows)
    placed = Counter(row["postcode"] for row in rows)
    drawn = random.Random(options.seed).sample(rows, options.practices)
    faults: list[str] = []
    firsts = tries = 0
    with served(options.site) as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=list(FLAGS)
        )
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for row in drawn:
            page.goto(root)
            box = page.locator("header [role=combobox]")
            town, postcode = town_of(row["address"]), row["postcode"]
            for text, alike in (
                (f"{row['name']} {town}", named[row["name"], town]),
                (row["organisation_code"], 1),
                (postcode, placed[postcode]),
                (postcode.replace(" ", "").lower(), placed[postcode]),
            ):
                codes = listed_codes(box, text)
                tries += 1
                firsts += codes[:1] == [row["organisation_code"]]
                if row["organisation_code"] not in codes[: 1 if alike == 1 else max(3, alike)]:
                    faults.append(f"{text}: {codes[:3]}, not {row['organisation_code']}")
            missing = missing_from_page(page, root, row)
            if missing:
                faults.append(f"page of {row['organisation_code']} lacks {', '.join(missing)}")
        browser.close()
    own = (root, "data:", "blob:")
    faults += [f"asked another host: {address}" for address in asked if not address.startswith(own)]
    print("\n".join(faults))
    print(f"{options.practices} practices, {tries} searches: {firsts} first; {len(faults)} faults.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
