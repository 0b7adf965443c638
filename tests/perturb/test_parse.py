"""Tokens keep their offsets; sentences, quotes and noun phrases are where a reader sees them."""

from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from tldr_data.errors import UsageError
from tldr_data.perturb.parse import _pipeline, parse


def phrases(text: str) -> list[str]:
    parsed = parse(text)
    return [text[parsed.tokens[p.first].start : parsed.tokens[p.head].end] for p in parsed.phrases]


@given(st.text(max_size=60))
def test_tokens_are_cut_from_the_text(text: str) -> None:
    parsed = parse(text)
    assert all(text[t.start : t.end] == t.text for t in parsed.tokens)
    assert all(a.end <= b.start for a, b in zip(parsed.tokens, parsed.tokens[1:], strict=False))
    assert len(parsed.phrase_at) == len(parsed.tokens)


def test_noun_phrases() -> None:
    text = "Two young boys in a red and white striped boat throw the ball to a big dog."
    assert phrases(text) == ["Two young boys", "a red and white striped boat", "the ball", "a big dog"]


def test_a_verb_that_looks_like_a_plural_noun_ends_the_phrase() -> None:
    assert phrases("A man smiles at the camera.")[0] == "A man"


def test_a_possessive_begins_a_new_phrase() -> None:
    assert phrases("A woman's hat")[0] == "A woman"


def test_sentences() -> None:
    assert [t.sentence for t in parse("A dog. Two cats! approx. five").tokens if t.text.isalpha()] == [0, 0, 1, 1, 1, 1]


def test_quoted_words_are_not_the_captions_own() -> None:
    quoted = {t.text for t in parse('A sign reads "KEEP LEFT" and “two dogs” in red.').tokens if t.quoted}
    assert {"KEEP", "LEFT", "two", "dogs"} <= quoted
    assert not quoted & {"sign", "and", "red"}


def test_a_pipeline_of_the_users_own_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLDR_DATA_SPACY", "no_such_pipeline")
    _pipeline.cache_clear()
    try:
        with pytest.raises(UsageError, match="TLDR_DATA_SPACY names 'no_such_pipeline': no such spaCy pipeline"):
            parse("A text that no other test parses.")
    finally:
        _pipeline.cache_clear()


def test_a_pipeline_of_the_users_own_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("attribute_ruler").add([[{"LOWER": "lamp"}]], {"TAG": "NNS"})
    nlp.to_disk(tmp_path / "own")
    monkeypatch.setenv("TLDR_DATA_SPACY", str(tmp_path / "own"))
    _pipeline.cache_clear()
    try:
        assert "NNS" in [token.tag for token in parse("One lamp that only this test sees.").tokens]
    finally:
        _pipeline.cache_clear()
