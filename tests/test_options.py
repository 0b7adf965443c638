"""A build told by a file, and by a file and the command line together."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tldr_data import cli
from tldr_data.building.plan import Plan
from tldr_data.commands import build
from tldr_data.commands.options import given_sources
from tldr_data.errors import TldrError, UsageError


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The plan that a command line makes; nothing is built."""
    plans: list[Plan] = []
    monkeypatch.setattr(build, "_run", lambda plan, as_json: plans.append(plan))

    def plan_of(*arguments: str | Path) -> Plan:
        result = CliRunner().invoke(cli.app, ["build", *map(str, arguments)], catch_exceptions=True)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return plans.pop()

    return plan_of


def write(folder: Path, content: Any) -> Path:
    path = folder / "build.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_a_file_says_all_and_the_command_line_goes_first(planned: Any, tmp_path: Path) -> None:
    sources = [
        {"name": "visual_genome", "path": "vg", "merged": True},
        {"name": "hf", "path": "user/set", "columns": {"response": "caption"}},
        {"name": "scenes"},
    ]
    path = write(
        tmp_path,
        {
            "taxonomy": ["spatial", "text"],
            "sources": sources,
            "seed": 5,
            "limit": 7,
            "embed-images": "no",
            "splits": "paper",
        },
    )
    plan = planned("--config", path, "--seed", 9)
    assert (plan.seed, plan.limit, plan.embed_images, plan.splits) == (9, 7, "no", "paper")
    assert plan.taxonomies == ("spatial", "text")
    assert [(each.name, each.path and each.path.as_posix()) for each in plan.sources] == [
        ("visual_genome", "vg"),
        ("hf", "user/set"),
        ("scenes", None),
    ]
    assert plan.sources[0].options == (("merged", True),)
    assert dict(plan.sources[1].options) == {"columns": {"response": "caption"}}
    assert [each.name for each in planned("--config", path, "--source", "coco", "--path", "c").sources] == ["coco"]


def test_one_value_stands_for_a_list_of_one(planned: Any, tmp_path: Path) -> None:
    plan = planned("--config", write(tmp_path, {"taxonomy": "spatial", "source": "coco", "path": "c"}))
    assert plan.taxonomies == ("spatial",)
    assert [each.name for each in plan.sources] == ["coco"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"taxonomy": ["all"], "seeds": 3}, "unknown option 'seeds': allowed are sources, "),
        (["taxonomy"], "is no YAML mapping"),
        ({"taxonomy": ["all"], "sources": "coco"}, "must be a list of mappings, each with a name"),
        ({"taxonomy": ["all"], "sources": [{"path": "x"}]}, "must be a list of mappings, each with a name"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(content: Any, said: str, planned: Any, tmp_path: Path) -> None:
    with pytest.raises(TldrError, match=said):
        planned("--config", write(tmp_path, content))


@pytest.mark.parametrize("value", [{"limit": "many"}, {"seed": "x"}, {"splits": "half"}])
def test_a_value_of_the_wrong_type_is_refused(value: dict[str, Any], tmp_path: Path) -> None:
    path = write(tmp_path, {"taxonomy": ["all"], **value})
    result = CliRunner().invoke(cli.app, ["build", "--config", str(path)])
    assert result.exit_code == 2


def test_paths_go_to_the_sources_that_read(tmp_path: Path) -> None:
    assert given_sources(["coco", "scenes", "docci"], ["c", "d"], None) == [
        {"name": "coco", "path": "c"},
        {"name": "scenes", "path": None},
        {"name": "docci", "path": "d"},
    ]
    assert given_sources(None, None, None) == [{"name": "scenes", "path": None}]
    with pytest.raises(UsageError, match="--path is given 1 times: needed are 2, for coco, docci"):
        given_sources(["coco", "docci"], ["c"], None)
    with pytest.raises(UsageError, match="one path for each source"):
        given_sources(["coco"], ["c", "d"], None)


def test_a_config_and_json_go_together(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"response": "A red cup is left of a plate.", "license": "CC0-1.0"}), encoding="utf-8")
    config = {"taxonomy": "spatial", "sources": [{"name": "jsonl", "path": str(rows)}], "out": str(tmp_path / "out")}
    command = ["build", "--config", str(write(tmp_path, config)), "--workers", "1", "--json"]
    result = CliRunner().invoke(cli.app, command)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["rows"]["clean"]
