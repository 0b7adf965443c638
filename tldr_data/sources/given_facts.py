"""Facts that people write as JSON (docs/data-format.md).

Nothing is coerced: a misread fact would "prove" a false label.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from tldr_data.facts import CLAIMS, PREDICATES, SIZES, Facts, Relation, Sign, Thing


def _named(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError("is empty or padded with spaces")
    return text


def _one_of(*allowed: str) -> AfterValidator:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"is {text[:40]!r}, allowed are {', '.join(allowed)}")
        return text

    return AfterValidator(check)


Name = Annotated[StrictStr, AfterValidator(_named)]
Index = Annotated[StrictInt, Field(ge=0)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Object(_Given):
    name: Name
    attributes: list[Name] = []
    size: Annotated[StrictStr, _one_of(*SIZES)] | None = None
    count: Annotated[StrictInt, Field(ge=1)] = 1
    box: Annotated[list[StrictInt], Field(min_length=4, max_length=4)] | None = None
    background: StrictBool = False

    def thing(self) -> Thing:
        if self.box is None:
            return Thing(self.name, tuple(self.attributes), self.size, self.count, None, self.background)
        left, top, right, bottom = self.box
        if left >= right or top >= bottom:
            raise ValueError(f"box of {self.name!r} is {self.box}: it is left, top, right, bottom, in that order")
        box = (left, top, right, bottom)
        return Thing(self.name, tuple(self.attributes), self.size, self.count, box, self.background)


class _Relation(_Given):
    subject: Index
    predicate: Annotated[StrictStr, _one_of(*PREDICATES)]
    object: Index


class _Sign(_Given):
    text: Name
    object: Index


class _Facts(_Given):
    objects: list[_Object] = []
    relations: list[_Relation] = []
    signs: list[_Sign] = []
    exhaustive: list[Annotated[StrictStr, _one_of(*CLAIMS)]] = []
    canvas: Annotated[list[Annotated[StrictInt, Field(ge=1)]], Field(min_length=2, max_length=2)] | None = None


def read_facts(data: Any) -> Facts:
    """Facts of a JSON object with ``objects``, ``relations``, ``signs``, ``exhaustive`` and ``canvas``.

    Raises:
        ValueError: with one line that says what is wrong and what is allowed.

    >>> read_facts({"objects": [{"name": "cup", "attributes": ["red"]}]}).things[0].attributes
    ('red',)
    """
    try:
        given = _Facts.model_validate(data)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"]) or "facts"
        raise ValueError(f"{where}: {fault['msg'].removeprefix('Value error, ')}") from None
    indices = [i for r in given.relations for i in (r.subject, r.object)] + [sign.object for sign in given.signs]
    if wrong := [index for index in indices if index >= len(given.objects)]:
        raise ValueError(f"object {wrong[0]} is named, of {len(given.objects)} objects counted from 0")
    return Facts(
        tuple(item.thing() for item in given.objects),
        tuple(Relation(r.subject, r.predicate, r.object) for r in given.relations),
        tuple(Sign(sign.text, sign.object) for sign in given.signs),
        frozenset(given.exhaustive),
        (given.canvas[0], given.canvas[1]) if given.canvas else None,
    )
