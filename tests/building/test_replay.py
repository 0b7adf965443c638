"""A build made again from its manifest: the same content anywhere, and one line for what is not the same."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tldr_data.building.replay
from tldr_data import cli
from tldr_data.building.plan import LlmPlan, Plan, SourcePlan
from tldr_data.building.replay import content_difference, foretell, open_original, plan_of
from tldr_data.check import find_faults
from tldr_data.errors import BuildError, InputError, TldrError, UsageError
from tldr_data.manifest import load_manifest
from tldr_data.pipeline import build

ROOT = Path(__file__).parents[2]
WEATHER = """\
name: weather
definition: The weather is changed.
origin: test  # a comment stays
subtypes:
  sky: {definition: the colour, rule: adjective, groups: [[red, blue, green, yellow, white, black]]}
"""
Contents = Callable[[Path], dict[str, bytes]]


def again(place: Path, out: Path, *paths: Path) -> dict[str, Any]:
    """The manifest of the rebuilt dataset; nothing was foretold to differ, and nothing does."""
    original = open_original(str(place))
    plan = plan_of(original, [str(path) for path in paths], out)
    assert foretell(original, plan) == []
    manifest = build(plan)
    assert content_difference(original, manifest) is None
    return manifest


def command(*arguments: str | Path) -> tuple[int, str]:
    """Exit status and stderr; a TldrError is raised."""
    result = CliRunner().invoke(cli.app, ["build", *map(str, arguments), "--workers", "1"], catch_exceptions=True)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stderr


def edited(built: Path, folder: Path, **recipe: Any) -> Path:
    """A copy of what is published for a rebuild, with another recipe."""
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("*.parquet"))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["recipe"] |= recipe
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 3, "limit": 6, "splits": "paper", "embed_images": "no", "paraphrase_ratio": 0.9},
        {"limit": 8, "pairs": True},
        {"limit": 8, "target": 12, "questions": 9},
        {"limit": 12, "max_guessability": 0.6},
    ],
    ids=lambda options: " ".join(options),
)
def test_what_is_built_again_has_the_same_bytes(options: dict[str, Any], tmp_path: Path, contents: Contents) -> None:
    out = tmp_path / "out"
    build(Plan(taxonomies=("spatial", "attribute"), out=out, chunk_rows=5, **options))
    again(out, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(out)


def test_sources_and_what_is_held_out_come_from_elsewhere(
    captions_file: Path, tmp_path: Path, contents: Contents
) -> None:
    held_out = tmp_path / "list.txt"
    held_out.write_text("COCO_val2014_000000000012.jpg\n3\n", encoding="utf-8")
    table = tmp_path / "rows.jsonl"
    table.write_text('{"text": "A red cup is left of a plate of Ulm.", "image": null}\n', encoding="utf-8")
    columns = {"response": "text", "license": "=CC0-1.0"}
    sources = (
        SourcePlan("jsonl", captions_file),
        SourcePlan("scenes"),
        SourcePlan("hf", table, (("columns", columns),)),
    )
    out = tmp_path / "out"
    build(Plan(taxonomies=("attribute",), sources=sources, out=out, limit=10, held_out=held_out))
    shutil.copytree(captions_file.parent, tmp_path / "moved")
    (tmp_path / "tables").mkdir()
    table.rename(tmp_path / "tables" / table.name)
    held_out.unlink()
    again(out, tmp_path / "again", tmp_path / "moved" / captions_file.name, tmp_path / "tables" / table.name)
    assert contents(tmp_path / "again") == contents(out)
    with pytest.raises(UsageError, match=r"--path is given 0 times: needed are 2, for jsonl, hf$"):
        plan_of(open_original(str(out)), [], tmp_path / "other")
    (out / "held_out.txt").unlink()
    with pytest.raises(InputError, match=r"held_out\.txt: is not there"):
        plan_of(open_original(str(out)), ["a", "b"], tmp_path / "other")


def test_a_source_on_the_hub_is_read_at_its_commit(built: Path, tmp_path: Path) -> None:
    pinned = f"user/captions@{'0123456789' * 4}"
    sources = [{"name": "hf", "path": pinned, "config": "en"}]
    plan = plan_of(open_original(str(edited(built, tmp_path / "copy", sources=sources))), [], tmp_path / "out")
    assert plan.sources == (SourcePlan("hf", Path(pinned), (("config", "en"),)),)


def test_of_a_dataset_on_the_hub_only_what_is_needed_is_fetched(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(tldr_data.building.replay, "open_dataset", lambda *given: asked.append(given) or built)
    assert open_original("user/set@1.0.0").manifest == load_manifest(built)
    assert asked == [("user/set@1.0.0", ("manifest.json", "requests.jsonl.zst", "held_out.txt", "taxonomies/*.yaml"))]


def test_other_input_is_refused_by_the_name_of_its_source(built: Path, captions_file: Path, tmp_path: Path) -> None:
    path = tmp_path / captions_file.name
    path.write_text(captions_file.read_text(encoding="utf-8").replace("Villa7 ", "Villa8 "), encoding="utf-8")
    original = open_original(str(built / "manifest.json"))
    with pytest.raises(InputError, match=r"^source 'jsonl': .*captions\.jsonl is not what .* [0-9a-f]{16} here, "):
        foretell(original, plan_of(original, [str(path)], tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_an_own_taxonomy_is_published_and_found_again(tmp_path: Path, contents: Contents) -> None:
    own, shipped, out = tmp_path / "mine.yaml", tmp_path / "copied.yaml", tmp_path / "out"
    own.write_text(WEATHER, encoding="utf-8")
    shutil.copy(ROOT / "taxonomies" / "counting.yaml", shipped)
    build(Plan(taxonomies=(str(own), "spatial", str(shipped)), out=out, limit=4))
    assert [path.name for path in (out / "taxonomies").iterdir()] == ["weather.yaml"]
    assert (out / "taxonomies" / "weather.yaml").read_text(encoding="utf-8") == WEATHER
    assert "taxonomies/weather.yaml" in load_manifest(out)["files"]
    assert list(find_faults(out)) == []
    own.unlink()
    again(out, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(out)
    (out / "taxonomies" / "weather.yaml").write_text(WEATHER.replace("black", "pink"), encoding="utf-8")
    with pytest.raises(InputError, match="is not the taxonomy of the recipe"):
        plan_of(open_original(str(out)), [], tmp_path / "other")
    shutil.rmtree(out / "taxonomies")
    with pytest.raises(InputError, match="no taxonomy 'weather' is shipped"):
        plan_of(open_original(str(out)), [], tmp_path / "other")


def test_a_taxonomy_that_changes_under_a_build_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(WEATHER, encoding="utf-8")
    plan = Plan(taxonomies=(str(own),), out=tmp_path / "out", limit=5)

    def changing(plan: Plan) -> Any:
        found = real(plan)
        own.write_text(WEATHER.replace("black", "pink"), encoding="utf-8")
        return found

    import tldr_data.pipeline

    real = tldr_data.pipeline.sources_of
    monkeypatch.setattr(tldr_data.pipeline, "sources_of", changing)
    with pytest.raises(BuildError, match=r"mine\.yaml: was changed since the build began"):
        build(plan)


def test_no_taxonomy_takes_the_folder_of_taxonomies(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(WEATHER.replace("weather", "taxonomies", 1), encoding="utf-8")
    with pytest.raises(UsageError, match="its name is taken"):
        build(Plan(taxonomies=(str(own),), out=tmp_path / "out", limit=5))


def test_other_versions_are_told_and_content_decides(built: Path, captions_file: Path, tmp_path: Path) -> None:
    recipe = load_manifest(built)["recipe"]
    versions = recipe["versions"] | {"numpy": "1.0", "tagger": "mine\x1b[31m"}
    copy = edited(built, tmp_path / "copy", versions=versions, lexicons="0" * 64, seed=2)
    arguments = ("--from-manifest", copy, "--path", captions_file, "--out", tmp_path / "out")
    with pytest.raises(BuildError) as failed:
        command(*arguments)
    assert f"the manifest says {load_manifest(built)['content_hash'][:16]}: clean/" in str(failed.value)
    assert str(failed.value).endswith("differ; the build is kept")
    original = open_original(str(copy))
    lines = foretell(original, plan_of(original, [str(captions_file)], tmp_path / "out"))
    assert lines[0].startswith(f"lexicons is {recipe['lexicons'][:16]} here, 0000000000000000 there")
    assert lines[1] == f"versions.numpy is {recipe['versions']['numpy']} here, 1.0 there: the content may differ"
    assert r"'mine\x1b[31m' there" in lines[2]
    assert len(lines) == 3
    assert list(find_faults(tmp_path / "out")) == []


def test_the_command_builds_again_and_takes_no_other_options(built: Path, captions_file: Path, tmp_path: Path) -> None:
    whole = ("--from-manifest", built, "--path", captions_file, "--out", tmp_path / "out")
    status, told = command(*whole)
    assert status == 0
    assert f"the content is that of {built}\n" in told
    for extra in (("--seed", 0), ("--taxonomy", "spatial"), ("--pairs",), ("--dry-run",), ("--budget", "1usd")):
        with pytest.raises(
            UsageError, match=f"^{extra[0]} goes without --from-manifest: beside it only --path, --out, "
        ):
            command(*whole, *map(str, extra))
    for out in (built, built / ".." / built.name):
        with pytest.raises(UsageError, match="is the build that is to be made again"):
            command("--from-manifest", built, "--path", captions_file, "--out", out)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"splits": "half"}, r"recipe\.splits: "),
        ({"limit": -1}, r"recipe\.limit\.?: "),
        ({"taxonomies": {"../x": "0"}}, r"recipe\.taxonomies\."),
        ({"sources": [{"name": "cocoa", "path": None}]}, "unknown source 'cocoa'"),
        ({"sources": [{"name": "scenes", "path": None, "speed": "x"}]}, "has no option 'speed'"),
        ({"llm": {"model": "m", "ask": "auto", "judges": "text", "nli": None}}, r"requests\.jsonl\.zst: is not there"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_recipe_that_cannot_be_followed_is_one_line(
    recipe: dict[str, Any], said: str, built: Path, tmp_path: Path
) -> None:
    copy = edited(built, tmp_path / "copy", **{"sources": [{"name": "scenes", "path": None}], **recipe})
    with pytest.raises(TldrError, match=said):
        command("--from-manifest", copy, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_no_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"needed is a manifest\.json, a finished build, or REPO@VERSION"):
        open_original(str(tmp_path / "other.json"))
    for place in (tmp_path / "nowhere", tmp_path / "manifest.json"):
        with pytest.raises(InputError):
            open_original(str(place))


@pytest.mark.parametrize(
    ("llm", "options"),
    [({}, {}), ({"ask": "edits", "judges": "image"}, {"target": 6}), ({"budget": "60ktok"}, {"limit": 60})],
    ids=["whole", "target", "stopped"],
)
def test_what_a_model_wrote_is_made_again_without_it(
    llm: dict[str, Any],
    options: dict[str, Any],
    model_server: str,
    captions_file: Path,
    tmp_path: Path,
    contents: Contents,
) -> None:
    out, names = tmp_path / "out", ("spatial", "attribute", "counting")
    asked = LlmPlan(**{"backend": "openai", "model": "tiny", "base_url": model_server, **llm})
    source = SourcePlan("jsonl", captions_file)
    settings = {"limit": 24, "chunk_rows": 4, **options}
    build(Plan(taxonomies=names, sources=(source,), out=out, llm=asked, **settings))
    assert bool(load_manifest(out)["stopped"]) is ("budget" in llm)
    again(out, tmp_path / "again", captions_file)
    found = {name: content for name, content in contents(tmp_path / "again").items() if not name.startswith(".work/")}
    assert found == {name: content for name, content in contents(out).items() if not name.startswith(".work/")}
