"""The images of one chunk on the disk: written one at a time, read back in any order without holding them in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tldr_data.atomic import cannot_write, synced_file
from tldr_data.images import ImageFacts

if TYPE_CHECKING:
    import pyarrow as pa


class ImagePart:
    """An open Arrow IPC file that takes one record batch for each image."""

    def __init__(self, path: Path, writer: pa.ipc.RecordBatchFileWriter) -> None:
        self._path = path
        self._writer = writer

    def write(self, image: ImageFacts) -> None:
        """Append one image.

        Raises:
            BuildError: the disk does not take it.
        """
        import pyarrow as pa

        try:
            self._writer.write_batch(pa.RecordBatch.from_pylist([image._asdict()], schema=_schema()))
        except OSError as error:
            raise cannot_write(self._path, error) from error


@contextmanager
def image_part(path: Path) -> Iterator[ImagePart]:
    """A new part; whole, and on the disk, when the block ends without an error.

    Raises:
        BuildError: the disk does not take it.
    """
    import pyarrow as pa

    with synced_file(path) as file:
        writer = pa.ipc.new_file(file, _schema())
        yield ImagePart(path, writer)
        writer.close()


class StoredImages:
    """Images of a chunk by the digest of their bytes."""

    def __init__(self, reader: pa.ipc.RecordBatchFileReader | None) -> None:
        self._reader = reader
        self._places: dict[str, int] = {}
        for place in range(reader.num_record_batches if reader else 0):
            self._places[str(self._column(place, "digest"))] = place

    def facts(self, digest: str) -> ImageFacts:
        """The image and all that was measured of it."""
        assert self._reader is not None
        (row,) = self._reader.get_batch(self._places[digest]).to_pylist()
        return ImageFacts(**row)

    def data(self, digest: str) -> bytes:
        """The encoded image alone."""
        data = self._column(self._places[digest], "data")
        assert isinstance(data, bytes)
        return data

    def _column(self, place: int, name: str) -> str | bytes:
        assert self._reader is not None
        value: str | bytes = self._reader.get_batch(place).column(name)[0].as_py()
        return value


@contextmanager
def stored_images(path: Path | None) -> Iterator[StoredImages]:
    """The images in a part; none where the chunk has none, or none are wanted."""
    import pyarrow as pa

    if path is None or not path.is_file():
        yield StoredImages(None)
        return
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
        yield StoredImages(reader)


def _schema() -> pa.Schema:
    import pyarrow as pa

    numbers = ("width", "height")
    types = {"data": pa.binary(), **{name: pa.int32() for name in numbers}}
    return pa.schema([(name, types.get(name, pa.string())) for name in ImageFacts._fields])
