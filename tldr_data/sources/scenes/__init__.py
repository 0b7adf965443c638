"""Source ``scenes``: drawn images of which everything is known, any number of them, from a seed.

Full scenes (384 x 288 pixels) hold ten or so things in one of twelve places; easy ones (64 x 64 pixels) hold a few
plain shapes, for models that learn in minutes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tldr_data.errors import RowError, UsageError
from tldr_data.example import Example
from tldr_data.facts import Facts
from tldr_data.sources import Redrawn
from tldr_data.sources.scenes.captions import caption
from tldr_data.sources.scenes.drawing import draw_scene, encode
from tldr_data.sources.scenes.easy import draw_easy_scene, easy_caption, easy_facts, easy_questions, make_easy_scene
from tldr_data.sources.scenes.easy_pairs import redrawn_easy_scenes
from tldr_data.sources.scenes.geometry import facts_of
from tldr_data.sources.scenes.layout import make_scene
from tldr_data.sources.scenes.pairs import redrawn_scenes
from tldr_data.sources.scenes.questions import QA, questions

DEFAULT_NUMBER = 500
LICENSE = "CC0-1.0"
ATTRIBUTION = "tldr-data scenes"
PROMPTS = (
    "Describe the image.",
    "Describe this picture.",
    "What can be seen in the image?",
    "Write a caption for this image.",
    "Describe the image in detail.",
)


class Scenes:
    """Full scenes. A row is the scene's number; the scene depends on it and the seed alone.

    Raises:
        UsageError: a path was given, or the limit is negative.
    """

    name = "scenes"

    def __init__(self, *, path: Path | None, seed: int, limit: int | None) -> None:
        if path is not None:
            raise UsageError(f"source {self.name} is drawn, not read: it takes no path, and was given {path}")
        if limit is not None and limit < 0:
            raise UsageError(f"limit {limit}: allowed are 0 and more")
        self.seed = seed
        self.number = DEFAULT_NUMBER if limit is None else limit

    def rows(self) -> Iterator[int]:
        yield from range(self.number)

    def examples(self, row: int) -> Iterator[Example | RowError]:
        """One caption, then four to six questions with their answers."""
        name = f"{self.name}/{self.seed}-{row:06d}"
        image, facts, pairs = self._draw(random.Random(f"{self.seed}/{self.name}/{row}"))
        for number, (prompt, response) in enumerate(pairs):
            yield Example(
                id=f"{name}/q{number}" if number else name,
                response=response,
                prompt=prompt,
                task="vqa" if number else "caption",
                source=self.name,
                license=LICENSE,
                attribution=ATTRIBUTION,
                group=name,
                image_id=name,
                image=image,
                facts=facts,
            )

    def redrawn(self, row: int, perturbed: Example) -> Iterator[Redrawn]:
        """The scene of a row, changed as the edits of its caption say; the backdrop stays as it is."""
        return redrawn_scenes(random.Random(f"{self.seed}/{self.name}/{row}"), perturbed)

    def _draw(self, rng: random.Random) -> tuple[bytes, Facts, list[QA]]:
        """One scene: PNG bytes, what is true of it, and what is asked and said of it, the caption first."""
        scene = make_scene(rng)
        image = encode(draw_scene(scene, rng))
        return image, facts_of(scene), [QA(rng.choice(PROMPTS), caption(scene, rng)), *questions(scene, rng)]


class EasyScenes(Scenes):
    """Easy scenes: a few plain shapes and one or two sentences.

    Raises:
        UsageError: as of ``Scenes``.
    """

    name = "scenes-easy"

    def redrawn(self, row: int, perturbed: Example) -> Iterator[Redrawn]:
        return redrawn_easy_scenes(random.Random(f"{self.seed}/{self.name}/{row}"), perturbed)

    def _draw(self, rng: random.Random) -> tuple[bytes, Facts, list[QA]]:
        groups = make_easy_scene(rng)
        image = encode(draw_easy_scene(groups, rng))
        pairs = [QA(rng.choice(PROMPTS), easy_caption(groups, rng)), *easy_questions(groups, rng)]
        return image, easy_facts(groups), pairs
