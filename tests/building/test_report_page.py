"""The report's page in headless Chromium, at desktop and phone size, light and dark, opened from the disk."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tldr_data.dataset import REQUESTS, canonical, read_rows
from tldr_data.llms.records import line_of
from tldr_data.llms.request import Answer, Message, Request
from tldr_data.report import write_report

sync_api = pytest.importorskip("playwright.sync_api")
axe_core = pytest.importorskip("axe_core_python.sync_playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

DESKTOP, PHONE, NARROW = (1280, 900), (390, 844), (360, 740)
HOSTILE = '</script><script>document.title = "owned"</script><img src=x onerror="document.title = 1"> \u202e\x07 $x^$'
ASKED = Request(model="m", messages=(Message("user", f"Change this: {HOSTILE}"),), max_tokens=9)
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def page_file(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a build of which one text is hostile, and one candidate was rejected that a model wrote."""
    copy = Path(shutil.copytree(built, tmp_path_factory.mktemp("page") / "copy"))
    path = next((copy / "attribute").glob("train-*.parquet"))
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0]["response"] += f" {HOSTILE}"
    rows[0]["errors"][0]["replaced"] = HOSTILE
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    row = next(row for _, row in read_rows(copy, "spatial"))
    record = {name: value for name, value in row.items() if name not in ("words", "labels")}
    record |= {"reason": "refused_by_judge", "message": f"No: {HOSTILE}", "request": ASKED.key, "id": f"{row['id']}0"}
    (copy / "rejected").mkdir(exist_ok=True)
    with (copy / "rejected" / "spatial.jsonl").open("ab") as file:
        file.write(canonical(record) + b"\n")
    answer = line_of(ASKED, Answer(text=f"Changed: {HOSTILE}"))
    (copy / f"{REQUESTS}.zst").write_bytes(pa.Codec("zstd").compress(answer, asbytes=True))
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["rejected"].setdefault("spatial", {})["refused_by_judge"] = 1
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return write_report(copy)


@pytest.fixture(scope="module")
def browser(page_file: Path) -> Iterator[Any]:
    """Started when the builds are made: while it runs, no other event loop may."""
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any, page_file: Path) -> Iterator[Open]:
    """Opens the page, once its first row is there; whatever it complains of or asks for fails the test."""
    faults: list[str] = []
    contexts = []

    def open_it(size: tuple[int, int] = DESKTOP, scheme: str = "light", hash: str = "", **options: Any) -> Any:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: note(request.url))
        page.goto(page_file.as_uri() + hash)
        page.set_default_timeout(10_000)
        return page

    def note(url: str) -> None:
        if not url.startswith(("data:", page_file.as_uri())):
            faults.append(f"request: {url}")

    yield open_it
    for context in contexts:
        context.close()
    assert faults == []


def serious(page: Any) -> list[str]:
    """What axe-core finds that keeps people from using the page."""
    found = axe_core.Axe().run(page)["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def overflow(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def shown(page: Any) -> int:
    return int(re.sub(r"\D", "", page.text_content("#count").split(" of ")[0]) or 0)


def count_beside(page: Any, name: str, value: str) -> int:
    return int(page.locator(f'input[name="{name}"][value="{value}"]').locator("xpath=..").locator(".n").text_content())


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everybody_can_use_it(size: tuple[int, int], scheme: str, open_page: Open) -> None:
    page = open_page(size, scheme, hash="#q=Villa1")
    if size == PHONE:
        page.click("#filters summary")
    assert serious(page) == []
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.locator("#detail").is_visible()
    assert serious(page) == []
    page.click("#close")
    page.click("#to-figures")
    for closed in page.locator("#figures summary").all():
        closed.click()
    assert serious(page) == []
    page.keyboard.press("?")
    assert serious(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE, NARROW], ids=["desktop", "phone", "narrow"])
def test_it_fits_any_width(size: tuple[int, int], open_page: Open) -> None:
    page = open_page(size)
    assert page.locator(".card .text").first.is_visible()
    assert overflow(page) == 0
    page.locator(".card .open").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.getElementById('detail').scrollWidth") <= size[0]
    page.click("#close")
    page.click("#to-figures")
    for closed in page.locator("#figures summary").all():
        closed.click()
    assert page.locator("#yield svg").is_visible()
    assert overflow(page) == 0


def test_the_first_row_is_there_soon(open_page: Open) -> None:
    page = open_page()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? performance.now()")
    assert page.locator(".card").count() > 10
    assert painted < 10_000  # milliseconds, on any machine; benchmarks/report_page.py measures


def test_filters_go_together_and_tell_how_many_are_left(open_page: Open) -> None:
    page = open_page()
    everything = shown(page)
    spatial, train = count_beside(page, "taxonomy", "spatial"), count_beside(page, "split", "train")
    page.check('input[name="taxonomy"][value="spatial"]')
    assert shown(page) == spatial < everything
    both = count_beside(page, "split", "train")
    page.check('input[name="split"][value="train"]')
    assert shown(page) == both < min(spatial, train)
    page.check('input[name="taxonomy"][value="attribute"]')
    assert shown(page) > both
    page.check('input[name="kind"][value="paraphrase"]')
    assert shown(page) == 0
    assert page.locator(".card").count() == 0
    page.click("#clear")
    assert shown(page) == everything


def test_what_is_looked_at_stands_in_the_address(open_page: Open) -> None:
    page = open_page()
    page.check('input[name="reason"][value="refused_by_judge"]')
    page.fill("#search", "no:")
    assert "reason=refused_by_judge" in page.url
    again = open_page(hash=page.evaluate("location.hash"))
    assert shown(again) == shown(page) == 1
    assert again.is_checked('input[name="reason"][value="refused_by_judge"]')
    assert again.input_value("#search") == "no:"
    again.goto(again.url.partition("#")[0] + "#kind=nonsense&q=%E0%A4%A&row=99999&x")
    assert again.locator("#detail").is_hidden()


def test_texts_are_searched(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("VILLA7 near")
    assert 0 < shown(page) == page.locator(".card").count()
    page.keyboard.press("Escape")
    assert page.input_value("#search") == ""
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") != "search"


def test_rows_are_walked_by_keys(open_page: Open) -> None:
    page = open_page()
    for key in ("j", "ArrowRight", "j", "k"):
        page.keyboard.press(key)
    focused = page.evaluate("[...document.querySelectorAll('.card')].indexOf(document.activeElement.closest('.card'))")
    assert focused == 1
    page.keyboard.press("Enter")
    assert page.text_content("#place").startswith("2 of")
    page.keyboard.press("j")
    assert page.text_content("#place").startswith("3 of")
    page.keyboard.press("Escape")
    assert page.locator("#detail").is_hidden()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#keys").is_hidden()
    for _ in range(60):  # past what is drawn at first
        page.keyboard.press("j")
    assert page.locator(".card").count() > 60


@pytest.mark.parametrize("way", ["hover", "focus", "tap"])
def test_false_words_tell_the_true_ones(way: str, open_page: Open) -> None:
    page = open_page(PHONE if way == "tap" else DESKTOP, hash="#taxonomy=spatial&reason=kept", has_touch=way == "tap")
    mark = page.locator(".card mark").first
    true_word = mark.get_attribute("data-told").removeprefix("true: ")
    assert page.locator("#tip").is_hidden()
    getattr(mark, way)()
    assert page.text_content("#tip") == f"true: {true_word}"
    assert page.locator("#detail").is_hidden()
    box, tip = mark.bounding_box(), page.locator("#tip").bounding_box()
    assert abs(box["y"] - tip["y"]) < 60
    page.locator("#search").focus()
    page.mouse.move(1, 1)
    assert page.locator("#tip").is_hidden()


def test_a_row_tells_what_else_was_made_and_why_not(open_page: Open) -> None:
    page = open_page(hash="#reason=refused_by_judge")
    page.locator(".card .open").first.click()
    told = page.inner_text("#detail")
    for part in (
        "refused_by_judge",
        "A judge that reads the change",
        "No: </script>",
        "Changed: </script>",
        "Rejected: 1",
    ):
        assert part in told
    assert "proved" in told or "unverified" in told
    kept = page.locator("#detail .made").first.locator("li")
    assert kept.count() >= 1
    kept.first.locator(".open").click()
    assert page.locator("#detail h2").inner_text().endswith("kept")
    assert page.locator("#detail [aria-current]").count() == 1


def test_hostile_texts_are_shown_as_text(open_page: Open) -> None:
    page = open_page(hash="#q=owned")
    assert page.title().endswith("tldr-data")
    assert page.locator("img[onerror]").count() == 0
    for card in page.locator(".card .open").all()[:2]:
        card.click()
        assert "<script>document.title" in page.inner_text("#one")
        assert not set(page.inner_text("#one")) & {"\u202e", "\x07"}
        page.keyboard.press("Escape")
    page.click("#to-figures")
    assert page.title().endswith("tldr-data")


def test_dark_and_light_are_a_choice(open_page: Open) -> None:
    page = open_page(scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != dark
    page.reload()
    assert page.evaluate(ground) != dark
    page.click("#theme")
    assert page.evaluate(ground) == dark


def test_a_reason_among_the_figures_leads_to_its_rows(open_page: Open) -> None:
    page = open_page(hash="#rejected")
    assert page.locator("#view-rows").is_hidden()
    page.click('#rejected a[href="#reason=refused_by_judge"]')
    assert page.locator("#figures").is_hidden()
    assert shown(page) == 1
    page.go_back()
    assert page.locator("#rejected").is_visible()
