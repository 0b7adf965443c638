"""Write a made-up Visual Genome in the official files, at any scale, and captions beside it.

    python benchmarks/made_up_genome.py FOLDER [--scale 0.01] [--seed 0] [--facts]

At scale 1: 108,077 pictures with some 1.7 million questions (image_data.json, question_answers.json), and 109,323
captions (captions.jsonl, for the source jsonl), of which the first tell of the same pictures. ``--facts`` adds
objects.json. There are no image files. The same seed gives the same files; memory does not grow with the scale.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from made_up_captions import caption
from made_up_questions import pairs
from made_up_scene import Scene, scene_of

IMAGES, CAPTIONS = 108_077, 109_323
COCO_SHARE = 0.48
URL = "https://example.org/made_up_genome/{}.jpg"
SIZES = ((800, 600), (500, 375), (640, 480), (500, 333), (375, 500), (1024, 768))


class Sizes(NamedTuple):
    """What was written."""

    images: int
    pairs: int
    captions: int


class JsonList:
    """Writes a JSON array item by item."""

    def __init__(self, path: Path) -> None:
        self.file: TextIO = path.open("w", encoding="utf-8", newline="\n")
        self.before = "["

    def add(self, item: Any) -> None:
        self.file.write(self.before + json.dumps(item))
        self.before = ", "

    def close(self) -> None:
        self.file.write("[]" if self.before == "[" else "]")
        self.file.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the real size")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--facts", action="store_true", help="write objects.json too")
    options = parser.parse_args()
    sizes = write_genome(options.folder, scale=options.scale, seed=options.seed, facts=options.facts)
    print(f"{sizes.images:,} images, {sizes.pairs:,} questions, {sizes.captions:,} captions in {options.folder}")


def write_genome(folder: Path, *, scale: float, seed: int, facts: bool) -> Sizes:
    """Write all files; captions beyond the number of images tell of pictures that have no questions."""
    folder.mkdir(parents=True, exist_ok=True)
    images, captions, asked = round(IMAGES * scale), round(CAPTIONS * scale), 0
    names = ["image_data", "question_answers", *(["objects"] if facts else [])]
    lists = {name: JsonList(folder / f"{name}.json") for name in names}
    with (folder / "captions.jsonl").open("w", encoding="utf-8", newline="\n") as lines:
        for number in range(1, max(images, captions) + 1):
            scene, rng = scene_of(seed, number), random.Random(f"{seed}/{number}/texts")
            group = f"captions/{number}"
            if number <= images:
                found = annotation(number, scene, rng, asked)
                asked += len(found["question_answers"]["qas"])
                for name, each in lists.items():
                    each.add(found[name])
                coco_id = found["image_data"]["coco_id"]
                group = f"coco/{coco_id}" if coco_id else f"visual_genome/{number}"
            if number <= captions:
                row = {"id": f"captions/{number}", "response": caption(scene, rng), "group": group}
                lines.write(json.dumps({**row, "license": "CC0-1.0"}) + "\n")
    for each in lists.values():
        each.close()
    return Sizes(images, asked, captions)


def annotation(number: int, scene: Scene, rng: random.Random, asked: int) -> dict[str, Any]:
    """What each file says of an image."""
    image = image_data(number, rng)
    return {
        "image_data": image,
        "question_answers": {"id": number, "qas": list(questions(number, scene, rng, asked))},
        "objects": {"image_id": number, "objects": list(objects(number, scene, image))},
    }


def image_data(number: int, rng: random.Random) -> dict[str, Any]:
    """A row of image_data.json; ids of other sets are unique, and missing as often as really."""
    width, height = rng.choice(SIZES)
    coco = 5 * number + rng.randrange(5) if rng.random() < COCO_SHARE else None
    flickr = 2_000_000_000 + 40_000 * number + rng.randrange(40_000) if rng.random() < 0.95 else None
    url = URL.format(number)
    return {"width": width, "url": url, "height": height, "image_id": number, "coco_id": coco, "flickr_id": flickr}


def questions(number: int, scene: Scene, rng: random.Random, asked: int) -> Iterator[dict[str, Any]]:
    """The pairs of an image as question_answers.json has them; ``asked`` were written before."""
    for qa_id, (question, answer) in enumerate(pairs(scene, rng), 986_768 + asked):
        yield {
            "a_objects": [],
            "question": question,
            "image_id": number,
            "qa_id": qa_id,
            "answer": answer,
            "q_objects": [],
        }


def objects(number: int, scene: Scene, image: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The things of a scene with boxes, in columns from left to right."""
    width = image["width"] // max(1, len(scene.things))
    for at, thing in enumerate(scene.things):
        for copy in range(thing.count):
            box = {"x": at * width + copy, "y": image["height"] // 3, "w": width // 2, "h": width // 2}
            yield {"synsets": [], "object_id": 1000 * number + 10 * at + copy, "names": [thing.noun], **box}


if __name__ == "__main__":
    main()
