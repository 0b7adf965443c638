"""A Hub for tests: an HTTP server in this process that speaks what `huggingface_hub` and `datasets` call.

It keeps repositories of datasets with their commits, branches, tags and pull requests in memory, as the Hub does: large
files go through LFS first, and a commit changes all files at once or none. It can be told to fail at any request.
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

LFS_SUFFIXES = (".parquet", ".zst", ".png")
LFS_BYTES = 10 * 2**20
"""Larger files go through LFS whatever their name."""
DATE = "2026-01-01T00:00:00.000Z"
TOKENS = {"writer": "user", "reader": "visitor"}
"""Token -> who it belongs to; everybody writes only under their own name."""


@dataclass
class Commit:
    """All files as they were after it."""

    oid: str
    files: dict[str, bytes]
    title: str


@dataclass
class Repository:
    """Refs are full names: ``refs/heads/main``, ``refs/tags/v1.0.0``, ``refs/pr/1``."""

    private: bool
    refs: dict[str, str]
    commits: dict[str, Commit]
    gated: bool = False
    """Only its owner may read the files; everybody may see that they are there."""

    def commit_of(self, revision: str) -> Commit | None:
        names = (f"refs/heads/{revision}", f"refs/tags/{revision}", revision)
        oid = next((self.refs[name] for name in names if name in self.refs), revision)
        return self.commits.get(oid)


@dataclass
class Failure:
    """From request number ``at`` on (0 is the first), ``times`` requests fail.

    ``how`` is an HTTP status, ``drop`` (the connection ends before anything is done), or ``late`` (all is done, but the
    connection ends before the answer).
    """

    at: int
    how: int | str
    times: float = float("inf")
    path: str = ""
    """Only requests whose path holds this count."""


@dataclass
class LocalHub:
    """The state, and what was asked."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    lfs: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    """``METHOD path`` of each, in order."""
    failure: Failure | None = None
    failure_headers: dict[str, str] = field(default_factory=dict)
    """Sent with what fails with a status."""
    damage: str | None = None
    """Path of a file that is stored with a byte flipped when it is next committed."""
    page: int = 10
    """Entries of a tree that one answer holds (on the real Hub 1,000); the rest is at the address in its ``Link``."""
    refused_objects: dict[str, str] = field(default_factory=dict)
    """SHA-256 -> why the LFS endpoint does not take that object, inside an answer of status 200."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Old name -> new name: what is asked of the old one is redirected."""
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    _counted: int = 0

    def fail(self, at: int, how: int | str = "drop", times: float = float("inf"), path: str = "") -> None:
        """Fail at the ``at``th of the requests that are still to come."""
        self.failure, self._counted = Failure(at, how, times, path), 0

    def mend(self) -> None:
        """Answer everything again."""
        self.failure = None

    def failing(self, path: str) -> int | str | None:
        """How the request that just came in fails, if it does."""
        failure = self.failure
        if failure is None or failure.path not in path:
            return None
        self._counted += 1
        return failure.how if failure.at < self._counted <= failure.at + failure.times else None

    def files(self, repository: str, revision: str = "main") -> dict[str, bytes]:
        """What a repository holds at a revision; nothing where there is none."""
        found = self.repositories.get(repository)
        commit = found.commit_of(revision) if found else None
        return commit.files if commit else {}

    def tags(self, repository: str) -> set[str]:
        found = self.repositories.get(repository)
        return (
            {name.removeprefix("refs/tags/") for name in found.refs if name.startswith("refs/tags/")}
            if found
            else set()
        )

    def create(self, repository: str, private: bool) -> None:
        first = _commit({".gitattributes": b"*.parquet filter=lfs\n"}, "initial commit", "")
        self.repositories[repository] = Repository(private, {"refs/heads/main": first.oid}, {first.oid: first})

    def commit(self, repository: str, ref: str, files: dict[str, bytes], title: str) -> str:
        found = self.repositories[repository]
        new = _commit(files, title, found.refs.get(ref, ""))
        found.commits[new.oid] = new
        found.refs[ref] = new.oid
        return new.oid

    def merge(self, repository: str, pull: int) -> None:
        """What a person does with a pull request."""
        found = self.repositories[repository]
        found.refs["refs/heads/main"] = found.refs[f"refs/pr/{pull}"]


def _commit(files: dict[str, bytes], title: str, parent: str) -> Commit:
    whole = hashlib.sha1(f"{parent} {title}".encode())
    for path, data in sorted(files.items()):
        whole.update(path.encode() + b"\0" + hashlib.sha256(data).digest())
    return Commit(whole.hexdigest(), dict(files), title)


def git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def is_lfs(path: str, size: int) -> bool:
    return size > 0 and (path.endswith(LFS_SUFFIXES) or size > LFS_BYTES)


def is_ignored(path: str, gitignore: str) -> bool:
    """Of .gitignore only what the tests write: patterns of names, one a line."""
    return any(fnmatch(path.rpartition("/")[2], line) for line in gitignore.splitlines() if line[:1] not in ("", "#"))


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str = "", message: str = "", **more: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message, self.more = status, code, message, more


NOT_SIGNED_IN = Refused(401, "RepoNotFound", "Invalid username or password.")
"""Who has no token is not told whether a repository is there. The real Hub sends no code with it: the client takes a
401 of any https address of a repository for this code, and this Hub speaks http."""

ROUTES = (
    ("GET", r"/api/whoami-v2", "whoami"),
    ("POST", r"/api/validate-yaml", "validate"),
    ("POST", r"/api/repos/create", "create"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)", "info"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/revision/(?P<revision>[^/]+)", "info"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/refs", "refs"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/discussions", "discussions"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/commits/(?P<revision>[^/]+)", "commits"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)(?:/(?P<path>.*))?", "tree"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/paths-info/(?P<revision>[^/]+)", "paths_info"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/preupload/(?P<revision>[^/]+)", "preupload"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/commit/(?P<revision>[^/]+)", "commit"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/tag/(?P<revision>[^/]+)", "tag"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/branch/(?P<revision>[^/]+)", "branch"),
    ("POST", r"/datasets/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch", "lfs_batch"),
    ("PUT", r"/lfs/(?P<oid>[0-9a-f]{64})", "lfs_put"),
    ("GET", r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    hub: LocalHub

    def do_GET(self) -> None:
        self.answer("GET")

    def do_HEAD(self) -> None:
        self.answer("GET")

    def do_POST(self) -> None:
        self.answer("POST")

    def do_PUT(self) -> None:
        self.answer("PUT")

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def answer(self, method: str) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            self.body = self.read_chunks()
        split = urlsplit(self.path)
        self.query = parse_qs(split.query)
        with self.hub.lock:
            self.hub.requests.append(f"{self.command} {split.path}")
            how = self.hub.failing(split.path)
            if how == "drop":
                self.drop()
                return
            try:
                if isinstance(how, int):
                    raise Refused(how, "", "told to fail")
                status, headers, content = self.route(method, split.path)
            except Refused as refused:
                error = json.dumps({"error": refused.message, **refused.more}).encode()
                headers = {"Content-Type": "application/json", "X-Error-Message": refused.message}
                status, content = refused.status, error
                headers |= self.hub.failure_headers if isinstance(how, int) else {}
                if refused.code:
                    headers["X-Error-Code"] = refused.code
        if how == "late":
            self.drop()
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def drop(self) -> None:
        self.close_connection = True
        self.connection.close()

    def read_chunks(self) -> bytes:
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def route(self, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        for old, new in self.hub.renamed.items():
            if old in path:
                return 307, {"Location": self.path.replace(old, new, 1)}, b""
        for verb, pattern, name in ROUTES:
            if verb == method and (found := re.fullmatch(pattern, path)):
                given = {key: unquote(value) for key, value in found.groupdict().items() if value is not None}
                made = getattr(self, f"on_{name}")(**given)
                if isinstance(made, tuple):
                    return made
                return 200, {"Content-Type": "application/json"}, json.dumps(made).encode()
        raise Refused(404, "", f"no such address: {method} {path}")

    # --- who asks

    def asker(self) -> str | None:
        """Whose token came with the request; None without one."""
        given = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
        if not given:
            return None
        if given not in TOKENS:
            raise Refused(401, "", "Invalid credentials in Authorization header")
        return TOKENS[given]

    def readable(self, name: str) -> Repository:
        found = self.hub.repositories.get(name)
        asker = self.asker()
        if found is None or (found.private and asker != name.split("/")[0]):
            raise NOT_SIGNED_IN if asker is None else Refused(404, "RepoNotFound", "Repository not found")
        return found

    def writable(self, name: str) -> Repository:
        found = self.readable(name)
        if self.asker() is None:
            raise NOT_SIGNED_IN
        if self.asker() != name.split("/")[0]:
            raise Refused(403, "", "You don't have the rights to write to this repository")
        return found

    def at(self, name: str, revision: str) -> Commit:
        commit = self.readable(name).commit_of(revision)
        if commit is None:
            raise Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    # --- what is asked

    def on_whoami(self) -> Any:
        if (asker := self.asker()) is None:
            raise Refused(401, "", "Invalid username or password.")
        return {"type": "user", "name": asker, "orgs": [], "auth": {"accessToken": {"role": "write"}}}

    def on_validate(self) -> Any:
        return {"errors": [], "warnings": []}

    def on_create(self) -> Any:
        given = self.json()
        asker = self.asker()
        name = f"{given.get('organization') or asker}/{given['name']}"
        if asker is None:
            raise Refused(401, "", "Invalid username or password.")
        if name.split("/")[0] != asker:
            raise Refused(
                403, "", f"You don't have the rights to create a dataset under the namespace {name.split('/')[0]}"
            )
        if name in self.hub.repositories:
            address = f"{self.hub.url}/datasets/{name}"  # with `exist_ok` the client goes on with it
            raise Refused(409, "", "You already created this dataset repo", url=address)
        private = given.get("private") or given.get("visibility") == "private"
        self.hub.create(name, bool(private))
        return {"url": f"{self.hub.url}/datasets/{name}", "name": name, "id": "0"}

    def on_info(self, repo: str, revision: str = "main") -> Any:
        commit, found = self.at(repo, revision), self.readable(repo)
        siblings = [{"rfilename": path} for path in sorted(commit.files)]
        return {
            **{"_id": "0", "id": repo, "author": repo.split("/")[0], "sha": commit.oid, "private": found.private},
            **{"gated": False, "disabled": False, "tags": [], "downloads": 0, "likes": 0, "siblings": siblings},
            **{"lastModified": DATE, "createdAt": DATE},
        }

    def on_refs(self, repo: str) -> Any:
        kinds: dict[str, list[Any]] = {"branches": [], "converts": [], "tags": [], "pullRequests": []}
        for ref, oid in self.readable(repo).refs.items():
            kind = {"heads": "branches", "tags": "tags", "pr": "pullRequests"}[ref.split("/")[1]]
            kinds[kind].append({"name": ref.split("/", 2)[2], "ref": ref, "targetCommit": oid})
        return kinds

    def on_discussions(self, repo: str) -> Any:
        """Pull requests that are not merged."""
        found = self.readable(repo)
        numbers = [ref.removeprefix("refs/pr/") for ref in found.refs if ref.startswith("refs/pr/")]
        pulls = [
            {
                **{"num": int(number), "title": "", "author": {"name": "user"}, "createdAt": DATE, "status": "open"},
                **{"isPullRequest": True, "repo": {"name": repo, "type": "dataset"}},
            }
            for number in numbers
            if found.refs[f"refs/pr/{number}"] != found.refs["refs/heads/main"]
        ]
        return {"discussions": pulls, "count": len(pulls), "start": 0}

    def on_commits(self, repo: str, revision: str) -> Any:
        commit = self.at(repo, revision)
        return [{"id": commit.oid, "title": commit.title, "message": "", "date": DATE, "authors": []}]

    def entry(self, path: str, data: bytes) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": git_oid(data)}
        if is_lfs(path, len(data)):
            oid = hashlib.sha256(data).hexdigest()
            pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(data)}\n".encode()
            entry |= {"oid": git_oid(pointer), "lfs": {"oid": oid, "size": len(data), "pointerSize": len(pointer)}}
        if self.query.get("expand"):
            entry["lastCommit"] = {"id": "0" * 40, "title": "", "date": DATE}
        return entry

    def on_tree(self, repo: str, revision: str, path: str = "") -> Any:
        files = self.at(repo, revision).files
        folder = f"{path}/" if path else ""
        inside = {name: data for name, data in sorted(files.items()) if name.startswith(folder)}
        if path and not inside:
            raise Refused(404, "EntryNotFound", f"{path} does not exist")
        recursive = self.query.get("recursive", ["false"])[0].lower() in ("true", "1")
        entries: dict[str, Any] = {}
        for name, data in inside.items():
            parts = name.removeprefix(folder).split("/")
            for depth in range(1, len(parts)):
                parent = folder + "/".join(parts[:depth])
                if recursive or depth == 1:
                    entries.setdefault(
                        parent, {"type": "directory", "path": parent, "size": 0, "oid": git_oid(parent.encode())}
                    )
            if recursive or len(parts) == 1:
                entries[name] = self.entry(name, data)
        return self.page_of(list(entries.values()))

    def page_of(self, entries: list[Any]) -> Any:
        begin = int(self.query.get("cursor", ["0"])[0])
        end = begin + self.hub.page
        headers = {"Content-Type": "application/json"}
        if end < len(entries):
            asked = {name: values[0] for name, values in self.query.items()} | {"cursor": str(end)}
            headers["Link"] = f'<{self.hub.url}{urlsplit(self.path).path}?{urlencode(asked)}>; rel="next"'
        return 200, headers, json.dumps(entries[begin:end]).encode()

    def on_paths_info(self, repo: str, revision: str) -> Any:
        if "json" in (self.headers.get("Content-Type") or ""):
            paths = self.json()["paths"]
        else:
            paths = parse_qs(self.body.decode())["paths"]
        files = self.at(repo, revision).files
        found = [self.entry(path, files[path]) for path in paths if path in files]
        for path in paths:
            if any(name.startswith(f"{path}/") for name in files):
                found.append({"type": "directory", "path": path, "size": 0, "oid": git_oid(path.encode())})
        return found

    def on_preupload(self, repo: str, revision: str) -> Any:
        (self.readable if self.query.get("create_pr") else self.writable)(repo)
        files, asked = self.at(repo, revision).files, self.json()
        # one that is sent along counts instead of the one that lies there
        ignored = asked.get("gitIgnore") or files.get(".gitignore", b"").decode()
        return {"files": [self.upload_mode(given, files, ignored) for given in asked["files"]]}

    def upload_mode(self, given: dict[str, Any], files: dict[str, bytes], ignored: str) -> dict[str, Any]:
        path, oid = given["path"], None
        if (data := files.get(path)) is not None:
            oid = hashlib.sha256(data).hexdigest() if is_lfs(path, len(data)) else git_oid(data)
        mode = "lfs" if is_lfs(path, given["size"]) else "regular"
        return {"path": path, "uploadMode": mode, "shouldIgnore": is_ignored(path, ignored), "oid": oid}

    def on_lfs_batch(self, repo: str) -> Any:
        self.readable(repo)
        objects = []
        for each in self.json()["objects"]:
            made: dict[str, Any] = {"oid": each["oid"], "size": each["size"]}
            if each["oid"] in self.hub.refused_objects:
                made["error"] = {"code": 422, "message": self.hub.refused_objects[each["oid"]]}
            elif each["oid"] not in self.hub.lfs:
                made["actions"] = {"upload": {"href": f"{self.hub.url}/lfs/{each['oid']}"}}
            objects.append(made)
        return {"transfer": "basic", "objects": objects}

    def on_lfs_put(self, oid: str) -> Any:
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise Refused(400, "", "the content is not that of its hash")
        self.hub.lfs[oid] = self.body
        return 200, {}, b""

    def on_commit(self, repo: str, revision: str) -> Any:
        is_pull = bool(self.query.get("create_pr"))
        found = (self.readable if is_pull else self.writable)(repo)
        parent = self.at(repo, revision)
        lines = [json.loads(line) for line in self.body.splitlines()]
        header = next(line["value"] for line in lines if line["key"] == "header")
        if header.get("parentCommit") and header["parentCommit"] != parent.oid:
            raise Refused(412, "", "A commit has happened since. Please refresh and try again.")
        files = dict(parent.files)
        for line in lines:
            self.apply(files, line["key"], line["value"])
        if self.hub.damage in files:
            data = files[self.hub.damage]
            files[self.hub.damage] = data[:-1] + bytes([data[-1] ^ 1])
            self.hub.damage = None
        ref = f"refs/heads/{revision}"
        if is_pull:
            ref = f"refs/pr/{sum(name.startswith('refs/pr/') for name in found.refs) + 1}"
        oid = self.hub.commit(repo, ref, files, header["summary"])
        pull = f"{self.hub.url}/datasets/{repo}/discussions/{ref.rpartition('/')[2]}" if is_pull else None
        address = f"{self.hub.url}/datasets/{repo}/commit/{oid}"
        return {"success": True, "commitOid": oid, "commitUrl": address, "pullRequestUrl": pull, "hookOutput": ""}

    def apply(self, files: dict[str, bytes], key: str, value: dict[str, Any]) -> None:
        if key == "file":
            files[value["path"]] = base64.b64decode(value["content"])
        elif key == "lfsFile":
            if value["oid"] not in self.hub.lfs:
                raise Refused(400, "", f"{value['path']}: its LFS object was not uploaded")
            files[value["path"]] = self.hub.lfs[value["oid"]]
        elif key == "deletedFile":
            if files.pop(value["path"], None) is None:
                raise Refused(404, "EntryNotFound", f"{value['path']}: there is no such file")
        elif key != "header":
            raise Refused(400, "", f"unknown operation {key}")

    def on_tag(self, repo: str, revision: str) -> Any:
        found, commit = self.writable(repo), self.at(repo, revision)
        ref = f"refs/tags/{self.json()['tag']}"
        if ref in found.refs:
            raise Refused(409, "", "Tag reference exists already")
        found.refs[ref] = commit.oid
        return {"success": True}

    def on_branch(self, repo: str, revision: str) -> Any:
        found = self.writable(repo)
        start = self.json().get("startingPoint") or "main"
        ref = f"refs/heads/{revision}"
        if ref in found.refs:
            raise Refused(409, "", "Reference already exists")
        found.refs[ref] = self.at(repo, start).oid
        return {"success": True}

    def on_resolve(self, repo: str, revision: str, path: str) -> Any:
        commit = self.at(repo, revision)
        if self.hub.repositories[repo].gated and self.asker() != repo.split("/")[0]:
            why = f"Access to dataset {repo} is restricted and you are not in the authorized list."
            raise Refused(403 if self.asker() else 401, "GatedRepo", why)
        if path not in commit.files:
            raise Refused(404, "EntryNotFound", f"{path} does not exist on {revision}")
        data = commit.files[path]
        etag = hashlib.sha256(data).hexdigest() if is_lfs(path, len(data)) else git_oid(data)
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": commit.oid, "Accept-Ranges": "bytes"}
        if is_lfs(path, len(data)):
            headers |= {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(data))}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if not wanted:
            return 200, headers | {"Content-Length": str(len(data))}, data
        start, end = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
        headers |= {"Content-Range": f"bytes {start}-{end}/{len(data)}", "Content-Length": str(end + 1 - start)}
        return 206, headers, data[start : end + 1]


@contextmanager
def local_hub() -> Iterator[LocalHub]:
    """A running Hub, empty; gone when the block ends."""
    hub = LocalHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
