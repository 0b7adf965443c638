"""The same structured requests by ours and by other clients, each in an environment of its own (llm_overhead.py).

    PYTHON benchmarks/llm_overhead_peers.py CLIENT --url URL --prompts FILE --out FOLDER [--concurrency 64]

FILE is JSON lines with ``id``, ``system`` and ``prompt``; FOLDER gets Parquet, and whatever the client logs. Each is
set up as its documentation shows, with its own log or cache of answers switched on where it has one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

MODEL = "instant"
TAXONOMY = "object"


class Edit(BaseModel):
    """One edit."""

    original: str
    occurrence: int
    replacement: str


class Edits(BaseModel):
    """What is asked for."""

    edits: list[Edit]


class Job(NamedTuple):
    """What every client is given."""

    url: str
    prompts: Path
    out: Path
    concurrency: int
    max_tokens: int = 512

    def rows(self) -> list[dict[str, str]]:
        """All prompts."""
        return [json.loads(line) for line in self.prompts.read_text(encoding="utf-8").splitlines()]


def messages_of(row: dict[str, str]) -> list[dict[str, str]]:
    """A prompt as a conversation."""
    return [{"role": "system", "content": row["system"]}, {"role": "user", "content": row["prompt"]}]


def run_ours(job: Job) -> None:
    """The parts of a build that ask: backend, request log, answers made into examples, rows as they are published."""
    from tldr_data.building.shards import ShardWriter
    from tldr_data.dataset import row_of, stored_row
    from tldr_data.example import Example
    from tldr_data.llms.asker import Asker
    from tldr_data.llms.log import RequestLog
    from tldr_data.llms.openai import OpenAI
    from tldr_data.perturb.asked import candidate_of, request_for
    from tldr_data.taxonomy import load_taxonomies

    [taxonomy] = load_taxonomies([TAXONOMY])

    def example_of(row: dict[str, str]) -> Example:
        own = row["id"]
        return Example(id=own, response=row["prompt"], source="bench", license="", attribution="", group=own)

    async def work(queue: Any, asker: Asker, writer: ShardWriter) -> None:
        for row in queue:
            example = example_of(row)
            request = request_for(example, taxonomy, "edits", model=MODEL, seed=0, ask=0)
            candidate = candidate_of(example, taxonomy, request, await asker.ask(request))
            writer.add(stored_row(row_of(candidate), None), 4 * len(candidate.response))

    async def ask_all(writer: ShardWriter, log: RequestLog) -> None:
        queue, llm = iter(job.rows()), OpenAI(MODEL, job.url)
        asker = Asker(llm, log)
        await asyncio.gather(*(work(queue, asker, writer) for _ in range(job.concurrency)))
        await llm.close()

    with ShardWriter(job.out / "rows", TAXONOMY, "train") as writer:
        with RequestLog(job.out / "requests.jsonl") as log:
            asyncio.run(ask_all(writer, log))
        writer.close()


def run_bare(job: Job) -> None:
    """A script as one writes it for the day: aiohttp, a line of JSON for each answer, Parquet at the end."""
    import aiohttp
    import orjson
    import pyarrow as pa
    import pyarrow.parquet as pq

    response_format = {"type": "json_schema", "json_schema": {"name": "edits", "schema": Edits.model_json_schema()}}
    kept: list[dict[str, Any]] = []

    async def ask(row: dict[str, str], session: Any, log: Any) -> None:
        body = {"model": MODEL, "messages": messages_of(row), "max_tokens": job.max_tokens, "temperature": 0.7}
        data = orjson.dumps({**body, "response_format": response_format})
        async with session.post(
            f"{job.url}/chat/completions", data=data, headers={"Content-Type": "application/json"}
        ) as response:
            answer = orjson.loads(await response.read())
        text = answer["choices"][0]["message"]["content"]
        log.write(orjson.dumps({"id": row["id"], "text": text, "usage": answer["usage"]}) + b"\n")
        kept.append({"id": row["id"], "prompt": row["prompt"], **Edits.model_validate_json(text).model_dump()})

    async def work(queue: Any, session: Any, log: Any) -> None:
        for row in queue:
            await ask(row, session, log)

    async def ask_all() -> None:
        queue = iter(job.rows())
        connector = aiohttp.TCPConnector(limit=job.concurrency)
        with (job.out / "log.jsonl").open("ab") as log:
            async with aiohttp.ClientSession(connector=connector) as session:
                await asyncio.gather(*(work(queue, session, log) for _ in range(job.concurrency)))

    asyncio.run(ask_all())
    pq.write_table(pa.Table.from_pylist(kept), job.out / "rows.parquet")


def run_datatrove(job: Job) -> None:
    """InferenceRunner with an endpoint, its request cache and its checkpoints."""
    from datatrove.data import Document
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
    from datatrove.pipeline.writers import ParquetWriter

    response_format = {"type": "json_schema", "json_schema": {"name": "edits", "schema": Edits.model_json_schema()}}

    async def rollout(document: Any, generate: Any) -> Any:
        messages = [
            {"role": "system", "content": document.metadata["system"]},
            {"role": "user", "content": document.text},
        ]
        result = await generate({"messages": messages, "response_format": response_format})
        return Edits.model_validate_json(result.text).model_dump()

    documents = [Document(text=row["prompt"], id=row["id"], metadata={"system": row["system"]}) for row in job.rows()]
    config = InferenceConfig(
        server_type="endpoint",
        model_name_or_path=MODEL,
        endpoint_url=job.url.removesuffix("/v1"),
        default_generation_params={"max_tokens": job.max_tokens, "temperature": 0.7},
        max_concurrent_generations=job.concurrency,
    )
    runner = InferenceRunner(
        rollout_fn=rollout,
        config=config,
        output_writer=ParquetWriter(str(job.out / "rows"), output_filename="${rank}_chunk_${chunk_index}.parquet"),
        checkpoints_local_dir=str(job.out / "checkpoints"),
    )
    LocalPipelineExecutor(pipeline=[documents, runner], logging_dir=str(job.out / "logs"), tasks=1).run()


def run_curator(job: Job) -> None:
    """``curator.LLM`` with a response format; it logs requests and answers by itself."""
    from bespokelabs import curator
    from datasets import Dataset

    class Editor(curator.LLM):  # type: ignore[misc]  # a class of another environment
        response_format = Edits

        def prompt(self, row: dict[str, str]) -> list[dict[str, str]]:
            return messages_of(row)

        def parse(self, row: dict[str, str], response: Edits) -> dict[str, Any]:
            return {"id": row["id"], "prompt": row["prompt"], **response.model_dump()}

    editor = Editor(
        model_name=MODEL,
        backend="openai",
        response_format=Edits,
        generation_params={"max_tokens": job.max_tokens, "temperature": 0.7},
        backend_params={
            "base_url": job.url,
            "api_key": "none",
            "max_concurrent_requests": job.concurrency,
            "max_requests_per_minute": 10**7,
            "max_tokens_per_minute": 10**10,
        },
    )
    found = editor(Dataset.from_list(job.rows()), working_dir=str(job.out / "log"))
    getattr(found, "dataset", found).to_parquet(job.out / "rows.parquet")


def run_data_designer(job: Job) -> None:
    """A structured column over the prompts as seeds; row groups are its checkpoints."""
    import data_designer.config as dd
    import pandas as pd
    from data_designer.interface import DataDesigner

    parameters = dd.ChatCompletionInferenceParams(
        temperature=0.7, max_tokens=job.max_tokens, max_parallel_requests=job.concurrency
    )
    model = dd.ModelConfig(alias="editor", model=MODEL, provider="local", inference_parameters=parameters)
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    frame = pd.DataFrame(job.rows())
    builder.with_seed_dataset(dd.DataFrameSeedSource(df=frame))
    builder.add_column(
        dd.LLMStructuredColumnConfig(
            name="answer",
            model_alias="editor",
            system_prompt=frame["system"][0],
            prompt="{{ prompt }}",
            output_format=Edits,
        )
    )
    provider = dd.ModelProvider(name="local", endpoint=job.url, api_key="none")
    designer = DataDesigner(artifact_path=job.out / "rows", model_providers=[provider])
    designer.create(builder, num_records=len(frame))


def run_distilabel(job: Job) -> None:
    """``TextGeneration`` in a pipeline; instructor validates, batches are cached."""
    from datasets import Dataset
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps.tasks import TextGeneration

    rows = job.rows()
    data = Dataset.from_list([{"id": row["id"], "instruction": row["prompt"]} for row in rows])
    with Pipeline(name="edits", cache_dir=job.out / "cache") as pipeline:
        TextGeneration(
            llm=OpenAILLM(
                model=MODEL,
                base_url=job.url,
                api_key="none",
                structured_output={"schema": Edits},
                generation_kwargs={"max_new_tokens": job.max_tokens, "temperature": 0.7},
            ),
            system_prompt=rows[0]["system"],
            input_batch_size=job.concurrency,
        )
    found = pipeline.run(dataset=data)
    found["default"]["train"].to_parquet(job.out / "rows.parquet")


CLIENTS: dict[str, Callable[[Job], None]] = {
    "tldr-data": run_ours,
    "aiohttp": run_bare,
    "datatrove": run_datatrove,
    "curator": run_curator,
    "data-designer": run_data_designer,
    "distilabel": run_distilabel,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("--url", required=True)
    parser.add_argument("--prompts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--concurrency", type=int, default=64)
    options = parser.parse_args()
    CLIENTS[options.client](Job(options.url, options.prompts, options.out, options.concurrency))


if __name__ == "__main__":
    main()
