"""Ask a vision-language model which phrases of a response are false: what the paper calls prompting (Table 1, GPT-4o).

    python -m baselines.prompting DATASET --model M --base-url U -o OUT.jsonl

The paper prints no prompt; ours is prompts/detect.jinja. Any server of OpenAI's chat API that takes images will do; its
key is read from OPENAI_API_KEY only. OUT holds what ``baselines.detections`` reads, a line as soon as it is answered:
the same command asks only for the rows that it lacks. Verdicts are hard, P(BAD) = 1 of what is called false: the
average precision of such a detector is that of one point.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from baselines.rows import sample, table_of
from tldr_data.atomic import cannot_write
from tldr_data.errors import InputError, RowError, TldrError, UsageError
from tldr_data.llms import LLM, open_llm
from tldr_data.llms.request import Answer, Message, Request
from tldr_data.perturb.anchors import places
from tldr_data.perturb.asked import finished
from tldr_data.perturb.wrapping import without_thoughts
from tldr_data.resources import template

MAX_TOKENS = 2048
"""Room for some fifty phrases, and for a model that thinks first."""
MOST_PHRASES, LONGEST, HIGHEST = 50, 300, 99
ASKING = 128
"""Rows whose images are held at a time; how many of them are in flight, the client decides."""
PROGRESS_S = 5.0

_Line = dict[str, Any]


class _Phrase(BaseModel):
    phrase: str = Field(min_length=1, max_length=LONGEST)
    occurrence: int = Field(ge=1, le=HIGHEST)


class _Phrases(BaseModel):
    phrases: list[_Phrase] = Field(max_length=MOST_PHRASES)


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "phrases": {
            "type": "array",
            "maxItems": MOST_PHRASES,
            "items": {
                "type": "object",
                "properties": {
                    "phrase": {"type": "string", "minLength": 1, "maxLength": LONGEST},
                    "occurrence": {"type": "integer", "minimum": 1, "maximum": HIGHEST},
                },
                "required": ["phrase", "occurrence"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["phrases"],
    "additionalProperties": False,
}
"""``_Phrases`` in the form that servers take."""


@dataclass(slots=True)
class Told:
    """What is to be told of the answers in the end: each with an example."""

    answered: int = 0
    unanchored: list[str] = field(default_factory=list)
    """Phrases that do not stand in their response."""
    unusable: list[str] = field(default_factory=list)
    """Rows whose answer was none (refused, cut off, no JSON): nothing of them is called false."""
    failed: list[str] = field(default_factory=list)
    """Rows that no answer was had for: not written, so that they are asked for again."""

    def count(self, line: _Line) -> None:
        """Add a line of the file."""
        self.answered += 1
        self.unanchored += [f"{line['id']}: {phrase!r}" for phrase in line.get("unanchored", ())]
        self.unusable += [f"{line['id']}: {line['failure']}"] if "failure" in line else []


def request_of(row: Mapping[str, Any], model: str) -> Request:
    """The question about one row: its image, its prompt if it has one, its response.

    Raises:
        InputError: the row has no image here.
    """
    user = _said("user", prompt=row["prompt"], response=row["response"])
    return Request(
        model=model,
        messages=(Message("system", _said("system")), Message("user", user)),
        max_tokens=MAX_TOKENS,
        schema=SCHEMA,
        images=(_image_of(row),),
    )


def line_of(row: Mapping[str, Any], request: Request, answer: Answer) -> _Line:
    """What the file says of a row: the phrases where they stand, by their exact words and their occurrence.

    A phrase that does not stand there as whole words, or not so often, is listed in ``unanchored``, and no other words
    are taken for it. ``failure`` says why an answer could not be used, and ``request`` to what it is the answer.
    """
    made: _Line = {"id": row["id"], "spans": [], "request": request.key}
    try:
        asked = _read(without_thoughts(finished(answer)))
    except RowError as error:
        return made | {"failure": error.reason}
    spans, unanchored = set(), []
    for each in asked:
        phrase = each.phrase.strip()
        found = places(row["response"], phrase)
        nth = each.occurrence if len(found) > 1 else 1
        if nth <= len(found):
            spans.add((found[nth - 1], found[nth - 1] + len(phrase)))
        else:
            unanchored.append(phrase)
    made["spans"] = [{"start": start, "end": end} for start, end in sorted(spans)]
    return made | ({"unanchored": unanchored} if unanchored else {})


def ask(ids: Sequence[str], row_at: Callable[[int], Mapping[str, Any]], llm: LLM, out: Path) -> Told:
    """Ask about every row that ``out`` has no line of, and write its line there.

    Args:
        ids: of all rows.
        row_at: gives the row at a place in ``ids``, when it is asked about.

    Raises:
        UsageError: a line of ``out`` answers another question than its row's now, or the server refuses us.
        InputError: ``out`` holds something else, or a row has no image here.
        BuildError: the server is gone, or ``out`` cannot be written.
    """
    told, kept = Told(), _kept(out)
    todo = []
    for place, id in enumerate(ids):
        if id not in kept:
            todo.append(place)
        elif kept[id]["request"] != request_of(row_at(place), llm.model).key:
            raise UsageError(f"{out}: {id!r} is answered for another model, prompt or image: give another -o")
        else:
            told.count(kept[id])
    asyncio.run(_ask_all(map(row_at, todo), len(ids), llm, out, told))
    return told


async def _ask_all(rows: Iterator[Mapping[str, Any]], number: int, llm: LLM, out: Path, told: Told) -> None:
    progress = _Progress(number, told)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("ab") as file:
            asking = [asyncio.create_task(_ask_some(rows, llm, file, told, progress)) for _ in range(ASKING)]
            try:
                await asyncio.gather(*asking)
            finally:
                for task in asking:
                    task.cancel()
                await asyncio.gather(*asking, return_exceptions=True)
                await llm.close()
    except OSError as error:
        raise cannot_write(out, error) from error


async def _ask_some(
    rows: Iterator[Mapping[str, Any]], llm: LLM, file: IO[bytes], told: Told, progress: _Progress
) -> None:
    """Rows, one after the other, as long as there are any: others take from the same."""
    for row in rows:
        request = request_of(row, llm.model)
        answer = await llm.answer(request)
        if answer.failure is not None:
            told.failed.append(f"{row['id']}: {answer.failure}: {' '.join(answer.text.split())[:200]}")
        else:
            line = line_of(row, request, answer)
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            file.flush()
            told.count(line)
        progress.show()


class _Progress:
    """Lines on standard error, every few seconds."""

    def __init__(self, number: int, told: Told) -> None:
        self._number, self._told, self._shown = number, told, time.monotonic()

    def show(self) -> None:
        done = self._told.answered + len(self._told.failed)
        if time.monotonic() - self._shown >= PROGRESS_S or done == self._number:
            self._shown = time.monotonic()
            print(f"{done} of {self._number} rows, {len(self._told.failed)} failed", file=sys.stderr)


def _kept(out: Path) -> dict[str, _Line]:
    """What the file holds already, by id; the half line that a killed run left is cut off."""
    try:
        content = out.read_bytes() if out.exists() else b""
        if not content.endswith(b"\n") and content:
            content = content[: content.rfind(b"\n") + 1]
            out.write_bytes(content)
    except OSError as error:
        raise InputError(f"{out}: cannot be read: {error.strerror or error}") from error
    kept = {}
    for number, text in enumerate(content.splitlines(), 1):
        try:
            line = orjson.loads(text)
            kept[str(line["id"])] = {"request": str(line["request"])} | line
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise InputError(f"{out}, line {number}: not written by this command: give another -o") from None
    return kept


def _said(role: str, **values: str) -> str:
    """One message: the template has a macro for each role."""
    return str(getattr(template("prompts", "detect.jinja").module, role)(**values)).strip()


def _read(text: str) -> list[_Phrase]:
    """The phrases in an answer: JSON, with whatever a server that ignores schemas put around it."""
    try:
        return _Phrases.model_validate(orjson.loads(text[text.find("{") : text.rfind("}") + 1])).phrases
    except orjson.JSONDecodeError:
        raise RowError("not_json", text) from None
    except ValidationError:
        raise RowError("wrong_schema", text) from None


def _image_of(row: Mapping[str, Any]) -> bytes:
    """As a file holds it."""
    stored = row["image"] or {"bytes": None, "path": None}
    if stored["bytes"]:
        return bytes(stored["bytes"])
    if not stored["path"] or re.match("https?://", stored["path"]):
        raise InputError(f"{row['id']}: its image is {stored['path'] or 'missing'}; every row needs one that is here")
    try:
        return Path(stored["path"]).read_bytes()
    except OSError as error:
        raise InputError(f"{row['id']}: {stored['path']} cannot be read: {error.strerror}") from None


def _report(told: Told) -> None:
    said: Iterable[tuple[str, list[str]]] = (
        ("phrases that do not stand in their response, and are left out", told.unanchored),
        ("answers that cannot be used, so that nothing of the response is called false", told.unusable),
        ("rows without an answer, which the same command asks for again", told.failed),
    )
    for what, found in said:
        if found:
            print(f"{what}: {len(found)}, first {found[0]}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status: 1 also where a row has no answer, or no answer can be used."""
    parser = argparse.ArgumentParser(prog="python -m baselines.prompting", description=__doc__.splitlines()[0])
    parser.add_argument("dataset", metavar="DATASET", help="folder of a build, or REPO@VERSION on the Hub")
    parser.add_argument("--model", required=True, help="the name that the server knows it by")
    parser.add_argument("--base-url", help="of the server; else OPENAI_BASE_URL, else OpenAI's")
    parser.add_argument("--split", default="test", help="(%(default)s)")
    parser.add_argument("--limit", type=int, help="only so many rows: those of whole images, the same for everyone")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="JSON lines; continued if there")
    options = parser.parse_args(arguments)
    try:
        llm = open_llm("openai", model=options.model, base_url=options.base_url, requests=None)
        table = table_of(options.dataset, "all", options.split)
        table = table.select(sample(list(table["group"]), options.limit))
        told = ask(list(table["id"]), table.__getitem__, llm, options.out)
    except KeyboardInterrupt:
        print("stopped: the same command continues", file=sys.stderr)
        return 130
    except TldrError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    _report(told)
    return 1 if told.failed or len(told.unusable) == told.answered else 0


if __name__ == "__main__":
    sys.exit(main())
