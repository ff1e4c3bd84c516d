"""What printed sheets bear stands on the page's root element."""

from __future__ import annotations

from generator.rendering.sheets import with_sheet


def test_what_the_theme_says_for_sheets_moves_to_the_root_element() -> None:
    page = (
        '<!doctype html>\n<html lang="en"><head>\n'
        '<template data-sheet="Oak &amp; Ash" data-release="R"></template>\n'
        "<title>Oak</title></head></html>"
    )

    html = with_sheet(page)

    assert html == (
        '<!doctype html>\n<html data-sheet="Oak &amp; Ash" data-release="R" lang="en"><head>\n'
        "<title>Oak</title></head></html>"
    )


def test_a_theme_that_says_nothing_for_sheets_is_left_alone() -> None:
    page = '<!doctype html>\n<html lang="en"><head><title>Oak</title></head></html>'

    assert with_sheet(page) == page
