"""The card, the report and the rows in a terminal, of a real build."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tldr_data.building.plan import Plan
from tldr_data.card import COLUMNS, render_card
from tldr_data.dataset import FIELDS, read_rows
from tldr_data.errors import InputError, UsageError
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build
from tldr_data.report import write_report
from tldr_data.show import show
from tldr_data.show.choosing import Wanted
from tldr_data.yields import auc, percent


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """A finished build that may be changed."""
    return Path(shutil.copytree(built, tmp_path / "copy"))


def head(card: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return parsed


def test_the_head_of_the_card_is_what_the_hub_asks_for(built: Path) -> None:
    card = head((built / "README.md").read_text(encoding="utf-8"))
    assert card["license"] == ["cc0-1.0"]
    assert card["language"] == ["en"]
    assert card["size_categories"] == ["n<1K"]
    names = [config["config_name"] for config in card["configs"]]
    assert names == ["all", "attribute", "spatial", "images"]
    assert [config.get("default", False) for config in card["configs"]] == [True, False, False, False]


def test_config_all_lists_every_folder_once(built: Path) -> None:
    card = head((built / "README.md").read_text(encoding="utf-8"))
    files = {entry["split"]: entry["path"] for entry in card["configs"][0]["data_files"]}
    folders = ("clean", "paraphrase", "attribute", "spatial")
    assert files["train"] == [f"{folder}/train-*.parquet" for folder in folders]


def test_every_pattern_of_the_card_finds_files(built: Path) -> None:
    for config in head((built / "README.md").read_text(encoding="utf-8"))["configs"]:
        for entry in config["data_files"]:
            assert all(list(built.glob(pattern)) for pattern in entry["path"])


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        (["CC BY 4.0", "cc0-1.0"], {"license": ["cc-by-4.0", "cc0-1.0"]}),
        (
            ["CC-BY-4.0", "Flickr terms"],
            {"license": ["cc-by-4.0", "other"], "license_name": "Flickr terms", "license_link": "README.md#licences"},
        ),
    ],
)
def test_licences_are_those_of_the_rows(licenses: list[str], expected: dict[str, Any], built: Path) -> None:
    manifest = load_manifest(built)
    manifest["licenses"] = [{"source": "made", "license": name, "rows": 1} for name in licenses]
    manifest["image_licenses"] = []
    card = head(render_card(built, manifest))
    assert {key: card[key] for key in card if key.startswith("license")} == expected


def test_the_card_tells_counts_yields_and_reasons(built: Path) -> None:
    manifest = load_manifest(built)
    manifest["rejected"] = {"spatial": {"drift": 1234}}
    card = render_card(built, manifest)
    counts = manifest["taxonomies"]["spatial"]
    assert "| clean |" in card
    assert f"n = {counts['references']})" in card
    assert f"n = {counts['sites']})" in card
    assert "| spatial | drift | 1,234 |" in card
    assert manifest["content_hash"] in card
    assert all(f"| {name} |" in card for name in FIELDS)
    assert [*COLUMNS] == [*FIELDS]


def test_tables_of_the_card_are_whole(built: Path) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", (built / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(blocks) >= 6
    for block in blocks:
        rows = block.splitlines()
        assert len(rows) > 2
        assert {row.count("|") for row in rows} == {rows[0].count("|")}


def test_the_report_shows_images_and_false_words_and_needs_nothing_else(built: Path) -> None:
    page = (built / "report.html").read_text(encoding="utf-8")
    assert page.count("<article>") >= 120
    assert page.count('src="data:image/jpeg;base64,') >= 120
    assert '<mark class="error" data-was="left">right</mark>' in page
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)


def section(page: str, start: str, end: str) -> str:
    """The page from one piece of text to the next other."""
    assert start in page
    return page.split(start, 1)[1].split(end, 1)[0]


def test_the_report_has_the_figures_of_the_manifest(built: Path) -> None:
    page, manifest = (built / "report.html").read_text(encoding="utf-8"), load_manifest(built)
    yields = section(page, 'id="yield"', 'id="shortcuts"')
    for counts in manifest["taxonomies"].values():
        assert percent(counts["sites"], counts["references"]) in yields
        for subtype, found in counts["subtypes"].items():
            line = re.search(rf"<td>{subtype}</td>.*?</tr>", yields, flags=re.DOTALL)
            assert line, subtype
            assert all(f"{reason} {count}" in line.group() for reason, count in found["rejected"].items())
    probe = section(page, 'id="shortcuts"', 'id="lengths"')
    assert auc(manifest["shortcuts"]["words"]) in probe
    assert auc(manifest["shortcuts"]["texts"]) in probe


def test_candidates_of_a_subtype_that_only_had_no_room_count_as_fit(copy: Path) -> None:
    manifest = load_manifest(copy)
    manifest["taxonomies"]["spatial"]["subtypes"] = {
        "depth": {"accepted": 2, "rejected": {"drift": 3, "over_share": 5}},
    }
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    line = section(write_report(copy).read_text(encoding="utf-8"), "<td>depth</td>", "</tr>")
    assert percent(7, 10) in line
    assert "drift 3, over_share 5" in line


def test_changed_words_of_the_report_are_those_of_the_rows(built: Path) -> None:
    pairs = Counter(
        (span["replaced"], row["response"][span["start"] : span["end"]])
        for _, row in read_rows(built, "spatial")
        for span in row["errors"]
    )
    (replaced, written), count = pairs.most_common(1)[0]
    part = section((built / "report.html").read_text(encoding="utf-8"), 'id="words-spatial"', "<h2")
    assert f'<tr><td>{replaced.lower()}</td><td>{written.lower()}</td><td class="n">{count}</td></tr>' in part
    assert f"spatial: {pairs.total()} errors in {sum(load_manifest(built)['rows']['spatial'].values())} rows" in part


def test_every_chart_has_its_figures_as_text(built: Path) -> None:
    page = (built / "report.html").read_text(encoding="utf-8")
    figures = re.findall(r"<figure.*?</figure>", page, flags=re.DOTALL)
    assert len(figures) == 1 + 2 * 2
    for figure in figures:
        (name,) = re.findall(r'aria-labelledby="([^"]+)"', figure)
        assert f'<figcaption id="{name}">' in figure
        bars, cells = re.findall(r"<rect ", figure), re.findall(r'<td class="n">\S+ \(\S+%\)</td>', figure)
        assert len(bars) == len(cells) > 0
    assert len(re.findall(r'id="', page)) == len(set(re.findall(r'id="([^"]+)"', page)))


def test_links_inside_the_report_lead_somewhere(built: Path) -> None:
    page = (built / "report.html").read_text(encoding="utf-8")
    targets = re.findall(r'href="#([^"]+)"', page)
    assert {"rows-spatial", "rows-attribute", "words-spatial", "rejected"} <= set(targets)
    assert [name for name in targets if f'id="{name}"' not in page] == []


def test_each_taxonomy_has_its_examples_under_its_heading(built: Path) -> None:
    page = (built / "report.html").read_text(encoding="utf-8")
    for name in ("attribute", "spatial"):
        examples = section(page, f'<h3 id="rows-{name}">', "<h")
        assert examples.count("<article>") >= 10
        assert examples.count(f'<p class="quiet">{name} / ') == examples.count("<article>")


def test_an_audit_stands_on_the_report(copy: Path) -> None:
    assert 'id="audit"' not in write_report(copy).read_text(encoding="utf-8")
    found = {
        "auditors": 2,
        "answered": 50,
        "taxonomies": {"spatial": {"n": 30, "good": 29, "natural": 28, "rest_true": 27}},
        "clean": {"made": {"n": 20, "wrong": 1}},
        "paraphrase": {},
        "agreement": {"n": 50, "same": 48, "kappa": 0.91},
    }
    (copy / "audit.json").write_text(json.dumps(found), encoding="utf-8")
    part = section(write_report(copy).read_text(encoding="utf-8"), 'id="audit"', "<h2")
    for told in (percent(29, 30), percent(28, 30), percent(27, 30), percent(1, 20), "48 of 50", "0.91"):
        assert told in part


@pytest.mark.parametrize("found", [{"answered": 1}, [1], {"auditors": "two"}, {"auditors": None}])
def test_a_damaged_audit_is_one_line(found: object, copy: Path) -> None:
    (copy / "audit.json").write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(InputError, match=r"audit\.json"):
        write_report(copy)


def test_a_build_without_errors_has_a_report_without_charts_of_them(
    captions: Callable[..., Path], tmp_path: Path, make_plan: Callable[..., Plan]
) -> None:
    plain = {"response": "It is nice."}
    build(make_plan(captions(4, **{f"r{n}": plain for n in range(4)}), tmp_path / "out"))
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Changed words" not in page
    assert "none (n = 0)" in page
    assert "clean: 4 of 4 rows" in page


def test_texts_cannot_break_the_page(
    captions: Callable[..., Path], tmp_path: Path, make_plan: Callable[..., Plan]
) -> None:
    text = 'A <script>alert(1)</script> sign to the left of a red box & a "dog".'
    path = captions(6, r0={"response": text}, r1={"response": text, "id": "<b>", "license": ""}, r2={"response": ""})
    build(make_plan(path, tmp_path / "out"))
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_changed_words_cannot_break_the_page(copy: Path) -> None:
    path = next((copy / "spatial").glob("train-*.parquet"))
    table = pq.read_table(path)
    rows = table.to_pylist()
    for row in rows:
        row["errors"][0]["replaced"] = '"><script>x</script>'
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    page = write_report(copy).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<td>&#34;&gt;&lt;script&gt;x&lt;/script&gt;</td>" in page


def test_the_report_can_be_made_anew(built: Path, tmp_path: Path) -> None:
    before = (built / "report.html").read_bytes()
    assert write_report(built).read_bytes() == before


def test_plain_rows(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(str(built), Wanted(taxonomy="spatial", limit=3), as_json=False)
    out = capsys.readouterr().out
    assert out.count("{was: ") >= 3
    assert "[right]{was: left}" in out
    assert "\x1b" not in out
    assert out.count("spatial/") == 3


def test_rows_as_json(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(str(built), Wanted(taxonomy="clean", limit=5), as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["kind"] for row in rows] == ["clean"] * 5
    assert all(row["split"] in ("train", "validation", "test") for row in rows)


def test_all_taxonomies_take_turns(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(str(built), Wanted(limit=4), as_json=True)
    names = [json.loads(line)["taxonomy"] for line in capsys.readouterr().out.splitlines()]
    assert names == [None, "attribute", "spatial", None]  # a paraphrase has no taxonomy


def test_an_unknown_taxonomy_is_a_wrong_call(built: Path) -> None:
    with pytest.raises(UsageError, match="has no rows of 'colours': it has clean, paraphrase, attribute, spatial"):
        show(str(built), Wanted(taxonomy="colours"), as_json=False)
