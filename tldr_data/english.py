"""textblob's English: its tagger and its inflection, without the rest of textblob."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


@cache
def english() -> Any:
    """``textblob.en``, with its ``parser`` and ``inflect``.

    ``import textblob`` itself loads NLTK, SciPy and scikit-learn, which neither of the two needs: 2 seconds and 200 MB
    in every process. So while they load, an empty package stands in for it.
    """
    if "textblob" in sys.modules:
        return _load()
    stand_in = ModuleType("textblob")
    spec = find_spec("textblob")
    stand_in.__path__ = list(spec.submodule_search_locations or []) if spec else []
    sys.modules["textblob"] = stand_in
    try:
        return _load()
    finally:
        del sys.modules["textblob"]


def _load() -> Any:
    import_module("textblob.en.inflect")
    return import_module("textblob.en")
