from hypothesis import given
from hypothesis import strategies as st

from tldr_data.building.first_seen import FirstSeen


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=2), st.sampled_from("xy"))))
def test_it_is_a_dictionary_that_keeps_the_first(claims: list[tuple[str, str, str]]) -> None:
    first: dict[tuple[str, str], str] = {}
    with FirstSeen() as seen:
        for kind, key, value in claims:
            assert seen.claim(kind, key, value) == (first.setdefault((kind, key), value) == value)
