"""A Ray cluster, found or started here, and jobs done by its workers."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from tldr_data.errors import BuildError, TldrError, UsageError

J = TypeVar("J")
R = TypeVar("R")

ADDRESS = "RAY_ADDRESS"
PIECES, PIECES_EACH = 1000, 8
"""Into so many pieces jobs are cut, or so many for each worker: one worker does all of a piece, and then tells."""
DEFAULTS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # it says on stderr what it restarts, and what may go wrong with that
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # what Ray will do some day, and announces
}


@contextmanager
def cluster(workers: int) -> Iterator[int]:
    """The cluster that RAY_ADDRESS names, or one on this machine for as long as the block lasts.

    Yields:
        How many workers it has room for: its processors; ``workers`` where it is started here.

    Raises:
        UsageError: this process is in a cluster already.
        BuildError: there is no cluster at the address, or none can be started.
    """
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        raise UsageError("--engine ray: this process has joined a Ray cluster already: ray.shutdown() first")
    address = os.environ.get(ADDRESS)
    own: dict[str, Any] = {} if address else {"num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        where = f"no Ray cluster at {ADDRESS}={address}" if address else "Ray does not start on this machine"
        raise BuildError(f"{where}: {' '.join(str(error).split())[:300]}") from error
    try:
        _quieten()
        yield max(1, int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()


def _quieten() -> None:
    """Ray Data says on stdout and stderr what nobody asked for."""
    from ray.data import DataContext

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.execution_options.preserve_order = True


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is logged, whatever level Ray gives its loggers again."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def run_jobs(function: Callable[[J], R], jobs: Sequence[J], workers: int) -> Iterator[R]:
    """What a function makes of each job, in the order of the jobs, inside ``cluster``.

    Every worker has a copy of the function, so one with a state makes it once. Jobs whose worker dies are done again by
    another one, without end: doing a job twice must do no harm, and a function must know when it is the
    job that workers die of.

    Args:
        function: it, the jobs and what comes back are pickled.
        workers: processes at a time.

    Raises:
        TldrError: a job raised it.
        BuildError: a job raised anything else, or the cluster is gone.
    """
    if not jobs:
        return
    import ray
    from ray.exceptions import RayError

    pieces = min(len(jobs), max(PIECES, PIECES_EACH * workers))
    pickled = ray.data.from_items([{"job": pickle.dumps(job)} for job in jobs], override_num_blocks=pieces)
    done = pickled.map_batches(
        _Worker,
        fn_constructor_args=(function,),
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(jobs))),
        num_cpus=1,
    )
    try:
        for row in done.iter_rows():
            result, error = pickle.loads(row["result"])
            if error is not None:
                raise error
            yield result
    except RayError as error:
        raise failed(error) from error


def failed(error: Exception) -> BuildError:
    """The one line that a user sees where Ray gives up."""
    line = " ".join(str(error).split())
    return BuildError(f"the Ray cluster failed ({line[:300]}); what is done is kept, and the same command continues")


class _Worker(Generic[J, R]):
    """What an actor of Ray Data does: errors come back as results, so that none of them is taken for a death."""

    def __init__(self, function: Callable[[J], R]) -> None:
        self.function = function

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[bytes]]:
        return {"result": [self._done(pickle.loads(job)) for job in batch["job"]]}

    def _done(self, job: J) -> bytes:
        try:
            return pickle.dumps((self.function(job), None))
        except TldrError as error:
            return pickle.dumps((None, error))
        except Exception as error:
            notes = "; ".join(getattr(error, "__notes__", ()))
            return pickle.dumps((None, BuildError(f"{type(error).__name__}: {error}" + (notes and f" ({notes})"))))
