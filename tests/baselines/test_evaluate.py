"""From a trained model to tables: every detector through one evaluation."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

import datasets
from PIL import Image
from safetensors.torch import load_file, save_file

from baselines import evaluate, predict, score
from baselines.config import Run
from baselines.predictions import read_predictions, write_predictions
from baselines.responses import Responses, dataset_responses
from baselines.rewards import rewards_of
from baselines.scoring import open_scorer
from baselines.train import train
from tests.baselines.folders import save_backbone
from tldr_data.building.plan import Plan
from tldr_data.errors import InputError, UsageError
from tldr_data.pipeline import build

pytestmark = [
    # peft 0.21 asks transformers 5.23 for something by its old name.
    pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning"),
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
]


FEW: dict[str, Any] = {
    **{"responses_per_step": 32, "responses_per_pass": 32, "warmup_steps": 0},
    **{"precision": "fp32", "checkpointing": False},
}


@pytest.fixture(scope="module", autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    torch.set_num_threads(1)
    before = datasets.config.HF_DATASETS_CACHE
    datasets.config.HF_DATASETS_CACHE = tmp_path_factory.mktemp("cache")
    yield
    datasets.config.HF_DATASETS_CACHE = before


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "out"
    build(Plan(taxonomies=("attribute", "counting"), out=out, limit=40))
    return out


@pytest.fixture(scope="module")
def models(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Three of tiny, hardly trained: one that sees, one that does not, and the naive one; and one with an adapter."""
    folder = tmp_path_factory.mktemp("runs")
    kinds: dict[str, dict[str, Any]] = {
        "naive": {"loss": "naive"},
        "tldr": {},
        "text-only": {"images": "blank"},
        "echo": {"context": "echo"},
        "adapter": {"weights": save_backbone("paligemma", folder / "backbone")},
    }
    made = {}
    for name, told in kinds.items():
        few = {"attribute": 0.3, "counting": 0.3, "clean": 0.1}
        data = {"dataset": str(built), "workers": 0, "validation": 0, "taxonomies": few, "paraphrases": False}
        data["images"] = told.get("images", "shown")
        model = {"weights": told.get("weights", "tiny"), "context": told.get("context", "causal")}
        lora = {"rank": 4, "alpha": 8} if "weights" in told else None
        run = {"model": model, "lora": lora, "data": data, "steps": FEW, "logs": []}
        made[name] = str(train(Run.model_validate({**run, "loss": told.get("loss", "bce"), "out": folder / name})))
    return made


def sets(built: Path) -> evaluate.Sets:
    return evaluate.Sets(dataset_responses(str(built)), dataset_responses(str(built), "validation"))


def test_one_evaluation_for_every_detector(built: Path, models: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = evaluate.compare(sets(built), models, out)
    assert (out / "tables.md").read_text(encoding="utf-8") == told
    assert {path.name for path in (out / "plots").iterdir()} == {
        "precision_recall.png",
        "calibration.png",
        "taxonomies.png",
    }
    found = json.loads((out / "tables.json").read_text(encoding="utf-8"))
    assert [*found["detectors"]] == [*models, "all GOOD", "random"]
    assert found["detectors"]["text-only"]["images_swapped"] is None
    assert found["detectors"]["tldr"]["images_swapped"]["ap_neg"]["value"] is not None
    assert set(found["gain_over_text"]) == {"tldr", "echo"}
    assert "| naive |  |  | " in told
    told_of = re.search(r"\n([\d,]+) responses .* BAD, in percent: \S+ of ([\d,]+) tokens, ", told)
    assert told_of is not None
    assert int(told_of[2].replace(",", "")) > 3 * int(told_of[1].replace(",", ""))
    again = tmp_path / "again"
    evaluate.compare(sets(built), models, again)
    assert (again / "tables.json").read_bytes() == (out / "tables.json").read_bytes()


def test_a_model_is_asked_again_only_where_something_is_another(
    built: Path, models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, path = shutil.copytree(models["tldr"], tmp_path / "model"), tmp_path / "out" / "tldr.jsonl"

    def is_asked(responses: Responses, images: predict.Images = "shown") -> bool:
        found = rewards_of(str(model), responses, images, path)
        assert len(found.ids) == len(responses.images)
        return "tldr: " in capsys.readouterr().err

    responses = dataset_responses(str(built))
    assert is_asked(responses)
    before = path.read_bytes()
    assert not is_asked(responses)
    assert is_asked(dataset_responses(str(built), limit=5))
    assert is_asked(responses, "blank")
    assert is_asked(responses)
    assert path.read_bytes() == before
    weights = load_file(model / "model.safetensors")
    save_file({**weights, "score.bias": weights["score.bias"] + 1}, model / "model.safetensors", {"format": "pt"})
    assert is_asked(responses)
    assert path.read_bytes() != before


@pytest.mark.parametrize("change", ["lacks", "other"])
def test_a_checkpoint_of_other_weights_than_the_model_has_is_refused(
    models: dict[str, str], tmp_path: Path, change: str
) -> None:
    model = shutil.copytree(models["tldr"], tmp_path / "model")
    weights = load_file(model / "model.safetensors")
    if change == "lacks":
        del weights["score.weight"]
    else:
        weights["gate.weight"] = torch.ones(1)
    save_file(weights, model / "model.safetensors", {"format": "pt"})
    expected = "are missing, the first is score.weight" if change == "lacks" else "the first is gate.weight"
    with pytest.raises(InputError, match=f"1 weights .*{expected}"):
        open_scorer(model)


def test_rewards_stand_at_their_tokens_whatever_is_read_before(built: Path, models: dict[str, str]) -> None:
    for name in ("tldr", "echo", "adapter"):
        rows = list(predict.predict(models[name], dataset_responses(str(built))))
        assert len({row.id for row in rows}) == len(rows) > 10
        for row in rows:
            assert len(row.scores) == len(row.offsets) == len(row.labels)
            assert "".join(row.response[start:end] for start, end in row.offsets) == row.response
            assert all(0 <= value <= 1 for value in row.scores)


def test_a_response_scored_alone_has_the_rewards_that_it_has_in_company(built: Path, models: dict[str, str]) -> None:
    for name in ("tldr", "echo", "adapter"):
        together = {row.id: row.scores for row in predict.predict(models[name], dataset_responses(str(built)))}
        [first] = predict.predict(models[name], dataset_responses(str(built), limit=1))
        assert first.scores == pytest.approx(together[first.id], abs=1e-5)


def test_a_model_that_sees_nothing_says_the_same_of_every_image(built: Path, models: dict[str, str]) -> None:
    responses = dataset_responses(str(built))
    shown = {row.id: row.scores for row in predict.predict(models["text-only"], responses)}
    swapped = {row.id: row.scores for row in predict.predict(models["text-only"], responses, "swapped")}
    assert all(scores == pytest.approx(swapped[name], abs=1e-6) for name, scores in shown.items())
    seen = {row.id: row.scores for row in predict.predict(models["tldr"], responses)}
    other = {row.id: row.scores for row in predict.predict(models["tldr"], responses, "swapped")}
    assert any(scores != pytest.approx(other[name], abs=1e-6) for name, scores in seen.items())


def test_the_naive_model_has_one_reward_a_response(built: Path, models: dict[str, str]) -> None:
    rows = list(predict.predict(models["naive"], dataset_responses(str(built))))
    assert {len(row.scores) for row in rows} == {1}
    assert {(row.kind == "perturbed", row.labels[0]) for row in rows} == {(True, 0), (False, 1)}


def test_an_export_scores_as_the_checkpoint(built: Path, models: dict[str, str], tmp_path: Path) -> None:
    from baselines.export import export

    export(models["adapter"], tmp_path / "Llama-export", dtype=torch.float32)
    responses = dataset_responses(str(built))
    folders = (models["adapter"], tmp_path / "Llama-export")
    one, other = ([row.scores for row in predict.predict(folder, responses)] for folder in folders)
    assert all(a == pytest.approx(b, abs=1e-4) for a, b in zip(one, other, strict=True))


def test_predictions_of_others_come_as_lines(built: Path, models: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    assert predict.main([models["tldr"], str(built), "-o", str(path)]) == 0
    write_predictions(
        path, [row._replace(scores=[float(label != 0) for label in row.labels]) for row in read_predictions(path)]
    )
    told = evaluate.compare(sets(built), {"other": str(path)}, tmp_path / "out")
    assert "| other | 100.0 (100.0 to 100.0) | 100.0" in told


def test_predictions_of_other_rows_are_refused(built: Path, models: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "few.jsonl"
    assert predict.main([models["tldr"], str(built), "-o", str(path), "--limit", "5"]) == 0
    with pytest.raises(InputError, match="does not tell of"):
        evaluate.compare(sets(built), {"few": str(path)}, tmp_path / "out")
    few = evaluate.Sets(dataset_responses(str(built), limit=3))
    with pytest.raises(InputError, match="tells of 5 responses"):
        evaluate.compare(few, {"few": str(path)}, tmp_path / "out")


def test_spans_of_others_are_held_against_the_rows(built: Path, tmp_path: Path) -> None:
    responses = dataset_responses(str(built))
    rows = responses.at(range(len(responses.images)))
    path = tmp_path / "spans.jsonl"
    path.write_text("".join(json.dumps({"id": row["id"], "spans": row["errors"]}) + "\n" for row in rows))
    told = evaluate.compare(evaluate.Sets(responses), {"spans": str(path)}, tmp_path / "out")
    assert "| spans | 100.0 (100.0 to 100.0) | 100.0" in told


def test_a_test_set_of_others_is_judged_too(models: dict[str, str], tmp_path: Path, capsys: Any) -> None:
    Image.new("RGB", (80, 80), "red").save(tmp_path / "a.png")
    Image.new("RGB", (80, 80), "blue").save(tmp_path / "b.png")
    rows = [
        {"image": f"{name}.png", "response": f"A {word} wall.", "labels": [1, int(name == "a"), 1]}
        for name in "ab"
        for word in ("red", "scarlet")
    ]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = [
        "--outside",
        "jsonl",
        str(tmp_path / "own.jsonl"),
        f"tldr={models['tldr']}",
        "-o",
        str(tmp_path / "out"),
    ]
    assert evaluate.main(arguments) == 2
    assert "needs --images-in DIR" in capsys.readouterr().err
    assert evaluate.main([*arguments, "--images-in", str(tmp_path)]) == 0
    assert "4 responses to 2 images. BAD, in percent: 1" in capsys.readouterr().out


def test_your_own_text_is_scored_word_by_word(models: dict[str, str], tmp_path: Path, capsys: Any) -> None:
    image = tmp_path / "image.png"
    Image.new("RGB", (100, 80), "red").save(image)
    words = score.rate(models["tldr"], image, "Two red cups, here.")
    assert [word.text for word in words] == ["Two", "red", "cups", "here"]
    assert score.main([models["tldr"], str(image), "Two red cups."]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    with pytest.raises(InputError, match="has no word"):
        score.rate(models["tldr"], image, "...")
    with pytest.raises(InputError, match="cannot be opened"):
        score.rate(models["tldr"], tmp_path / "none.png", "Two.")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["tldr"], 2, "each is NAME=SOURCE"),
        (["random=x"], 2, "name 'random': allowed are letters"),
        (["tldr=/nowhere"], 1, "neither a folder of a model (with tldr.json) nor a file"),
    ],
)
def test_wrong_sources_are_told(
    arguments: list[str], status: int, told: str, built: Path, tmp_path: Path, capsys: Any
) -> None:
    assert evaluate.main([str(built), *arguments, "-o", str(tmp_path / "out")]) == status
    assert told in capsys.readouterr().err


def test_a_file_of_something_else_is_told(built: Path, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "windows.jsonl"
    path.write_text('{"id": "a", "spans": []}\n', encoding="utf-16")
    assert evaluate.main([str(built), f"other={path}", "-o", str(tmp_path / "out")]) == 1
    assert evaluate.main([str(built), f"other={path}", "-o", str(path)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert all(line.startswith("error: ") and "windows.jsonl" in line for line in told)


def test_a_dataset_without_validation_is_judged_without_thresholds(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "built"
    build(Plan(taxonomies=("counting",), out=out, limit=12, splits="paper"))
    path = tmp_path / "none.jsonl"
    rows = dataset_responses(str(out))
    ids = [row["id"] for row in rows.at(range(len(rows.images)))]
    path.write_text("".join(json.dumps({"id": name, "spans": []}) + "\n" for name in ids), encoding="utf-8")
    assert evaluate.main([str(out), f"silent={path}", "-o", str(tmp_path / "out")]) == 0
    assert "| silent | minimum | 50.0 (50.0 to 50.0) | undefined |" in capsys.readouterr().out
    data = {"dataset": str(out), "workers": 0, "validation": 5}
    run = {"model": {"weights": "tiny"}, "lora": None, "data": data, "steps": FEW, "logs": [], "out": tmp_path / "run"}
    with pytest.raises(UsageError, match=r"data\.validation 5: .* has no such split; allowed: 0"):
        train(Run.model_validate(run))


def test_what_is_no_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tldr.json"):
        open_scorer(tmp_path)
