"""Visual Genome's annotation as facts, in whichever release: names and attributes as people typed them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tldr_data.facts import Box, Facts, Relation, Thing
from tldr_data.sources.visual_genome.join import QUESTIONS, REGIONS
from tldr_data.sources.visual_genome.release import Image

_PREDICATES = {
    "left of": "left of; to left of; to the left of; on the left of; left",
    "right of": "right of; to right of; to the right of; on the right of; right",
    "above": "above; over; hanging over; higher than",
    "below": "below; lower than",
    "in front of": "in front of; standing in front of; sitting in front of; parked in front of; before",
    "behind": "behind; standing behind; sitting behind; parked behind; in back of",
    "on": "on; on top of; on top; ontop of; atop; sitting on; standing on; lying on; laying on; resting on; parked on;"
    " sits on; stands on; lies on; is on; are on; hanging on; walking on; painted on; mounted on; placed on",
    "under": "under; underneath; beneath; is under; are under; sitting under; standing under",
    "inside": "in; inside; inside of; within; is in; are in; sitting in; standing in",
    "next to": "next to; beside; by; adjacent to; is next to; are next to; standing next to; sitting next to",
}
_KNOWN = {said: name for name, phrases in _PREDICATES.items() for said in phrases.split("; ")}


def facts_of(image: Image, annotated: Sequence[str]) -> Facts | None:
    """What the annotation says of an image; None if the release came without any. It is exhaustive for nothing.

    ``annotated`` are the annotation files of the release: an image that none of them has is one of which nothing was
    noted.
    """
    if not annotated:
        return None
    relationships = image.lists.get("relationships.json", [])
    entries = _entries(image, relationships)
    things = [_thing(entry) for entry in entries.values()]
    known = {key: index for index, (key, thing) in enumerate(zip(entries, things, strict=True)) if thing}
    order = {key: number for number, key in enumerate(known)}
    relations = [_relation(entry, order) for entry in relationships]
    return replace(
        bare_facts(image),
        things=tuple(thing for thing in things if thing),
        relations=tuple(dict.fromkeys(relation for relation in relations if relation)),
    )


def bare_facts(image: Image) -> Facts:
    """What people said of an image in regions and answers, without the things that they noted."""
    return Facts((), canvas=_canvas(image.data), texts=_phrases(image), pairs=pairs_of(image))


def pairs_of(image: Image) -> tuple[tuple[str, str], ...]:
    """The questions of an image with their answers, without padding; odd ones and repeated ones are left out."""
    pairs = [
        (question.strip(), answer.strip())
        for entry in image.lists.get(QUESTIONS, ())
        if isinstance(entry, dict)
        and isinstance(question := entry.get("question"), str)
        and isinstance(answer := entry.get("answer"), str)
    ]
    kept = {(letters(question), letters(answer)): (question, answer) for question, answer in reversed(pairs)}
    return tuple(pair for pair in reversed(kept.values()) if all(pair))


def letters(text: str) -> str:
    """What is left of a text without case, white space and its last full stop or question mark."""
    return " ".join(text.casefold().split()).rstrip(" .?!")


def _phrases(image: Image) -> tuple[str, ...]:
    regions = image.lists.get(REGIONS, ())
    phrases = [region.get("phrase") for region in regions if isinstance(region, dict)]
    return tuple(phrase.strip() for phrase in phrases if isinstance(phrase, str))


def _entries(image: Image, relationships: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    """Every entry on one object, wherever it stands, by what tells the objects apart."""
    ends = [
        relation.get(end) for relation in relationships if isinstance(relation, dict) for end in ("subject", "object")
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in (*image.lists.get("objects.json", ()), *image.lists.get("attributes.json", ()), *ends):
        if isinstance(entry, dict) and (key := _key(entry)):
            found.setdefault(key, []).append(entry)
    return found


def _key(entry: Mapping[str, Any]) -> str:
    """The object's id, which release 1.0 calls ``id``; "" if it has none."""
    return str(entry.get("object_id", entry.get("id", "")))


def _thing(entries: Iterable[Mapping[str, Any]]) -> Thing | None:
    names: dict[str, None] = {}
    attributes: dict[str, None] = {}
    box = None
    for entry in entries:
        names |= dict.fromkeys(_texts([entry.get("name"), *_list(entry, "names"), *_list(entry, "object_names")]))
        attributes |= dict.fromkeys(_texts(_list(entry, "attributes")))
        box = box or _box(entry)
    if not names:
        return None
    first, *others = names
    return Thing(first, tuple(attributes), box=box, aliases=tuple(others))


def _list(entry: Mapping[str, Any], key: str) -> list[Any]:
    value = entry.get(key)
    return value if isinstance(value, list) else []


def _texts(values: Iterable[Any]) -> list[str]:
    """Lower case, without what pads them; what is no text is left out."""
    return [text for value in values if isinstance(value, str) and (text := " ".join(value.lower().split()))]


def _box(entry: Mapping[str, Any]) -> Box | None:
    sides = [entry.get(key) for key in ("x", "y", "w", "h")]
    x, y, width, height = (side if isinstance(side, int | float) else 0 for side in sides)
    return (round(x), round(y), round(x + width), round(y + height)) if width > 0 < height else None


def _canvas(data: Mapping[str, Any]) -> tuple[int, int] | None:
    width, height = data.get("width"), data.get("height")
    return (width, height) if isinstance(width, int) and isinstance(height, int) and width > 0 < height else None


def _relation(entry: Any, order: Mapping[str, int]) -> Relation | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("predicate"), str):
        return None
    subject, thing = entry.get("subject"), entry.get("object")
    predicate = _KNOWN.get(" ".join(entry["predicate"].lower().split()))
    if predicate is None or not isinstance(subject, dict) or not isinstance(thing, dict):
        return None
    ends = order.get(_key(subject)), order.get(_key(thing))
    return None if ends[0] is None or ends[1] is None else Relation(ends[0], predicate, ends[1])


def graph_facts(objects: Mapping[str, Mapping[str, Any]], relations: Iterable[Any], data: Mapping[str, Any]) -> Facts:
    """A scene graph as facts, exhaustive for nothing: objects by their ids, and what relates them.

    A relation has a ``predicate`` and an ``object_id`` in its ``subject`` and in its ``object``; ``data`` may have the
    ``width`` and ``height`` of the image.
    """
    things = {key: thing for key, entry in objects.items() if (thing := _thing([entry]))}
    order = {key: number for number, key in enumerate(things)}
    found = [_relation(entry, order) for entry in relations]
    return Facts(tuple(things.values()), tuple(dict.fromkeys(r for r in found if r)), canvas=_canvas(data))
