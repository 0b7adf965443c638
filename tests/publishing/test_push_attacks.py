"""Pushes by the clumsy and among the hostile: odd repositories, two at a time, stopped by hand."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tldr_data.cli import app
from tldr_data.dataset import schema_of
from tldr_data.errors import HubError, InputError, TldrError, UsageError
from tldr_data.hub.answers import hub_errors
from tldr_data.hub.opening import open_dataset
from tldr_data.publishing.changelog import compare_places
from tldr_data.publishing.push import PushPlan, foresee_push, push
from tldr_data.versions import parse_version

REPO = "user/false-words"


def plan(directory: Path, version: str, repository: str = REPO, **options: Any) -> PushPlan:
    return PushPlan(directory=directory, repository=repository, version=parse_version(version), **options)


def holds(hub: Any, revision: str, directory: Path, repository: str = REPO) -> bool:
    """Whether a revision is that build and nothing else."""
    ours = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if path.is_file()}
    there = hub.files(repository, revision)
    return {name: data for name, data in there.items() if not name.startswith(".git")} == {
        name: path.read_bytes() for name, path in ours.items() if not name.startswith((".work/", "audit/"))
    }


def told(error: TldrError) -> str:
    message = str(error)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "name", ["false-words", "https://huggingface.co/datasets/user/false-words", "user/false words", "user/ünï", "/", ""]
)
def test_a_name_that_is_none_is_told_before_anything_is_done(name: str, hub: Any, one: Path) -> None:
    with pytest.raises(UsageError, match="USER/NAME"):
        push(plan(one, "1.0.0", name))
    assert hub.requests == []


@pytest.mark.parametrize("branch", ["refs/pr/1", "v1.0.0", "2.0.0", ""])
def test_a_branch_is_no_pull_request_and_no_version(branch: str, hub: Any, one: Path) -> None:
    with pytest.raises(UsageError, match="--branch"):
        push(plan(one, "1.0.0", branch=branch))
    assert hub.requests == []


def test_a_branch_that_is_made_keeps_no_files_of_the_version_before(hub: Any, one: Path, two: Path) -> None:
    push(plan(two, "1.0.0"))
    stray = {**hub.files(REPO), "clean/old.parquet": b"old"}
    manifest = json.loads(stray["manifest.json"])
    manifest["files"]["clean/old.parquet"] = {"bytes": 3, "sha256": ""}
    hub.commit(REPO, "refs/heads/main", {**stray, "manifest.json": json.dumps(manifest).encode()}, "old")
    assert push(plan(one, "2.0.0", branch="draft")).removed == ["clean/old.parquet"]
    assert holds(hub, "draft", one)
    assert holds(hub, "v2.0.0", one)


def test_what_a_gitignore_names_is_published_too(hub: Any, one: Path) -> None:
    hub.create(REPO, private=False)
    ignored = {".gitignore": b"*.json\n*.parquet\n*.png\n"}
    hub.commit(REPO, "refs/heads/main", {**hub.files(REPO), **ignored}, "ignore")
    push(plan(one, "1.0.0"))
    assert holds(hub, "v1.0.0", one)


def test_a_manifest_of_another_tool_is_told(hub: Any, one: Path) -> None:
    hub.create(REPO, private=False)
    for content in (b'{"name": "an app"}', b"\xff not json", b"[]"):
        hub.commit(REPO, "refs/heads/main", {**hub.files(REPO), "manifest.json": content}, "theirs")
        with pytest.raises(InputError, match=rf"{REPO}.*manifest.json") as raised:
            push(plan(one, "1.0.0"))
        assert "cache" not in told(raised.value)


def test_a_version_of_another_tool_is_told(hub: Any, one: Path) -> None:
    hub.create(REPO, private=False)
    found = hub.repositories[REPO]
    found.refs["refs/tags/v0.9.0"] = found.refs["refs/heads/main"]
    with pytest.raises(InputError, match=rf"{REPO}@0.9.0: no manifest.json"):
        push(plan(one, "1.0.0"))
    with pytest.raises(InputError, match=rf"{REPO}@0.9.0: no manifest.json"):
        push(plan(one, "0.9.0"))


def test_of_two_pushes_at_the_same_time_one_is_whole(hub: Any, one: Path, two: Path) -> None:
    """Whichever comes first: the repository never holds a mixture, nor a tag of what is not there."""
    for at_once in ([one, two], [one, Path(shutil.copytree(one, one.parent / "same"))]):
        hub.repositories.clear()
        errors: list[BaseException] = []
        barrier = threading.Barrier(2)
        threads = [threading.Thread(target=_pushed, args=(plan(each, "1.0.0"), barrier, errors)) for each in at_once]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(isinstance(error, HubError | UsageError) for error in errors), errors
        assert len(errors) < 2
        assert hub.tags(REPO) == {"v1.0.0"}
        assert any(holds(hub, "v1.0.0", each) for each in at_once)
        assert hub.files(REPO, "main") == hub.files(REPO, "v1.0.0")


def _pushed(pushing: PushPlan, barrier: threading.Barrier, errors: list[BaseException]) -> None:
    barrier.wait()
    try:
        push(pushing)
    except TldrError as error:
        errors.append(error)


def test_a_repository_that_another_fills_between_its_making_and_the_commit(
    hub: Any, one: Path, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    make = huggingface_hub.HfApi.create_repo

    def make_and_lose(*arguments: Any, **options: Any) -> Any:
        made = make(*arguments, **options)
        monkeypatch.setattr(huggingface_hub.HfApi, "create_repo", make)
        push(plan(two, "1.0.0"))
        return made

    monkeypatch.setattr(huggingface_hub.HfApi, "create_repo", make_and_lose)
    with pytest.raises(HubError, match="somebody changed it at the same time"):
        push(plan(one, "1.0.0"))
    assert holds(hub, "main", two)
    assert holds(hub, "v1.0.0", two)


def test_a_renamed_repository_takes_pushes(hub: Any, one: Path, two: Path) -> None:
    push(plan(one, "1.0.0"))
    hub.repositories["user/new-name"] = hub.repositories.pop(REPO)
    hub.renamed = {REPO: "user/new-name"}
    push(plan(two, "2.0.0"))
    assert holds(hub, "v2.0.0", two, "user/new-name")
    assert open_dataset(f"{REPO}@1.0.0").is_dir()


def test_a_gated_dataset_is_told(hub: Any, one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push(plan(one, "1.0.0"))
    hub.repositories[REPO].gated = True
    monkeypatch.setenv("HF_TOKEN", "reader")
    with pytest.raises(HubError, match=rf"{REPO}: is gated: ask for access at {hub.url}/datasets/{REPO}") as raised:
        open_dataset(f"{REPO}@1.0.0")
    told(raised.value)


def test_what_needs_a_token_says_so(hub: Any, one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push(plan(one, "1.0.0"))
    monkeypatch.setenv("HF_TOKEN", "")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(one / "no-token"))
    with pytest.raises(HubError, match="HF_TOKEN") as raised:
        open_dataset("user/nothing@1.0.0")
    assert "no such dataset" in told(raised.value)
    with pytest.raises(HubError, match="HF_TOKEN"):
        push(plan(one, "1.1.0"))
    with pytest.raises(HubError, match="HF_TOKEN"):
        push(plan(one, "1.0.0", "user/not-there"))


def test_an_object_that_is_refused_is_told(hub: Any, one: Path) -> None:
    files = json.loads((one / "manifest.json").read_text(encoding="utf-8"))["files"]
    hub.refused_objects = {files["clean/train-00000-of-00001.parquet"]["sha256"]: "Repository storage limit reached"}
    with pytest.raises(HubError, match="storage limit reached") as raised:
        push(plan(one, "1.0.0"))
    assert "not reached" not in told(raised.value)
    assert set(hub.files(REPO)) == {".gitattributes"}


@pytest.mark.parametrize("headers", [{"Retry-After": "55"}, {"RateLimit": '"api";r=0;t=55'}])
def test_how_long_to_wait_is_told(headers: dict[str, str], hub: Any, one: Path) -> None:
    hub.fail(0, 429, path="/refs")
    hub.failure_headers = headers
    with pytest.raises(HubError, match="try again in 55 s"):
        push(plan(one, "1.0.0"))


def test_no_message_tells_the_token(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP libraries quote a header that they cannot send."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret\x01word")
    for said in ("Illegal header value b'Bearer hf_secret\\x01word'", "Bearer hf_secret\x01word"):
        with pytest.raises(HubError, match=r"\*\*\*") as raised, hub_errors(REPO):
            raise OSError(said)
        assert "secret" not in told(raised.value)


def test_a_token_that_is_none_is_told(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_s\u00e9cret")
    with pytest.raises(HubError, match="HF_TOKEN is no token") as raised:
        open_dataset(f"{REPO}@1.0.0")
    assert "cret" not in told(raised.value)


def test_a_disk_that_is_full_is_told_as_such(hub: Any, one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push(plan(one, "1.0.0"))

    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device", "blobs/1")

    monkeypatch.setattr("huggingface_hub.snapshot_download", full)
    with pytest.raises(TldrError, match="blobs/1: No space left on device") as raised:
        open_dataset(f"{REPO}@1.0.0")
    assert "not reached" not in told(raised.value)


def test_a_dry_run_writes_nothing_into_the_folder(hub: Any, one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it may be killed anywhere."""
    before = {path: path.read_bytes() for path in one.rglob("*") if path.is_file()}
    seen = []
    monkeypatch.setattr("tldr_data.publishing.push.remote_hashes", lambda *given: seen.append(state(one)) or {})
    hub.create(REPO, private=False)
    foresee_push(plan(one, "1.0.0"))
    assert seen == [before]


def state(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_tag_that_was_deleted_comes_back(hub: Any, one: Path, two: Path) -> None:
    push(plan(one, "1.0.0"))
    del hub.repositories[REPO].refs["refs/tags/v1.0.0"]
    push(plan(one, "1.0.0"))
    assert hub.tags(REPO) == {"v1.0.0"}
    assert holds(hub, "v1.0.0", one)


def test_an_older_line_does_not_take_the_place_of_a_newer_version(hub: Any, one: Path, two: Path) -> None:
    push(plan(one, "1.0.0"))
    push(plan(two, "2.0.0"))
    with pytest.raises(UsageError, match=r"2.0.0.*--branch"):
        push(plan(one, "1.0.1"))
    push(plan(one, "1.0.1", branch="one"))
    assert holds(hub, "v1.0.1", one)
    assert holds(hub, "main", two)


def test_a_tag_that_is_there_already_is_told(hub: Any, one: Path, two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    push(plan(one, "1.0.0"))
    refs = hub.repositories[REPO].refs
    upload = huggingface_hub.HfApi.preupload_lfs_files

    def upload_for_hours(*arguments: Any, **options: Any) -> None:
        upload(*arguments, **options)
        refs["refs/tags/v2.0.0"] = refs["refs/tags/v1.0.0"]

    monkeypatch.setattr(huggingface_hub.HfApi, "preupload_lfs_files", upload_for_hours)
    with pytest.raises(HubError, match="somebody changed it at the same time"):
        push(plan(two, "2.0.0"))
    assert holds(hub, "main", one)
    with pytest.raises(UsageError, match=r"2.0.0: exists with other content"):
        push(plan(two, "2.0.0"))


def test_the_cache_of_the_hub_stays_as_it_is(hub: Any, one: Path, two: Path) -> None:
    push(plan(one, "1.0.0"))
    push(plan(two, "2.0.0"))
    cached = open_dataset(f"{REPO}@1.0.0")
    before = state(cached)
    foresee_push(plan(cached, "1.0.0", "user/mine"))
    for write in (
        lambda: push(plan(cached, "1.0.0", "user/mine")),
        lambda: compare_places(f"{REPO}@2.0.0", cached),
    ):
        with pytest.raises(UsageError, match="lies in the cache of the Hub"):
            write()
    assert state(cached) == before
    copied = Path(shutil.copytree(cached, one.parent / "copied"))
    (copied / ".gitattributes").unlink()
    push(plan(copied, "1.0.0", "user/mine"))
    assert holds(hub, "v1.0.0", copied, "user/mine")


def test_ids_of_others_steer_no_terminal(hub: Any, one: Path, two: Path) -> None:
    push(plan(one, "1.0.0"))
    name = "clean/train-00000-of-00001.parquet"
    rows = pq.read_table(two / name).to_pylist()
    rows[0]["id"] = "evil\x1b[2J\nrow"
    pq.write_table(pa.Table.from_pylist(rows[:1], schema=schema_of("clean")), two / name)
    done = CliRunner().invoke(app, ["compare", str(two), str(one)])
    assert done.exit_code == 0
    assert "evil\ufffd[2J row" in done.stdout
    assert "\x1b" not in done.stdout
