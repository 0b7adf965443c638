"""Scenes drawn again: changed as an edit of their caption says, and in nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from tldr_data.example import Example
from tldr_data.sources import Redrawn
from tldr_data.sources.scenes.drawing import draw_scene, encode
from tldr_data.sources.scenes.exchange import Exchange, exchanges
from tldr_data.sources.scenes.geometry import facts_of
from tldr_data.sources.scenes.layout import make_scene
from tldr_data.sources.scenes.looks import new_looks
from tldr_data.sources.scenes.moves import new_places
from tldr_data.sources.scenes.presence import present_or_absent
from tldr_data.sources.scenes.scene import Scene
from tldr_data.sources.scenes.variants import is_drawable

_MOST = 64
"""Scenes that are looked at after each exchange of words."""


def redrawn_scenes(rng: random.Random, perturbed: Example) -> Iterator[Redrawn]:
    """Images of changed scenes; ``rng`` is in the state from which the first scene was made.

    The backdrop is drawn from the same state as the first, so that it is the same.
    """
    scene = make_scene(rng)
    state = rng.getstate()
    for changed in changed_scenes(scene, perturbed):
        yield Redrawn(facts_of(changed), partial(_drawn, changed, state))


def _drawn(scene: Scene, state: tuple[Any, ...]) -> bytes:
    rng = random.Random()
    rng.setstate(state)
    return encode(draw_scene(scene, rng))


def changed_scenes(scene: Scene, perturbed: Example) -> Iterator[Scene]:
    """Scenes of which the perturbed caption may be true, the likeliest first: proposals, to be held against the text.

    Nothing is yielded for an edit that only puts words in: what it takes back writes nothing that could be false.
    """
    rng = random.Random(f"{perturbed.id}/redraw")
    if any(not span.replaced for span in perturbed.errors):
        return
    scenes = iter([scene])
    for exchange in exchanges(perturbed):
        scenes = islice(_variants(scenes, exchange, rng), _MOST)
    yield from (new for new in scenes if new is not scene and is_drawable(new))


def _variants(scenes: Iterator[Scene], exchange: Exchange, rng: random.Random) -> Iterator[Scene]:
    for scene in scenes:
        yield from new_looks(scene, exchange)
        yield from present_or_absent(scene, exchange, rng)
        yield from new_places(scene, exchange, rng)
