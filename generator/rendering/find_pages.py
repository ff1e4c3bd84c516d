"""The pages that find organisations and put them side by side, and the words of their scripts."""

from __future__ import annotations

from generator.model.pages import Heading, Page
from generator.rendering.book import Book
from generator.rendering.templates import Templates

MOST_COMPARED = 5
"""How many organisations fit side by side."""
MOST_AREAS = 200
"""How many areas of one level are offered as a choice; more are found by their name in the text."""
MILES = (1, 2, 5, 10, 20)
"""The distances offered as a choice."""

FINDER_WORDS = (
    *("found", "organisations", "pages", "closed", "merged", "nothing", "short", "common", "arrows"),
    *("result", "results", "all_results", "near", "inside", "half_mile", "mile", "miles"),
    *(
        "more",
        "near_you",
        "fitting",
        "by_name",
        "nothing_filtered",
        "needs_place",
        "locating",
        "located",
        "location_refused",
    ),
    *("location_absent", "location_far", "accepting", "not_accepting", "phone", "code", "compare"),
    *("compare_it", "chosen_none", "chosen_count", "chosen_full", "see_compared", "take_away"),
)
"""Macros of wording/find.html that the finder's scripts say; they read them from the manifest."""
COMPARE_WORDS = (
    *("choose_two", "choose_one_more", "loading", "shown_one", "shown", "unknown", "unreadable", "too_many"),
    *("full", "already", "added", "removed", "copied", "not_copied", "take_away", "take_away_it", "near_it"),
    *("facts", "not_said", "not_measured", "no_figure", "range", "measure", "caption", "none_differ"),
    *("kinds_differ", "periods_differ", "own_page", "range_meaning", "against_figure"),
)
"""Macros of wording/compare.html that the script of the page says; it reads them from the page."""


def find_page(book: Book, templates: Templates) -> Page:
    """Return the page that searches in the reader's browser, and offers plain lists without scripts."""
    kinds = dict.fromkeys(organisation.kind for organisation in book.scorecards)
    body = templates.page(
        "find",
        {
            "root": "../",
            "levels": book.area_levels,
            "kinds": [(kind, book.kind_name(kind)) for kind in sorted(kinds)],
            "services": sorted(
                ((row["service_id"], row["title"]) for row in book.rows_of("services")),
                key=lambda service: (service[1].casefold(), service[0]),
            ),
            "most_areas": MOST_AREAS,
            "miles": MILES,
            "most": MOST_COMPARED,
        },
    )
    title = templates.words("titles", "find_title")
    return Page(
        "find/",
        "find",
        title,
        templates.words("titles", "find_description"),
        title,
        tuple(
            Heading(name.replace("_", "-"), templates.words("titles", "section", name))
            for name in ("find", "no_script")
        ),
        body,
    )


def compare_page(book: Book, templates: Templates) -> Page:
    """Return the page whose script puts organisations side by side, out of their own pages."""
    body = templates.page(
        "compare",
        {
            "root": "../",
            "domains": book.domains,
            "periods": {period: name.label for period, name in book.periods.items()},
            "script_words": script_words(templates, "compare", COMPARE_WORDS),
            "most": MOST_COMPARED,
        },
    )
    title = templates.words("compare", "title")
    return Page(
        "compare/",
        "compare",
        title,
        templates.words("compare", "description"),
        title,
        (
            Heading("side-by-side", templates.words("compare", "section_chosen")),
            Heading("measured", templates.words("compare", "section_measured")),
        ),
        body,
    )


def script_words(templates: Templates, file: str, names: tuple[str, ...]) -> dict[str, str]:
    """Return what a script says, by the names of the macros; what the script fills in stands in braces."""
    return {name: templates.words(file, name) for name in names}


def happened_to(book: Book, templates: Templates) -> dict[str, str]:
    """Return by code what became of everybody who is no longer open, as a sentence."""
    told: dict[str, str] = {}
    for organisation in book.organisations.values():
        if not organisation.is_open:
            successor = book.organisations.get(organisation.successor_code)
            told[organisation.code] = templates.words(
                "find", "happened", organisation, successor.full_name if successor else ""
            )
    return told
