"""A build on the Hub: whole or not at all, whatever happens on the way."""

import copy
import json
import shutil
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tldr_data.check import find_faults
from tldr_data.cli import app
from tldr_data.errors import HubError, InputError, UsageError
from tldr_data.hub.opening import open_dataset
from tldr_data.manifest import load_manifest, load_versions
from tldr_data.publishing.push import PushPlan, foresee_push, push
from tldr_data.versions import parse_version

REPO = "user/false-words"


def plan(directory: Path, version: str, **options: Any) -> PushPlan:
    return PushPlan(directory=directory, repository=REPO, version=parse_version(version), **options)


def published(directory: Path) -> set[str]:
    """What belongs to a version."""
    files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    return {name for name in files if not name.startswith((".work/", "audit/"))}


def holds(hub: Any, revision: str, directory: Path) -> bool:
    """Whether a revision is that build and nothing else."""
    there = hub.files(REPO, revision)
    ours = {name: (directory / name).read_bytes() for name in published(directory)}
    return {name: data for name, data in there.items() if name != ".gitattributes"} == ours


def test_everything_comes_in_one_commit_and_then_the_tag(hub: Any, one: Path) -> None:
    done = push(plan(one, "1.0.0"))
    posted = [line.split("/")[-2] for line in hub.requests if line.startswith("POST")]
    assert posted.count("commit") == 1
    assert posted[-1] == "tag"
    assert hub.tags(REPO) == {"v1.0.0"}
    assert hub.repositories[REPO].refs["refs/tags/v1.0.0"] == done.commit
    assert holds(hub, "v1.0.0", one)
    assert {"README.md", "manifest.json", "report.html", "versions.json", "clean/train-00000-of-00001.parquet"} <= set(
        done.files
    )


def test_what_is_published_passes_the_check(hub: Any, one: Path) -> None:
    push(plan(one, "1.0.0"))
    assert list(find_faults(open_dataset(f"{REPO}@1.0.0"))) == []
    assert list(find_faults(open_dataset(f"{REPO}@v1.0.0"))) == []


def test_a_second_version_has_a_changelog_and_both_stay(hub: Any, one: Path, two: Path) -> None:
    push(plan(one, "1.0.0"))
    push(plan(two, "2.0.0"))
    assert holds(hub, "v1.0.0", one)
    assert holds(hub, "v2.0.0", two)
    told = load_versions(two)
    assert told
    assert [entry["version"] for entry in told["versions"]] == ["2.0.0", "1.0.0"]
    rows = {directory: load_manifest(directory)["rows"]["clean"] for directory in (one, two)}
    change = told["versions"][0]["rows"]["clean"]
    assert change["added"] - change["removed"] == sum(rows[two].values()) - sum(rows[one].values())


def test_files_of_the_version_before_go_with_the_commit_and_files_of_others_stay(
    hub: Any, one: Path, two: Path
) -> None:
    push(plan(two, "1.0.0"))
    hub.commit(REPO, "refs/heads/main", {**hub.files(REPO), "clean/old.parquet": b"", "NOTES.md": b"mine"}, "notes")
    # a shard that this version does not have
    manifest = json.loads(hub.files(REPO)["manifest.json"])
    manifest["files"]["clean/old.parquet"] = {"bytes": 0, "sha256": ""}
    hub.commit(REPO, "refs/heads/main", {**hub.files(REPO), "manifest.json": json.dumps(manifest).encode()}, "old")
    assert push(plan(one, "2.0.0")).removed == ["clean/old.parquet"]
    assert set(hub.files(REPO)) == published(one) | {".gitattributes", "NOTES.md"}


def test_the_same_again_changes_nothing(hub: Any, one: Path) -> None:
    done = push(plan(one, "1.0.0"))
    commits = len(hub.repositories[REPO].commits)
    assert push(plan(one, "1.0.0")).commit == done.commit
    assert len(hub.repositories[REPO].commits) == commits


def test_a_version_is_never_overwritten(hub: Any, one: Path, two: Path) -> None:
    push(plan(one, "1.0.0"))
    with pytest.raises(UsageError, match=r"user/false-words@1.0.0: exists with other content"):
        push(plan(two, "1.0.0"))
    assert holds(hub, "main", one)


def test_a_version_may_not_promise_more_than_is_true(hub: Any, one: Path, two: Path) -> None:
    push(plan(two, "1.0.0"))
    with pytest.raises(UsageError, match=r"1.0.1: too small a step from 1.0.0 .*removed.*at least 2.0.0"):
        push(plan(one, "1.0.1"))


def test_a_commit_without_its_tag_is_only_tagged(hub: Any, one: Path) -> None:
    hub.fail(0, 503, path="/tag/")
    with pytest.raises(HubError, match="the Hub failed"):
        push(plan(one, "1.0.0"))
    hub.mend()
    commit = hub.repositories[REPO].refs["refs/heads/main"]
    before = len(hub.requests)
    assert push(plan(one, "1.0.0")).commit == commit
    assert not [line for line in hub.requests[before:] if "/commit/" in line or line.startswith("PUT")]
    assert hub.tags(REPO) == {"v1.0.0"}


def test_uploads_are_not_sent_twice(hub: Any, one: Path) -> None:
    hub.fail(0, 500, path="/commit/")
    with pytest.raises(HubError):
        push(plan(one, "1.0.0"))
    hub.mend()
    sent = sum(line.startswith("PUT") for line in hub.requests)
    push(plan(one, "1.0.0"))
    assert sum(line.startswith("PUT") for line in hub.requests) == sent > 0


def test_a_file_that_arrives_damaged_is_not_tagged(hub: Any, one: Path) -> None:
    hub.damage = "clean/train-00000-of-00001.parquet"
    with pytest.raises(HubError, match=r"not hold what was sent: clean/train-00000-of-00001.parquet; 1.0.0 is not"):
        push(plan(one, "1.0.0"))
    assert hub.tags(REPO) == set()
    push(plan(one, "1.0.0"))
    assert holds(hub, "v1.0.0", one)


def test_a_faulty_build_is_not_pushed(hub: Any, one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = one / "clean" / "train-00000-of-00001.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match=r"not pushed: `tldr-data check` finds \d+ faults in it"):
        push(plan(one, "1.0.0"))
    assert "SHA-256 differs" in capsys.readouterr().err
    assert hub.repositories == {}


def test_data_of_others_is_not_mixed_with_ours(hub: Any, one: Path) -> None:
    hub.create(REPO, private=False)
    hub.commit(REPO, "refs/heads/main", {"data/train.parquet": b""}, "theirs")
    with pytest.raises(UsageError, match=r"holds data that tldr-data did not put there \(data/train.parquet\)"):
        push(plan(one, "1.0.0"))


def test_private_branch_and_pull_request(hub: Any, one: Path, two: Path) -> None:
    push(plan(one, "1.0.0", private=True))
    assert hub.repositories[REPO].private
    push(plan(two, "2.0.0", branch="draft"))
    assert holds(hub, "draft", two)
    assert holds(hub, "main", one)
    proposed = push(plan(two, "3.0.0", pull_request=True))
    assert proposed.tag is None
    assert push(plan(two, "3.0.0", pull_request=True)).pull_request == proposed.pull_request
    assert hub.tags(REPO) == {"v1.0.0", "v2.0.0"}
    hub.merge(REPO, 1)
    push(plan(two, "3.0.0"))
    assert holds(hub, "v3.0.0", two)


def test_private_cannot_hide_what_is_public(hub: Any, one: Path) -> None:
    hub.create(REPO, private=False)
    with pytest.raises(UsageError, match="exists and is public"):
        push(plan(one, "1.0.0", private=True))


def test_a_dry_run_sends_nothing_and_leaves_the_folder(hub: Any, one: Path) -> None:
    before = {path: path.read_bytes() for path in one.rglob("*") if path.is_file()}
    foreseen, card = foresee_push(plan(one, "1.0.0"))
    assert {path: path.read_bytes() for path in one.rglob("*") if path.is_file()} == before
    assert hub.repositories == {}
    done = push(plan(one, "1.0.0"))
    assert foreseen.files == done.files
    assert card.encode() == hub.files(REPO)["README.md"]
    assert foreseen.tag == "v1.0.0"


@pytest.mark.parametrize(
    ("how", "path", "told"),
    [
        (401, "/repos/create", "set HF_TOKEN to one with write access"),
        (403, "/repos/create", "this token may not do that"),
        (404, "/preupload/", "the Hub knows no such thing"),
        (409, "/commit/", "somebody changed it at the same time"),
        (412, "/commit/", "somebody changed it at the same time"),
        (429, "/commit/", "takes no more requests now"),
        (500, "/lfs/", "the Hub failed (500)"),
        (502, "/commit/", "the Hub failed (502)"),
        ("drop", "/refs", "was not reached"),
        ("drop", "/commit/", "was not reached"),
    ],
)
def test_what_the_hub_refuses_is_told_in_one_line(how: Any, path: str, told: str, hub: Any, one: Path) -> None:
    hub.fail(0, how, path=path)
    with pytest.raises(HubError) as raised:
        push(plan(one, "1.0.0"))
    message = str(raised.value)
    assert message.startswith(REPO)
    assert told in message
    assert "\n" not in message
    assert hub.tags(REPO) == set()


@pytest.mark.parametrize(("token", "told"), [("unknown", "does not know this token"), ("reader", "needs write access")])
def test_tokens(token: str, told: str, hub: Any, one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.create(REPO, private=False)
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(HubError, match=told):
        push(plan(one, "1.0.0"))


@pytest.mark.slow
def test_a_push_that_is_stopped_at_any_request_leaves_the_old_version_or_the_new_one(
    hub: Any, one: Path, two: Path, tmp_path: Path
) -> None:
    push(plan(one, "1.0.0"))
    start, lfs = copy.deepcopy(hub.repositories), dict(hub.lfs)
    seen = []
    for at in count():
        hub.repositories, hub.lfs = copy.deepcopy(start), dict(lfs)
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        hub.fail(at)
        if is_done := succeeds(plan(two, "2.0.0")):
            break
        hub.mend()
        seen.append(is_new := holds(hub, "main", two))
        assert is_new != holds(hub, "main", one), f"after request {at} main is neither the one nor the other"
        assert hub.tags(REPO) == {"v1.0.0"}
        push(plan(two, "2.0.0"))
        assert holds(hub, "main", two)
        assert holds(hub, "v2.0.0", two)
        assert holds(hub, "v1.0.0", one)
    assert is_done
    assert len(seen) > 20, "that many requests it takes"
    assert seen == sorted(seen), "once it is new it stays"
    assert set(seen) == {False, True}, "some stopped before the commit, some after it"


@pytest.mark.slow
def test_a_first_push_that_is_stopped_anywhere_completes(hub: Any, one: Path) -> None:
    for at in count():
        hub.repositories, hub.lfs = {}, {}
        hub.fail(at)
        if succeeds(plan(one, "1.0.0")):
            break
        hub.mend()
        assert set(hub.files(REPO)) <= {".gitattributes"} or holds(hub, "main", one)
        push(plan(one, "1.0.0"))
        assert holds(hub, "v1.0.0", one)
    assert at > 8


@pytest.mark.parametrize("path", ["/repos/create", "/lfs/", "/commit/", "/tag/"])
def test_an_answer_that_is_lost_does_no_harm(path: str, hub: Any, one: Path) -> None:
    hub.fail(0, "late", path=path)
    assert not succeeds(plan(one, "1.0.0"))
    hub.mend()
    commits = len(hub.repositories[REPO].commits)
    push(plan(one, "1.0.0"))
    assert holds(hub, "v1.0.0", one)
    assert len(hub.repositories[REPO].commits) - commits == (path in ("/repos/create", "/lfs/"))


def succeeds(pushing: PushPlan) -> bool:
    try:
        push(pushing)
    except HubError:
        return False
    return True


def test_the_command_tells_where_it_is(hub: Any, one: Path, two: Path) -> None:
    run = CliRunner().invoke
    done = run(app, ["push", str(one), REPO, "--version", "1.0.0", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["tag"] == "v1.0.0"
    done = run(app, ["compare", f"{REPO}@1.0.0", str(two)])
    assert done.exit_code == 0, done.output
    assert "clean: " in done.stdout
    assert "the next version: " in done.stderr
    done = run(app, ["check", f"{REPO}@1.0.0"])
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"{REPO}@1.0.0: no faults" in done.stderr
    done = run(app, ["push", str(two), REPO, "--version", "2.0.0", "--dry-run"])
    assert done.stdout.startswith("---\n")
    assert "would be pushed" in done.stderr


def test_what_is_published_is_looked_at_from_anywhere(
    hub: Any, one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(plan(one, "1.0.0"))
    monkeypatch.chdir(tmp_path)
    before = dict(hub.files(REPO))
    made = CliRunner().invoke(app, ["report", f"{REPO}@1.0.0"])
    assert made.exit_code == 0, made.output
    page = (tmp_path / "false-words-1.0.0.html").read_text(encoding="utf-8")
    assert load_manifest(one)["content_hash"] in page
    assert str(tmp_path) not in page
    shown = CliRunner().invoke(app, ["show", f"{REPO}@1.0.0", "--taxonomy", "spatial", "--limit", "2", "--json"])
    assert shown.exit_code == 0, shown.output
    rows = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [row["taxonomy"] for row in rows] == ["spatial", "spatial"]
    assert dict(hub.files(REPO)) == before


@pytest.mark.parametrize("version", ["1", "1.0", "1.0.0-beta", "01.0.0", "latest"])
def test_a_version_is_three_numbers(version: str) -> None:
    with pytest.raises(UsageError, match=r"must be three numbers, as in 1\.0\.0"):
        parse_version(version)


def test_what_is_not_there_is_told_with_what_is(hub: Any, one: Path) -> None:
    push(plan(one, "1.0.0"))
    with pytest.raises(HubError, match=r"user/false-words@1.2.0: there is no such version; there are: 1.0.0"):
        open_dataset(f"{REPO}@1.2.0")
    with pytest.raises(HubError, match="no such dataset"):
        open_dataset("user/nothing@1.0.0")
    with pytest.raises(HubError, match="USER/NAME"):
        open_dataset("a/b/c@1.0.0")
