"""Throughput of the vllm backend against a bare ``LLM.chat``: ``python benchmarks/vllm_throughput.py MODEL_FOLDER``.

Both run the same prompts with the same settings, in turns, each with an engine of its own; every pair has prompts that
neither engine has seen. Eight prompts about each caption ask for edits as JSON. The captions are those of docci beside
the repository (see filter_data.py), or else of the bundled scenes.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import orjson
from filter_data import DATA

from tldr_data.llms.chat import body_of
from tldr_data.llms.request import Message, Request
from tldr_data.llms.vllm import Vllm
from tldr_data.llms.vllm_engine import PrefixCache, sampling, settings
from tldr_data.sources import read_source

PAIRS = 5
CAPTIONS = 16
TAXONOMIES = ("attribute", "counting", "negation", "object", "relation", "scene", "spatial", "text")
TASK = "Change one thing in this caption so that it becomes false, and leave all else as it is. Answer with the edits."
SCHEMA = {
    "type": "object",
    "properties": {
        "edits": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "type": "object",
                "properties": {name: {"type": "string", "maxLength": 16} for name in ("original", "replacement")},
                "required": ["original", "replacement"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["edits"],
    "additionalProperties": False,
}
