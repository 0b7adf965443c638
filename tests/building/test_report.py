"""What stands on the report's page, and the plots beside it; how it looks and behaves is in test_report_page.py."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tldr_data.building.plan import Plan
from tldr_data.cli import main
from tldr_data.dataset import REQUESTS, canonical, read_rows
from tldr_data.errors import InputError
from tldr_data.llms.records import line_of
from tldr_data.llms.request import Answer, Message, Request
from tldr_data.manifest import load_manifest, row_folders
from tldr_data.pipeline import build
from tldr_data.plots import PNGS
from tldr_data.report import chosen, write_page, write_report
from tldr_data.report.records import as_script
from tldr_data.resources import read_yaml
from tldr_data.yields import auc, percent

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """A finished build that may be changed."""
    return Path(shutil.copytree(built, tmp_path / "copy"))


def page_of(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, Any]:
    (text,) = DATA.findall(page)
    found: dict[str, Any] = json.loads(text)
    return found


def section(page: str, start: str, end: str) -> str:
    """The page from one piece of text to the next other."""
    assert start in page
    return page.split(start, 1)[1].split(end, 1)[0]


def reject(folder: Path, count: int, reason: str = "drift", **changes: Any) -> list[dict[str, Any]]:
    """Put down copies of kept rows as rejected ones, as a build would."""
    records = []
    for _, row in list(read_rows(folder, "spatial"))[:count]:
        record = {name: value for name, value in row.items() if name not in ("words", "labels")}
        records.append({"reason": reason, "message": f"{row['id']}: too much", **record, **changes})
    (folder / "rejected").mkdir(exist_ok=True)
    with (folder / "rejected" / "spatial.jsonl").open("ab") as file:
        file.write(b"".join(canonical(record) + b"\n" for record in records))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["rejected"].setdefault("spatial", {})[reason] = count
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return records


def test_the_page_needs_nothing_else(built: Path) -> None:
    page = page_of(built)
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "default-src 'none'" in page
    assert not re.search(r"https?://", DATA.sub("", page))
    names = re.findall(r'\bid="([^"]+)"', DATA.sub("", page))
    assert len(names) == len(set(names))


def test_every_reference_comes_with_all_that_was_made_of_it(built: Path) -> None:
    data = data_of(page_of(built))
    made = {row["id"]: row for folder in row_folders(load_manifest(built)) for _, row in read_rows(built, folder)}
    assert {row["id"] for row in data["rows"] if not row["reason"]} == set(made)
    for row in data["rows"]:
        reference = data["references"][row["reference"]]
        assert row["id"].rpartition("#")[0] in ("", reference["id"])
        assert reference["text"] == (made[row["id"]]["reference"] or made[row["id"]]["response"])
        assert reference["image"] in data["images"]
        assert "".join(piece[0] for piece in row["pieces"]) == made[row["id"]]["response"]


def test_false_words_carry_the_true_ones(built: Path) -> None:
    rows = {row["id"]: row for row in data_of(page_of(built))["rows"]}
    for _, row in read_rows(built, "spatial"):
        marked = [(text, *rest) for text, *rest in rows[row["id"]]["pieces"] if rest and rest[0] == "error"]
        assert marked == [(row["response"][s["start"] : s["end"]], "error", s["replaced"]) for s in row["errors"]]
    paraphrases = [row for row in rows.values() if row["kind"] == "paraphrase"]
    assert paraphrases
    assert all(any(piece[1:2] == ["collateral"] for piece in row["pieces"]) for row in paraphrases)


def test_references_are_those_of_the_smallest_hash_and_whole(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen, "MAX_ROWS", 20)
    for name in ("MAX_UNTOUCHED", "FEWEST_KEPT", "FEWEST_REJECTED"):
        monkeypatch.setattr(chosen, name, 1)
    rows = [row for folder in row_folders(load_manifest(built)) for _, row in read_rows(built, folder)]
    references = [row["id"].rpartition("#")[0] or row["id"] for row in rows]
    shown = chosen.choose(built, load_manifest(built))
    found = {each.row["id"].rpartition("#")[0] or each.row["id"] for each in shown}
    by_hash = sorted(set(references), key=lambda name: sha256(name.encode()).digest())
    assert by_hash[: len(found)] == sorted(found, key=by_hash.index)
    assert 20 <= len(shown) < 30
    assert Counter(references)[by_hash[0]] == sum(each.row["id"].startswith(f"{by_hash[0]}#") for each in shown) + 1


def test_every_reason_is_shown_however_rare(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen, "MAX_ROWS", 5)
    (record,) = reject(copy, 1, reason="incoherent")
    data = data_of(write_report(copy).read_text(encoding="utf-8"))
    (row,) = [row for row in data["rows"] if row["reason"] == "incoherent"]
    assert (row["id"], row["message"]) == (record["id"], "too much")
    assert data["references"][row["reference"]]["text"] == record["reference"]
    assert data["references"][row["reference"]]["split"] in ("train", "validation", "test")
    assert data["reasons"]["incoherent"]


def test_every_reason_that_the_docs_name_is_explained() -> None:
    docs = Path(__file__).parents[2] / "docs"
    named = set[str]()
    for name in ("data-format.md", "llms.md"):
        (table,) = re.findall(r"\| reason \|.*\n((?:\|.*\n)+)", (docs / name).read_text(encoding="utf-8"))
        named |= {reason for line in table.splitlines() for reason in re.findall(r"`([a-z_]+)`", line.split("|")[1])}
    assert len(named) > 35
    assert named <= set(read_yaml("cards", "reasons.yaml"))


def test_source_rows_that_gave_none_are_told_of(
    captions: Callable[..., Path], tmp_path: Path, make_plan: Callable[..., Plan]
) -> None:
    path = captions(6, r2={"response": ""})
    build(make_plan(path, tmp_path / "out"))
    (row,) = [row for row in data_of(page_of(tmp_path / "out"))["rows"] if row["reason"] == "empty_response"]
    assert "captions.jsonl line 3" in row["message"]


def test_an_image_that_is_not_published_is_none_on_the_page(copy: Path) -> None:
    for path in (copy / "images").iterdir():
        table = pq.read_table(path)
        rows = [{**row, "image": {"bytes": None, "path": None}} for row in table.to_pylist()]
        rows[0]["image"] = None
        pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    data = data_of(write_report(copy).read_text(encoding="utf-8"))
    assert data["images"] == {}
    assert all(reference["image"] for reference in data["references"])


def test_what_a_model_answered_stands_on_its_row(copy: Path) -> None:
    request = Request(model="m", messages=(Message("user", "a cup"),), max_tokens=9)
    other = Request(model="m", messages=(Message("user", "unseen"),), max_tokens=9)
    lines = line_of(request, Answer(text="two cups\ud800")) + line_of(other, Answer(text="nobody's"))
    (copy / f"{REQUESTS}.zst").write_bytes(pa.Codec("zstd").compress(lines, asbytes=True))
    reject(copy, 1, request=request.key)
    data = data_of(write_report(copy).read_text(encoding="utf-8"))
    assert data["requests"] == {request.key: {"asked": "a cup", "answer": "two cups\ud800", "failure": None}}


def test_the_figures_are_those_of_the_manifest(built: Path) -> None:
    page, manifest = page_of(built), load_manifest(built)
    yields = section(page, 'id="yield"', "</section>")
    for counts in manifest["taxonomies"].values():
        assert percent(counts["sites"], counts["references"]) in yields
        for subtype, found in counts["subtypes"].items():
            line = re.search(rf"<td>{subtype}</td>.*?</tr>", section(yields, "By subtype", "</table>"), re.DOTALL)
            assert line, subtype
            assert all(f"{reason} {count}" in line.group() for reason, count in found["rejected"].items())
    assert auc(manifest["shortcuts"]["words"]) in section(page, 'id="shortcuts"', "</section>")


def test_candidates_of_a_subtype_that_only_had_no_room_count_as_fit(copy: Path) -> None:
    manifest = load_manifest(copy)
    manifest["taxonomies"]["spatial"]["subtypes"] = {
        "depth": {"accepted": 2, "rejected": {"drift": 3, "over_share": 5}}
    }
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    yields = section(write_report(copy).read_text(encoding="utf-8"), "By subtype", "</table>")
    line = section(yields, "<td>depth</td>", "</tr>")
    assert percent(7, 10) in line
    assert "drift 3, over_share 5" in line


def test_changed_words_are_those_of_the_rows(built: Path) -> None:
    pairs = Counter(
        (span["replaced"], row["response"][span["start"] : span["end"]])
        for _, row in read_rows(built, "spatial")
        for span in row["errors"]
    )
    (replaced, written), count = pairs.most_common(1)[0]
    part = section(page_of(built), 'id="words-spatial"', "</details>")
    assert f'<tr><td>{replaced.lower()}</td><td>{written.lower()}</td><td class="n">{count}</td></tr>' in part
    assert f"spatial: {pairs.total()} errors in {sum(load_manifest(built)['rows']['spatial'].values())} rows" in part


def test_every_plot_has_its_words_and_its_figures(built: Path) -> None:
    figures = re.findall(r"<figure>.*?</figure>", page_of(built), flags=re.DOTALL)
    assert len(figures) >= 6
    for figure in figures:
        assert re.search(r'<svg viewBox="[^"]+" role="img" aria-label="[^"]{10,}"', figure)
        assert re.search(r"<tbody>\s*<tr>", figure)
        assert not re.search(r"#0[1-6]0[1-6]0[1-6]|DejaVu|<style|<metadata", figure)
        assert "var(--" in figure


def test_plots_are_pictures_beside_the_page(built: Path) -> None:
    pictures = sorted((built / "plots").glob("*.png"))
    assert {path.stem for path in pictures} == set(PNGS) - {"audit"} - (
        set() if load_manifest(built)["rejected"] else {"rejections"}
    )
    for path in pictures:
        with Image.open(path) as image:
            assert image.width >= 600
            assert len(image.convert("RGB").resize((64, 64)).getcolors() or range(99)) > 3


def test_links_inside_the_page_lead_somewhere(built: Path) -> None:
    page = page_of(built)
    targets = [name for name in re.findall(r'href="#([^"]+)"', DATA.sub("", page)) if "=" not in name]
    assert {"figures", "yield", "rejected", "words"} <= set(targets)
    assert [name for name in targets if name != "rows" and f'id="{name}"' not in page] == []


def test_an_audit_stands_on_the_page(copy: Path) -> None:
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
    part = section(write_report(copy).read_text(encoding="utf-8"), 'id="audit"', "</section>")
    for told in (percent(29, 30), percent(28, 30), percent(27, 30), percent(1, 20), "48 of 50", "0.91"):
        assert told in part
    assert (copy / "plots" / "audit.png").is_file()
    (copy / "audit.json").unlink()
    write_report(copy)
    assert not (copy / "plots" / "audit.png").exists()


@pytest.mark.parametrize("found", [{"answered": 1}, [1], {"auditors": "two"}, {"auditors": None}])
def test_a_damaged_audit_is_one_line(found: object, copy: Path) -> None:
    (copy / "audit.json").write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(InputError, match=r"audit\.json"):
        write_report(copy)


def test_a_build_without_errors_has_no_plots_of_them(
    captions: Callable[..., Path], tmp_path: Path, make_plan: Callable[..., Plan]
) -> None:
    plain = {"response": "It is nice."}
    build(make_plan(captions(4, **{f"r{n}": plain for n in range(4)}), tmp_path / "out"))
    page = page_of(tmp_path / "out")
    assert 'id="words"' not in page
    assert "none (n = 0)" in page
    assert len(data_of(page)["rows"]) == 4
    assert not (tmp_path / "out" / "plots" / "words.png").exists()


HOSTILE = "</script><script>alert(1)</script> <!-- \u2028 \u202e \x00 $x^$ {{ x }}"


def test_changed_words_cannot_break_the_page(copy: Path) -> None:
    path = next((copy / "spatial").glob("train-*.parquet"))
    table = pq.read_table(path)
    rows = table.to_pylist()
    for row in rows:
        row["errors"][0]["replaced"] = HOSTILE
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    page = write_report(copy).read_text(encoding="utf-8")
    assert page.count("<script") == 2
    assert "&lt;/script&gt;&lt;script&gt;" in page
    assert any(HOSTILE in piece for row in data_of(page)["rows"] for piece in row["pieces"])


@given(st.text() | st.text(st.characters(categories=["Cs", "Cc"]) | st.sampled_from("<>&/!-")))
def test_any_text_passes_through_a_script_element(text: str) -> None:
    written = as_script({"text": text})
    found = json.loads(written)["text"]
    assert found.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")
    assert not set(written) & set("<>&\u2028\ud800")
    assert unescape(written) == written


def test_the_page_can_be_made_anew_and_elsewhere(copy: Path, tmp_path: Path) -> None:
    names = ["report.html", *(f"plots/{path.name}" for path in (copy / "plots").iterdir())]
    before = {name: (copy / name).read_bytes() for name in names}
    write_report(copy)
    assert {name: (copy / name).read_bytes() for name in names} == before
    shutil.rmtree(copy / "plots")
    (copy / "report.html").unlink()
    assert write_page(copy, tmp_path / "page.html").read_bytes() == before["report.html"]
    assert not (copy / "plots").exists()
    assert not (copy / "report.html").exists()


def test_of_a_version_on_the_hub_the_page_is_written_here(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tldr_data.hub.opening.open_dataset", lambda place: built)
    monkeypatch.setattr("sys.argv", ["tldr-data", "report", "user/boxes@1.0.0"])
    with pytest.raises(SystemExit, match="0"):
        main()
    assert capsys.readouterr().out == "boxes-1.0.0.html\n"
    assert data_of((tmp_path / "boxes-1.0.0.html").read_text(encoding="utf-8"))["rows"]
