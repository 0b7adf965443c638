"""A taxonomy of visual errors, as one YAML file (docs/adding-a-taxonomy.md)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, ValidationError, model_validator

from tldr_data.errors import InputError, UsageError
from tldr_data.objects import objects, plural_forms
from tldr_data.resources import read_yaml, resource_dir

RuleName = Literal[
    "relation", "place", "adverb", "adjective", "swap", "noun", "count", "negation", "absence",
    "written", "numeral", "inscription", "name", "inverse", "order", "voice", "answer",
]  # fmt: skip
WRITING = frozenset({"written", "numeral", "inscription"})
"""Rules on written text: any words may stand in it, and no others are changed."""
BY_TERM = frozenset("relation place adverb adjective swap count negation absence answer".split())
"""Rules that look for the terms of their subtype: no term, no site."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LARGEST_FILE = 2**20
"""Bytes: PyYAML needs a minute for ten times as many, and no taxonomy comes near."""


def _unicode(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds a lone surrogate, which is not valid Unicode")
    return text


Text = Annotated[str, AfterValidator(_unicode)]


def _snake_case(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("a name has at most 64 lower-case letters, digits and underscores, and begins with a letter")
    return name


def _term(term: str) -> str:
    if term != " ".join(term.lower().split()) or not term or not term.isprintable():
        raise ValueError("a term is lower case, not empty, its words parted by single spaces")
    return term


Term = Annotated[str, AfterValidator(_term)]
Row = Annotated[tuple[Term, ...], Field(min_length=2)]
Terms = Annotated[frozenset[Term], PlainSerializer(sorted)]


class _Written(BaseModel):
    """What people write: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Case(_Written):
    """A worked edit that runs as a test."""

    reference: Text
    response: Text | None
    """None: the rules must find no site in the reference."""
    errors: tuple[str, ...] = ()
    """The BAD words, in order, as they stand in the response."""
    collateral: tuple[str, ...] = ()
    """The words changed for the grammar only, in order."""
    shown: bool = False
    """Shown to a language model as a worked example; without a response it shows where nothing is to be changed."""


class Rewording(_Written):
    """A meaning-preserving change that the filters must reject."""

    reference: Text
    response: Text


class Subtype(_Written):
    """One way of being wrong inside a taxonomy, and the rule and terms that make it."""

    definition: Text
    rule: RuleName
    groups: tuple[Row, ...] = ()
    """Terms that exclude one another: any may replace any other of its group."""
    near: tuple[Row, ...] = ()
    """Terms that could both be true of one thing: never exchanged."""
    swaps: dict[Term, Annotated[tuple[Term, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Term -> what may replace it, where that works one way only."""
    kinds: Terms = frozenset()
    """Kinds of ``lexicons/objects.yaml`` that the noun must be of."""
    heads: Terms = frozenset()
    """Nouns that the changed words must belong to (``relation``: that must follow); empty: any."""
    not_heads: Terms = frozenset()
    """Nouns that the changed words must not belong to."""
    not_placed: Terms = frozenset()
    """Nouns that are given no other place (``relation``, ``place``, ``adverb``)."""
    markers: Terms = frozenset()
    """The noun phrase must hold one of these words, or be followed at once by one of these phrases."""

    unless: Terms = frozenset()
    """Words of which none may stand in the sentence."""
    once: bool = False
    """The replaced words may stand nowhere else in the text."""
    indefinite: bool = False
    """The noun phrase may not begin with "the": it would speak of something that was described before."""
    max_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Of the taxonomy's rows, at most; what is over it is left out when a build is put together."""

    @model_validator(mode="after")
    def _has_terms(self) -> Subtype:
        if not (self.groups or self.swaps or self.kinds or self.markers) and self.rule not in WRITING:
            raise ValueError("a subtype needs groups, swaps, kinds or markers")
        for row in (*self.groups, *((term, *others) for term, others in self.swaps.items())):
            if len(set(row)) < len(row):
                raise ValueError(f"a term stands twice among {', '.join(row)}")
        for kind in self.kinds:
            if kind not in objects().kinds:
                raise ValueError(f"unknown kind {kind!r}: allowed are {', '.join(objects().kinds)}")
        return self

    @cached_property
    def exchanges(self) -> dict[str, tuple[str, ...]]:
        """Term -> what may replace it: the rest of its groups without what is near to it, and its swaps."""
        found: dict[str, dict[str, None]] = {}
        pairs = [(term, group) for group in self.groups for term in group]
        for term, others in (*pairs, *self.swaps.items()):
            close = {other for row in self.near if term in row for other in row} | {term}
            found.setdefault(term, {}).update((other, None) for other in others if other not in close)
        return {term: tuple(others) for term, others in found.items()}

    @cached_property
    def terms(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """First word -> the terms that begin with it, as word tuples, the longest first."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for words in (tuple(term.split(" ")) for term in self.exchanges):
            found.setdefault(words[0], set()).add(words)
        return {first: tuple(sorted(terms, key=lambda t: (-len(t), t))) for first, terms in found.items()}

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the lexicon, function words left out; of whole answers none: "no" alone says nothing."""
        if self.rule == "answer":
            return frozenset()
        terms = [term for row in (*self.groups, tuple(self.swaps), *self.swaps.values()) for term in row]
        for noun in (noun for kind in self.kinds for row in objects().kinds[kind] for noun in row):
            terms += [noun, plural_forms()[noun]]
        return frozenset(word for term in terms for word in _key_words(term))

    def knows(self, replaced: str, replacement: str) -> bool:
        """Whether each of two phrases holds a word of the lexicon; what was inserted or removed goes by the other."""
        if self.rule in WRITING:
            return self.rule == _kind_of_writing(replaced, replacement)
        return _inside(self.words, replaced, replacement)


class Taxonomy(_Written):
    """What ``taxonomies/<name>.yaml`` holds."""

    name: Annotated[str, AfterValidator(_snake_case)]
    definition: Text
    origin: Text
    """Where the lexicon comes from."""
    subtypes: Annotated[dict[Annotated[str, AfterValidator(_snake_case)], Subtype], Field(min_length=1)]
    instructions: Text = ""
    """What to change and what never to, for whoever writes an edit; empty: the definitions must do."""
    idioms: tuple[Term, ...] = ()
    """Phrases inside which nothing is ever changed, and which ``adjective`` and ``swap`` never write."""
    families: tuple[Row, ...] = ()
    """Words that speak of one matter ("top", "above"): where another of them is said of the same thing, one is left."""
    cases: tuple[Case, ...] = ()
    paraphrases: tuple[Rewording, ...] = ()

    def __hash__(self) -> int:
        return hash(self.name)

    @cached_property
    def family_of(self) -> dict[str, frozenset[str]]:
        """Word -> the words of its families."""
        found: dict[str, frozenset[str]] = {}
        for family in self.families:
            for word in family:
                found[word] = found.get(word, frozenset()) | frozenset(family)
        return found

    @cached_property
    def subtypes_at(self) -> dict[str, frozenset[str]]:
        """Word -> the subtypes with a term that begins so; of "" those that look for no terms."""
        found: dict[str, set[str]] = {"": set()}
        for name, subtype in self.subtypes.items():
            for word in subtype.terms if subtype.rule in BY_TERM else ("",):
                found.setdefault(word, set()).add(name)
        return {word: frozenset(names) for word, names in found.items()}

    @property
    def is_marked(self) -> bool:
        """Whether every subtype asks for a sign beside its words ("small", "in the background")."""
        return all(subtype.markers for subtype in self.subtypes.values())

    def digest(self) -> str:
        """SHA-256 of the content: part of a build's recipe."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def admits(self, replaced: str, replacement: str) -> bool:
        """Whether changing one phrase into the other stays inside this taxonomy.

        A phrase is inside if one of its words is a word of the lexicon; what was inserted or removed is judged by
        the other side. Any words may be written text.
        """
        answers = (subtype.exchanges for subtype in self.subtypes.values() if subtype.rule == "answer")
        if any(replacement.lower() in exchanges.get(replaced.lower(), ()) for exchanges in answers):
            return True
        return _inside(None if self.has_writing else self._words, replaced, replacement)

    def subtype_of(self, replaced: str, replacement: str) -> str | None:
        """The subtype that exchanges one phrase for the other, or else the only one whose lexicon knows both."""
        old, new = replaced.lower(), replacement.lower()
        for name, subtype in self.subtypes.items():
            if new in subtype.exchanges.get(old, ()):
                return name
        known = [name for name, subtype in self.subtypes.items() if subtype.knows(replaced, replacement)]
        return known[0] if len(known) == 1 else None

    @cached_property
    def has_writing(self) -> bool:
        """Whether it is about written text, where any words may stand."""
        return any(subtype.rule in WRITING for subtype in self.subtypes.values())

    @property
    def is_of_writing(self) -> bool:
        """Whether it is about nothing but written text."""
        return all(subtype.rule in WRITING for subtype in self.subtypes.values())

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset[str]().union(*(subtype.words for subtype in self.subtypes.values()))


_FUNCTION_WORDS = frozenset("a an the of to and or is are was were".split())


@lru_cache(maxsize=4096)
def _key_words(phrase: str) -> frozenset[str]:
    words = frozenset(re.findall(r"[\w'-]+", phrase.lower()))
    return words - _FUNCTION_WORDS or words


def _inside(lexicon: frozenset[str] | None, replaced: str, replacement: str) -> bool:
    """Whether each phrase with words has one of a lexicon (None: of all words), and at least one of them has words."""
    sides = [words for words in (_key_words(replaced), _key_words(replacement)) if words]
    return bool(sides) and (lexicon is None or not any(words.isdisjoint(lexicon) for words in sides))


def _kind_of_writing(replaced: str, replacement: str) -> RuleName:
    if not replaced:
        return "inscription"
    return "numeral" if re.fullmatch(r"[\d\W]*\d[\d\W]*", replaced) and re.search(r"\d", replacement) else "written"


class _Loader(yaml.SafeLoader):
    """SafeLoader, but a key that stands twice is a fault: YAML forbids it, and PyYAML takes the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"key {twice[0]!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def shipped_taxonomies() -> list[str]:
    """Names of the taxonomies that come with the package, sorted.

    >>> "spatial" in shipped_taxonomies()
    True
    """
    return sorted(path.stem for path in resource_dir("taxonomies").glob("*.yaml"))


def load_taxonomy(name: str) -> Taxonomy:
    """A shipped taxonomy by name, or a user's own by the path of its YAML file.

    Raises:
        UsageError: no such name, no such file.
        InputError: the file is no YAML, or not of this form; the message names the key and what is allowed.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        return _shipped(name)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"taxonomy {name!r} has over {_LARGEST_FILE:,} bytes: that is no taxonomy")
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise UsageError(f"taxonomy {name!r} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"taxonomy {name!r} is not valid YAML: {' '.join(str(error).split())[:300]}") from None
    try:
        return Taxonomy.model_validate(content)
    except ValidationError as error:
        raise InputError(f"taxonomy {name!r}: {_first_fault(error)}") from None


@cache
def _shipped(name: str) -> Taxonomy:
    if name not in shipped_taxonomies():
        allowed = ", ".join([*shipped_taxonomies(), "all"])
        raise UsageError(f"unknown taxonomy {name!r}: allowed are {allowed}, or the path of a .yaml file")
    return Taxonomy.model_validate(read_yaml("taxonomies", f"{name}.yaml"))


@cache
def paraphrases() -> Taxonomy:
    """What may be written anew without a change of meaning: of a taxonomy's form, though nothing in it is an error."""
    return Taxonomy.model_validate(read_yaml("lexicons", "paraphrase.yaml"))


def load_taxonomies(names: Sequence[str]) -> list[Taxonomy]:
    """Several, in the order given, each once; ``all`` means every shipped one.

    Raises:
        UsageError, InputError: as ``load_taxonomy``; two different files claim one name.
    """
    wanted = [each for name in names for each in (shipped_taxonomies() if name == "all" else [name])]
    loaded: dict[str, Taxonomy] = {}
    for taxonomy in map(load_taxonomy, dict.fromkeys(wanted)):
        if loaded.setdefault(taxonomy.name, taxonomy) != taxonomy:
            raise UsageError(f"two different taxonomies are named {taxonomy.name!r}: rename one of them")
    return list(loaded.values())


def _first_fault(error: ValidationError) -> str:
    faults = error.errors()
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    where = ".".join(str(part) for part in fault["loc"]) or "the file"
    if fault["type"] == "extra_forbidden":
        model: type[BaseModel] = Taxonomy
        if fault["loc"][0] in ("cases", "paraphrases"):
            model = Case if fault["loc"][0] == "cases" else Rewording
        elif len(fault["loc"]) > 2:
            model = Subtype
        return f"unknown key {where!r}: allowed are {', '.join(model.model_fields)}"
    return f"{where}: {fault['msg']}, got {str(fault['input'])[:60]!r}"
