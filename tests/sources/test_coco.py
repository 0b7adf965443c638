import json
import pickle
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tldr_data.errors import InputError, RowError, UsageError
from tldr_data.example import Example, ImageTerms
from tldr_data.sources import open_source, read
from tldr_data.sources.coco import Coco

IMAGES = [{"id": 136, "file_name": "COCO_val2014_000000000136.jpg"}, {"id": 7, "file_name": "seven.jpg"}]
CAPTIONS = [
    {"image_id": 136, "id": 1, "caption": "Two giraffes in a room. "},
    {"image_id": 7, "id": 2, "caption": "A man 👨‍👩‍👧 and a dog."},
    {"image_id": 136, "id": 3, "caption": "Giraffes behind a window."},
]
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "coco_captions"


def write(
    folder: Path,
    captions: list[Any] = CAPTIONS,
    *,
    images_first: bool = True,
    images: Any = IMAGES,
    licenses: Any = (),
) -> Path:
    document = {"info": {"year": 2014}, "images": images, "licenses": licenses, "annotations": captions}
    keys = list(document) if images_first else list(document)[::-1]
    path = folder / "captions_val2014.json"
    path.write_text(json.dumps({key: document[key] for key in keys}), encoding="utf-8")
    return path


def examples(path: Path, limit: int | None = None) -> list[Example | RowError]:
    return list(read(open_source("coco", path=path, seed=0, limit=limit)))


def only(path: Path) -> Example | RowError:
    (made,) = examples(path)
    return made


@pytest.mark.parametrize("images_first", [True, False])
def test_captions_arrive_in_order_whichever_table_is_first(tmp_path: Path, images_first: bool) -> None:
    (tmp_path / "seven.jpg").write_bytes(b"pixels")
    made = [e for e in examples(write(tmp_path, images_first=images_first)) if isinstance(e, Example)]
    assert [e.id for e in made] == ["coco/136/1", "coco/7/2", "coco/136/3"]
    assert [e.group for e in made] == ["coco/136", "coco/7", "coco/136"]
    assert [e.response for e in made] == [c["caption"].strip() for c in CAPTIONS]
    assert [e.image for e in made] == [None, tmp_path / "seven.jpg", None]
    assert [e.image_id for e in made] == ["coco/136", "coco/7", "coco/136"]
    assert {(e.source, e.license) for e in made} == {("coco", "CC-BY-4.0")}
    assert all("COCO Consortium" in e.attribution for e in made)


@pytest.mark.parametrize("images_first", [True, False])
def test_an_image_has_the_licence_of_its_photographer(tmp_path: Path, images_first: bool) -> None:
    by, usage = "http://creativecommons.org/licenses/by-nc-nd/2.0/", "http://flickr.com/commons/usage/"
    licenses = [{"id": 3, "url": by, "name": "NoDerivs"}, {"id": 7, "url": usage, "name": "No known restrictions"}, 5]
    images = [
        {"id": 136, "license": 3, "coco_url": "http://coco/136.jpg", "flickr_url": "http://flickr/136_z.jpg"},
        {"id": 7, "license": 7, "coco_url": None, "flickr_url": "http://flickr/7_z.jpg"},
        {"id": 8, "license": 9, "coco_url": "\ud800", "flickr_url": 5},
    ]
    captions = [{"image_id": number, "id": number, "caption": "A dog."} for number in (136, 7, 8, 9)]
    path = write(tmp_path, captions, images=images, licenses=licenses, images_first=images_first)
    made = [e for e in examples(path) if isinstance(e, Example)]
    unknown = ImageTerms("unknown", "photograph of MS COCO, under the terms of its Flickr photographer")
    assert [e.image_terms for e in made] == [
        ImageTerms(
            "CC-BY-NC-ND-2.0",
            "photograph of MS COCO, licence CC-BY-NC-ND-2.0: http://flickr/136_z.jpg",
            "http://coco/136.jpg",
        ),
        ImageTerms(
            "No known restrictions",
            "photograph of MS COCO, licence No known restrictions: http://flickr/7_z.jpg",
            "http://flickr/7_z.jpg",
        ),
        unknown,
        unknown,
    ]
    assert {e.license for e in made} == {"CC-BY-4.0"}


@pytest.mark.parametrize("tables", [{"images": 5, "licenses": {"id": 1}}, {"images": [[]], "licenses": [None]}])
def test_odd_tables_are_tables_that_say_nothing(tmp_path: Path, tables: dict[str, Any]) -> None:
    made = [e for e in examples(write(tmp_path, **tables)) if isinstance(e, Example)]
    assert [e.image_terms and e.image_terms.license for e in made] == ["unknown"] * 3


@pytest.mark.parametrize("place", ["images", "val2014", "train2017", "images/val2014", "../val2014", "../images"])
def test_images_are_found_in_the_usual_places(tmp_path: Path, place: str) -> None:
    annotations = tmp_path / "annotations"
    folder = annotations / place
    annotations.mkdir()
    folder.mkdir(parents=True)
    (folder / "COCO_val2014_000000000136.jpg").write_bytes(b"pixels")
    first = next(read(open_source("coco", path=write(annotations), seed=0, limit=1)))
    assert isinstance(first, Example)
    assert isinstance(first.image, Path)
    assert first.image.read_bytes() == b"pixels"


def test_a_file_name_cannot_point_outside(tmp_path: Path) -> None:
    secret, inner = tmp_path / "secret.jpg", tmp_path / "set"
    secret.write_bytes(b"not yours")
    inner.mkdir()
    for name in ("../secret.jpg", str(secret), "..", "", "n" * 5000, "a\0b"):
        path = inner / "captions_x.json"
        path.write_text(
            json.dumps({"images": [{"id": 7, "file_name": name}], "annotations": CAPTIONS[1:2]}), encoding="utf-8"
        )
        made = only(path)
        assert isinstance(made, Example)
        assert made.image is None


@pytest.mark.parametrize("inside", [".", "annotations"])
def test_a_folder_gives_all_its_caption_files(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir(exist_ok=True)
    for name in ("instances_val2014.json", "captions_train2014.json", "captions_val2014.json"):
        write(tmp_path / inside, [{"image_id": 7, "id": 1, "caption": name}]).rename(tmp_path / inside / name)
    made = [e.response for e in examples(tmp_path) if isinstance(e, Example)]
    assert made == ["captions_train2014.json", "captions_val2014.json"]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ({"image_id": 7, "id": 1}, "missing_caption"),
        ({"image_id": 7, "id": 1, "caption": "\n"}, "empty_caption"),
        ({"image_id": 7, "id": 1, "caption": 3}, "wrong_type"),
        ({"image_id": 7, "id": 1, "caption": "word " * 100_000}, "too_long"),
        ({"image_id": 7, "id": 1, "caption": "a \ud800 b"}, "lone_surrogate"),
        ({"image_id": 7, "caption": "A cup."}, "missing_id"),
        ({"id": 1, "caption": "A cup."}, "missing_id"),
        ({"image_id": [7], "id": 1, "caption": "A cup."}, "wrong_type"),
        ({"image_id": 7.5, "id": 1, "caption": "A cup."}, "wrong_type"),
        ("A cup.", "not_an_object"),
        (None, "not_an_object"),
    ],
)
def test_an_odd_annotation_is_told_and_stops_nothing(tmp_path: Path, annotation: object, expected: str) -> None:
    good, odd, after = examples(write(tmp_path, [CAPTIONS[0], annotation, CAPTIONS[1]]))
    assert isinstance(good, Example)
    assert isinstance(after, Example)
    assert isinstance(odd, RowError)
    assert odd.reason == expected
    assert str(odd).startswith("captions_val2014.json annotation 2: ")
    assert "\n" not in str(odd)
    assert after.response == CAPTIONS[1]["caption"]


@pytest.mark.parametrize("images_first", [True, False])
def test_a_cut_file_gives_what_stands_before_the_cut(tmp_path: Path, images_first: bool) -> None:
    captions = [{"image_id": 7, "id": n, "caption": f"{n} cups."} for n in range(5000)]
    path = write(tmp_path, captions, images_first=images_first)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"4000 cups")])
    made = read(open_source("coco", path=path, seed=0, limit=None))
    assert [e.response for e in islice(made, 4000) if isinstance(e, Example)] == [c["caption"] for c in captions[:4000]]
    with pytest.raises(InputError, match="cut off after annotation 4000") as caught:
        next(made)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "hello",
        "{}",
        "[]",
        '[{"image_id": 1, "caption": "A cup."}]',
        '{"annotations": {}}',
        '{"images": []}',
        "\ufeff",
    ],
)
def test_a_file_of_another_format_is_told_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "captions.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"captions\.json: ") as caught:
        examples(path)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_utf8_are_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "captions.json"
    path.write_bytes(b'{"annotations": [{"image_id": 1, "id": 1, "caption": "caf\xe9"}]}')
    with pytest.raises(InputError, match="broken") as caught:
        examples(path)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(examples(path)) == 3


def test_limit_counts_captions_over_all_files(tmp_path: Path) -> None:
    write(tmp_path).rename(tmp_path / "captions_train2014.json")
    write(tmp_path)
    assert len(examples(tmp_path, limit=4)) == 4


def test_no_path_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'coco' needs --path"):
        open_source("coco", path=None, seed=0, limit=None)
    with pytest.raises(InputError, match=r"captions_\*\.json"):
        open_source("coco", path=tmp_path, seed=0, limit=None)


def test_rows_and_the_source_travel_to_other_processes(tmp_path: Path) -> None:
    source = Coco(path=write(tmp_path), seed=0, limit=None)
    rows, there = pickle.loads(pickle.dumps((list(source.rows()), source)))
    assert [e for row in rows for e in there.examples(row)] == list(read(source))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample of COCO captions is not here")
def test_the_shared_sample_is_read_whole() -> None:
    made = examples(SHARED)
    assert len(made) == 8026
    assert all(isinstance(e, Example) for e in made)
    assert any(isinstance(e, Example) and e.image for e in made)
