"""A random scene: which things there are and where each of them stands."""

from __future__ import annotations

import random

from tldr_data.sources.scenes.inscriptions import PANELS, inscribe, names_one
from tldr_data.sources.scenes.kinds import CRESCENT, KINDS, OPEN_BOOK, SLEEPING_CAT, WALL_SIGN, Kind
from tldr_data.sources.scenes.placing import look_of, place, unit_size
from tldr_data.sources.scenes.scene import HEIGHT, Item, Rect, Scene
from tldr_data.sources.scenes.settings import SETTINGS


def make_scene(rng: random.Random) -> Scene:
    """A scene that depends on nothing but the generator's state, with something written in it."""
    while True:
        scene = _try_scene(rng)
        texts = [item.text for item in scene.items if item.text]
        if texts and not any(names_one(scene, text) for text in texts):
            return scene


def _try_scene(rng: random.Random) -> Scene:
    setting = rng.choice(SETTINGS)
    shore = setting.horizon * HEIGHT + (0.17 * HEIGHT if setting.water else 0)
    hills = rng.choice((0, 1, 2)) if setting.ground in ("grass", "snow") and not setting.water else 0
    scene = Scene(setting, rng.choice(setting.moods), shore, rng.choice(("yellow", "green", "blue", "pink")), hills)
    _add_lights(scene, rng)
    bears_sign = rng.random() < 0.62 and _add_sign(scene, rng)
    if not bears_sign:
        bearers = [n for n in (*setting.anchors, *setting.hosts, *setting.many) if n in PANELS]
        _add_ground(scene, rng, rng.choice(bearers), 1, rng.choice(("middle", "front")))
    anchor = _add_ground(scene, rng, rng.choice(setting.anchors), 1, "middle")
    _add_several(scene, rng, rng.choice((2, 3, 3, 4, 5, 6, 7, 8, 9)))
    _add_host(scene, rng)
    if anchor and anchor.name != "umbrella" and rng.random() < 0.65:
        _add_before(scene, rng, anchor)
    _add_several(scene, rng, rng.choice((1, 2, 3, 4)))
    if rng.random() < 0.6:
        _add_ground(scene, rng, rng.choice(setting.animals), rng.choice((1, 2, 2, 3)), "front")
    _add_far(scene, rng)
    for _ in range(2 if setting.behind == "sky" else 3):
        if rng.random() < 0.65:
            _add_high(scene, rng)
    if not bears_sign:
        inscribe(scene, rng)
    return scene


def _add_lights(scene: Scene, rng: random.Random) -> None:
    if scene.setting.behind == "wall":
        return
    night = scene.mood == "starry"
    if night:
        kind = rng.choice((KINDS["moon"], CRESCENT))
        place(scene, rng, kind, 1, "sky", (0.04, 0.1))
        place(scene, rng, KINDS["star"], rng.randint(3, 9), "sky", (0.04, 0.2))
        return
    if scene.mood == "sunny":
        place(scene, rng, KINDS["sun"], 1, "sky", (0.03, 0.08))
    if scene.mood == "cloudy" or rng.random() < 0.4:
        place(
            scene,
            rng,
            KINDS["cloud"],
            rng.randint(2, 4) if scene.mood == "cloudy" else rng.randint(1, 3),
            "sky",
            (0.03, 0.2),
        )


def _add_sign(scene: Scene, rng: random.Random) -> bool:
    words = rng.choice(scene.setting.words)
    lines = words.split(" ") if len(words) > 9 and words.count(" ") == 1 else [words]
    width = max(max(len(line) for line in lines) * 10.2 + 16, 54)
    indoors = scene.setting.behind == "wall"
    board = 17.0 * len(lines) + 11
    kind = (WALL_SIGN if indoors else KINDS["sign"])._replace(
        height=board if indoors else board / 0.56, aspect=width / (board if indoors else board / 0.56)
    )
    item = place(scene, rng, kind, 1, "wall" if indoors else "sign", (0.08, 0.3) if indoors else (0.3, 0.75))
    if item:
        item.text = words
    return item is not None


def _add_ground(scene: Scene, rng: random.Random, name: str, count: int, where: str) -> Item | None:
    if any(item.name == name for item in scene.items):
        return None
    kind = KINDS[name]
    if name == "cat" and count == 1 and rng.random() < 0.35:
        kind = SLEEPING_CAT
    if name == "book" and count == 1 and rng.random() < 0.5:
        kind = OPEN_BOOK
    return place(scene, rng, kind, count, "ground", (0.22, 0.45) if where == "middle" else (0.6, 0.96))


def _add_host(scene: Scene, rng: random.Random) -> None:
    names = [n for n in scene.setting.hosts if not any(item.name == n for item in scene.items)]
    found = [item for item in scene.items if item.name in scene.setting.hosts and item.count == 1]
    host = found[0] if found else _add_ground(scene, rng, rng.choice(names), 1, rng.choice(("middle", "front")))
    if not host:
        return
    kind = host.kind
    if kind.opening:
        _load(scene, rng, host, "inside", kind.opening)
    if kind.top:
        for _ in range(rng.choice((1, 1, 2))):
            _load(scene, rng, host, "on", kind.top)
    if kind.gap and rng.random() < (0.6 if kind.top else 1):
        _load(scene, rng, host, "under", kind.gap)


def _load(scene: Scene, rng: random.Random, host: Item, hold: str, area: tuple[float, float, float]) -> None:
    """Put something on, in or under a host, if it finds room there."""
    for _ in range(12):
        kind = _load_kind(scene, rng, host, hold)
        count = rng.choice((1, 2, 3, 4)) if kind.name in (*scene.setting.many, "tulip", "flower", "fish") else 1
        look = look_of(scene, rng, kind, host.color)
        cells = _load_cells(rng, host, hold, area, unit_size(scene, kind, host.depth), count)
        if look is None or cells is None:
            continue
        covers = hold == "inside" and host.name != "fish bowl"
        rim = host.box[1] + area[2] * (host.box[3] - host.box[1]) + 2 if covers else None
        item = Item(kind, cells, host.zone, host.depth, *look, host=host, hold=hold, hidden_below=rim)
        item.flip = kind.turns and rng.random() < 0.5
        item.form = rng.choice(kind.forms)
        if scene.free(item.box, ignore=[host]):
            scene.items.append(item)
            return


def _load_cells(
    rng: random.Random,
    host: Item,
    hold: str,
    area: tuple[float, float, float],
    size: tuple[float, float],
    count: int,
) -> list[Rect] | None:
    """Boxes of a host's load, side by side in the area that the host's kind gives; None where there is no room."""
    x0, y0, x1, y1 = host.box
    width, (w, h) = x1 - x0, size
    left, right, level = x0 + area[0] * width, x0 + area[1] * width, y0 + area[2] * (y1 - y0)
    gap = max(3.0, 0.15 * w)
    span = count * w + (count - 1) * gap
    low = hold == "under" or host.name == "fish bowl"
    if span > right - left or (low and h > y1 - level - 6) or (hold == "inside" and h < (8 if low else 16)):
        return None
    start = rng.uniform(left, right - span)
    legs_in_the_middle = hold == "under" and (host.form == "round" or host.name == "umbrella")
    if legs_in_the_middle and abs(start + span / 2 - (x0 + x1) / 2) < span / 2 + 0.07 * width:
        return None
    base = {"on": level + 1, "under": y1 - 3, "inside": level + 0.2 * h}[hold]
    if host.name == "fish bowl":
        base = level + h + (y1 - level - h) * 0.4
    elif host.name == "vase":
        base = level + 0.4 * h
    return [(start + i * (w + gap), base - h, start + i * (w + gap) + w, base) for i in range(count)]


def _load_kind(scene: Scene, rng: random.Random, host: Item, hold: str) -> Kind:
    if host.name == "vase":
        return KINDS[rng.choice(("tulip", "flower"))]
    if host.name == "fish bowl":
        return KINDS["fish"]
    if host.name == "boat":
        return KINDS[rng.choice(("dog", "cat", "basket", "barrel"))]
    names = [
        n
        for n in (*scene.setting.many, *scene.setting.animals)
        if KINDS[n].verb not in ("grows", "flies") and n != host.name
    ]
    name = rng.choice(names)
    if name == "cat" and hold != "inside" and rng.random() < 0.5:
        return SLEEPING_CAT
    return KINDS[name]


def _add_before(scene: Scene, rng: random.Random, anchor: Item) -> None:
    """Put an animal or a small thing so that it stands in front of a large one, and hides little of it."""
    if any(item.host is anchor for item in scene.items):
        return
    x0, _, x1, y1 = anchor.box
    for _ in range(12):
        kind = KINDS[rng.choice((*scene.setting.animals, *scene.setting.animals, *scene.setting.many))]
        base = y1 + rng.uniform(9, 20)
        w, h = unit_size(scene, kind, base)
        look = look_of(scene, rng, kind, anchor.color)
        new = kind.verb != "flies" and not any(item.name == kind.name for item in scene.items)
        if look is None or not new or not _hides_little(anchor, base - h, w):
            continue
        middle = rng.uniform(x0 + 0.25 * (x1 - x0), x0 + 0.75 * (x1 - x0)) if x1 - x0 > 2 * w else (x0 + x1) / 2
        cell = (middle - w / 2, base - h, middle + w / 2, base)
        item = Item(kind, [cell], "ground", base, *look, before=anchor)
        item.flip = kind.turns and rng.random() < 0.5
        item.form = rng.choice(kind.forms)
        if scene.free(cell, ignore=[anchor]):
            scene.items.append(item)
            return


def _hides_little(anchor: Item, top: float, width: float) -> bool:
    """Whether a thing in front, ``width`` wide, leaves the larger and upper part of the anchor to be seen."""
    left, upper, right, lower = anchor.box
    covered = (lower - top) / (lower - upper)
    wide = width > 0.6 * (right - left)
    return 0.05 < covered < (0.4 if wide else 0.6) and width < 0.8 * (right - left) + 20


def _add_several(scene: Scene, rng: random.Random, count: int) -> None:
    """Counted things at the front; now and then a second group of the same name, in another colour."""
    names = [n for n in dict.fromkeys(scene.setting.many) if not any(item.name == n for item in scene.items)]
    rng.shuffle(names)
    for name in names:
        kind = KINDS[name]
        wide = kind.height * kind.aspect * scene.setting.near > 60
        first = _add_ground(scene, rng, name, min(count, 3) if wide else count, "front")
        if first:
            if count > 1 and len(kind.colors) > 2 and rng.random() < 0.2:
                place(scene, rng, kind, rng.choice((1, 2, 3)), "ground", (0.55, 0.96), avoid=first.color)
            return


def _add_far(scene: Scene, rng: random.Random) -> None:
    names = [n for n in dict.fromkeys(scene.setting.far) if not any(item.name == n for item in scene.items)]
    rng.shuffle(names)
    if scene.setting.behind == "wall":
        shelf = place(scene, rng, KINDS["shelf"], 1, "wall", (0.22, 0.4))
        if not shelf:
            return
        shelf.background = True
        for name in names[: rng.choice((2, 3, 4))]:
            _place_on_shelf(scene, rng, shelf, KINDS[name])
        if not any(item.host is shelf for item in scene.items):
            scene.items.remove(shelf)
        return
    for name in names[: rng.choice((1, 2, 2))]:
        floats = name in ("sailboat", "boat")
        if floats and not scene.setting.water:
            continue
        count = 1 if name in ("mountain", "lighthouse", "windmill", "house") else rng.choice((1, 2, 2, 3))
        item = place(scene, rng, KINDS[name], count, "water" if floats else "far", (0.0, 1.0))
        if item:
            item.background = True


def _place_on_shelf(scene: Scene, rng: random.Random, shelf: Item, kind: Kind) -> None:
    x0, y0, x1, _ = shelf.box
    size, height = rng.choice((("tiny", rng.uniform(15, 19)), ("large", rng.uniform(28, 34))))
    width = height * kind.aspect
    if width > 40:
        height, width = height * 0.6, width * 0.6
    for _ in range(10):
        left = rng.uniform(x0 + 4, x1 - 4 - width)
        cell = (left, y0 + 1 - height, left + width, y0 + 1)
        look = look_of(scene, rng, kind, scene.wall)
        if look and scene.free(cell, ignore=[shelf]):
            scene.items.append(
                Item(
                    kind,
                    [cell],
                    "wall",
                    shelf.depth,
                    *look,
                    size=size,
                    host=shelf,
                    hold="on",
                    background=True,
                    form=rng.choice(kind.forms),
                )
            )
            return


def _add_high(scene: Scene, rng: random.Random) -> None:
    names = [n for n in scene.setting.high if not any(item.name == n for item in scene.items)]
    if not names:
        return
    kind = KINDS[rng.choice(names)]
    if scene.setting.behind == "wall":
        place(scene, rng, kind, 1, "wall", (0.05, 0.3))
        return
    count = rng.choice((1, 2, 3, 4, 5)) if kind.name == "bird" else 1
    if scene.mood != "starry" or kind.name != "bird":
        place(scene, rng, kind, count, "sky", (0.04, 0.35))
