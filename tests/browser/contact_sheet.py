"""
Put pictures of every page side by side, for people to look at: one sheet per person of the demo and look.

    python -m tests.browser.contact_sheet http://localhost:8000 screenshots [PERSON ...] [LOOK ...]

Needs a running demo and Debian's chromium. The looks are desktop and phone, English and Arabic, light and dark; naming a
person or a look takes only those. Also says which pages scroll sideways and what the browser complained about, and
ends with 1 when there was any of it.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from html import escape
from itertools import product
from pathlib import Path
from string import Template

import django
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, PHONE, WIDE, find_chromium
from tests.browser.crawl import PEOPLE, crawl_everything
from tests.browser.visit import Look, Visit

LOOKS = tuple(
    Look(name=f"{device}-{language}{'-dark' if dark else ''}", size=size, language=language, dark=dark)
    for (device, size), language, dark in product(
        {"desktop": WIDE, "phone": PHONE}.items(), ("en", "ar"), (False, True)
    )
)
# Refusals are pages too; no link leads to them.
REFUSALS = {"refused": "/zoom/", "not-found": "/nowhere"}
SHEET = Template("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>$title</title>
<style>
  body { margin: 24px; background: #888; font: 14px/1.4 system-ui, sans-serif; color: #fff; }
  main { display: grid; grid-template-columns: repeat(auto-fill, $width); gap: 24px; align-items: start; }
  figure { margin: 0; }
  figcaption { overflow-wrap: anywhere; }
  img { display: block; inline-size: 100%; max-block-size: $height; object-fit: cover; object-position: top; }
</style>
<h1>$title</h1><main>$figures</main></html>
""")
# Thumbnails of a desktop and of a phone, on a sheet this wide.
SHEET_WIDTH, WIDE_THUMB, NARROW_THUMB = 2000, ("464px", "720px"), ("220px", "720px")


def take(browser: Browser, base_url: str, folder: Path, who: str, look: Look, pages: Mapping[str, str]) -> list[str]:
    """Take somebody's pages in one look; return what was wrong with them."""
    visit = Visit(browser, base_url, look, pictures=folder / who)
    if PEOPLE[who]:
        visit.sign_in(PEOPLE[who])
    wrong = []
    for name, path in pages.items():
        visit.page.goto(path)
        visit.page.wait_for_load_state("networkidle")
        visit.picture(name)
        wrong += visit.overflow()
        if name in REFUSALS:  # the browser says so itself
            visit.complaints.clear()
    visit.close()
    return [f"{who}, {look.name}: {complaint}" for complaint in wrong + visit.complaints]


def bind(browser: Browser, folder: Path, who: str, look: Look, pages: Mapping[str, str]) -> None:
    """Put the pictures together, as a page to click through and as one picture."""
    width, height = WIDE_THUMB if look.size == WIDE else NARROW_THUMB
    title = f"{who}-{look.name}"
    figures = (_figure(f"{who}/{look.name}/{name}.png", name, path) for name, path in pages.items())
    sheet = folder / f"{title}.html"
    sheet.write_text(SHEET.substitute(title=title, width=width, height=height, figures="".join(figures)))
    page = browser.new_page(viewport={"width": SHEET_WIDTH, "height": 1200})
    page.goto(sheet.resolve().as_uri())
    page.screenshot(path=sheet.with_suffix(".png"), full_page=True)
    page.close()


def _with_refusals(pages: Mapping[str, str]) -> dict[str, str]:
    return dict(pages) | {name: path for name, path in REFUSALS.items() if path not in pages.values()}


def _figure(source: str, name: str, path: str) -> str:
    image, caption = escape(source, quote=True), escape(f"{name} {path}")
    return f'<figure><a href="{image}"><img src="{image}" alt=""></a><figcaption>{caption}</figcaption></figure>'


def sheets(base_url: str, folder: Path, wanted: set[str]) -> Iterator[str]:
    """Make the sheets of the wanted people and looks, all of those of whom none is named; yield what was wrong."""
    looks = [look for look in LOOKS if look.name in wanted] or LOOKS
    found = {who: _with_refusals(crawl.pages) for who, crawl in crawl_everything(base_url).items()}
    people = [who for who in found if who in wanted] or list(found)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        for who, look in product(people, looks):
            yield from take(browser, base_url, folder, who, look, found[who])
            bind(browser, folder, who, look, found[who])
        browser.close()


def main(base_url: str, folder: str, *wanted: str) -> int:
    """Make the sheets; return 1 when something was wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classbell.config.settings")
    django.setup()  # the crawl reads the addresses of the pages
    wrong = list(sheets(base_url.rstrip("/"), Path(folder), set(wanted)))
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
