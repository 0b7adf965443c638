"""What is known of each source before it is read: for ``tldr-data sources``."""

from __future__ import annotations

from typing import NamedTuple

from tldr_data.errors import UsageError


class About(NamedTuple):
    """One source, for people: each field is a sentence or less, ``needs`` and ``options`` one line for each thing."""

    name: str
    summary: str
    needs: tuple[str, ...]
    where: str
    """Where the files are to be had."""
    license: str
    rows: str
    facts: str
    options: tuple[str, ...] = ()
    """What the configuration of a build may say of this source alone."""


_COCO_IMAGES = "images, optional: train2014/, val2014/ or images/ beside the JSON; a missing one is no fault"
_FLICKR = "photographs under the terms of their Flickr owners"
_FACTS_OF_ROWS = "as the row says: facts, with what they are exhaustive for"

_ABOUT = (
    About(
        name="scenes",
        summary="drawn images of which everything is known, with captions, questions and answers",
        needs=("nothing: no path",),
        where="comes with the package",
        license="CC0-1.0",
        rows="any number (--limit): a caption of each image, and questions with answers",
        facts="complete: all eight taxonomies can be proved",
    ),
    About(
        name="scenes-easy",
        summary="drawn images of a few plain shapes, for models that learn in minutes",
        needs=("nothing: no path",),
        where="comes with the package",
        license="CC0-1.0",
        rows="any number (--limit): a caption of each image, and questions with answers",
        facts="complete",
    ),
    About(
        name="jsonl",
        summary="your own rows, one JSON object on each line",
        needs=(
            "--path: a file, or a folder of *.jsonl (docs/data-format.md)",
            "response, or an image without one: to be captioned or scored",
        ),
        where="yours",
        license="of each row: license, and of its image image_license; without one unknown, which is never published",
        rows="one a line",
        facts=_FACTS_OF_ROWS,
    ),
    About(
        name="hf",
        summary="any dataset of the Hugging Face Hub, or a local one, read as a stream",
        needs=(
            "--path: user/name or user/name@revision; or a local folder or file of Parquet, JSON, CSV or Arrow, an "
            "image folder, or what save_to_disk wrote",
        ),
        where="https://huggingface.co/datasets",
        license="a column, a constant, or what the dataset card names; without one nothing is read",
        rows="one a row; an image without a response is to be captioned or scored",
        facts="none",
        options=(
            "columns: our field -> column, or '=' and what it is in every row; fields: id, image, prompt, response, "
            "accepted, task, group, split, license, attribution, image_license, image_attribution, image_url; without "
            "it the columns of these names",
            "config: the dataset's, where it has several",
            "hf_split: the dataset's split, where it has several",
        ),
    ),
    About(
        name="coco",
        summary="short captions of MS COCO's photographs, five of each",
        needs=("captions_*.json: --path is one of them, or their folder", _COCO_IMAGES),
        where="https://cocodataset.org/#download (2014 or 2017 Train/Val annotations)",
        license=f"CC-BY-4.0; {_FLICKR}",
        rows="captions",
        facts="none",
    ),
    About(
        name="docci",
        summary="descriptions of a paragraph, of photographs taken for the purpose",
        needs=(
            "docci_descriptions.jsonlines: --path is the file, or its folder",
            "images, optional: images/ beside it",
        ),
        where="https://google.github.io/docci/",
        license="CC-BY-4.0",
        rows="descriptions, with the official splits",
        facts="none",
    ),
    About(
        name="visual_genome",
        summary="phrases on regions of photographs, and questions with answers",
        needs=(
            "--path: the folder of region_descriptions.json, question_answers.json or both",
            "image_data.json, there or a folder up: which images are COCO's",
            "objects.json, attributes.json, relationships.json, optional: facts",
            "images, optional: VG_100K/ and VG_100K_2/, there or in images/",
        ),
        where="https://homes.cs.washington.edu/~ranjay/visualgenome/api.html",
        license=f"CC-BY-4.0; {_FLICKR}",
        rows="a caption for each region, a question for each question with an answer",
        facts="people's annotation, exhaustive for nothing",
        options=("merged: true for one more caption of each image, merged from its questions",),
    ),
    About(
        name="nlvr",
        summary="sentences that are true of drawn boxes, shapes and towers",
        needs=("train.json, dev.json, test.json: --path is one of them, or their folder", "images, optional: images/"),
        where="https://github.com/lil-lab/nlvr",
        license="CC-BY-4.0",
        rows="sentences labelled true, with the official splits",
        facts="complete",
    ),
    About(
        name="vqav2",
        summary="questions about COCO's photographs with ten people's short answers",
        needs=(
            "v2_OpenEnded_mscoco_train2014_questions.json (val2014, test2015): --path is one of them, or their folder",
            "v2_mscoco_train2014_annotations.json (val2014), beside it or in Annotations/: the answers; without it "
            "rows have no response",
            _COCO_IMAGES,
        ),
        where="https://visualqa.org/download.html",
        license=f"CC-BY-4.0; {_FLICKR}",
        rows="questions; the response is the official answer, all others that people gave are accepted",
        facts="the other questions of the image with their answers",
    ),
    About(
        name="gqa",
        summary="questions made from scene graphs of Visual Genome's photographs",
        needs=(
            "train_balanced_questions.json (val, testdev, ...), or train_all_questions/: --path is one of them, or "
            "their folder",
            "train_sceneGraphs.json, val_sceneGraphs.json, there or in sceneGraphs/, optional: facts",
            "image_data.json of Visual Genome, there or a folder up, where it is built together with visual_genome, "
            "coco or vqav2: which images are the same photographs",
            "images, optional: images/, VG_100K/ or VG_100K_2/",
        ),
        where="https://cs.stanford.edu/people/dorarad/gqa/download.html",
        license=f"CC-BY-4.0; {_FLICKR}",
        rows="questions; the response is the short answer, the full sentence is accepted; test sets have no response",
        facts="the scene graph, exhaustive for nothing",
    ),
    About(
        name="textvqa",
        summary="questions about written text in photographs with ten people's answers",
        needs=(
            "TextVQA_0.5.1_train.json (val, test): --path is one of them, or their folder",
            "images, optional: train_images/ and test_images/, there or as the archives unpack them",
        ),
        where="https://textvqa.org/dataset/",
        license="CC-BY-4.0; photographs of Open Images, CC-BY-2.0, at the address in each row's attribution",
        rows="questions, with the official splits; the response is the answer that most people gave, all others are "
        "accepted; the test set has no response",
        facts="none",
    ),
)

ABOUT = {entry.name: entry for entry in _ABOUT}


def about(name: str | None = None) -> list[About]:
    """All sources, or the named one.

    Raises:
        UsageError: there is none of that name.
    """
    if name is None:
        return list(_ABOUT)
    if name not in ABOUT:
        raise UsageError(f"unknown source {name!r}: allowed are {', '.join(ABOUT)}")
    return [ABOUT[name]]


def source_lines(name: str | None = None) -> list[str]:
    """Name and summary of every source, with a tab between them; of the named one all that is known.

    Raises:
        UsageError: there is none of that name.
    """
    if name is None:
        return [f"{entry.name}\t{entry.summary}" for entry in about()]
    (entry,) = about(name)
    parts = [
        ("needs", entry.needs),
        ("options", entry.options),
        ("from", (entry.where,)),
        ("license", (entry.license,)),
        ("rows", (entry.rows,)),
        ("facts", (entry.facts,)),
    ]
    listed = [f"{title if number == 0 else '':<9}{line}" for title, lines in parts for number, line in enumerate(lines)]
    return [f"{entry.name}: {entry.summary}", *listed]


def source_dicts(name: str | None = None) -> list[dict[str, object]]:
    """The same for machines.

    Raises:
        UsageError: there is none of that name.
    """
    return [{key: list(v) if isinstance(v, tuple) else v for key, v in e._asdict().items()} for e in about(name)]
