"""What a user's file holds, within bounds: plain, gzipped, in a zip archive (xlsx), Parquet or Feather.

Everything here looks at sizes before it makes room for them, and stops at the bound while it unpacks: a small file
may hold a thousand times its size and more. ``h2plant.core.regular_file`` refuses what is not a regular file.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from h2plant.core.error import first_line
from h2plant.core.regular_file import (
    LARGEST_TABLE_BYTES,
    LARGEST_TEXT_BYTES,
    FileError,
    bound_bytes,
    size_text,
    too_large,
)
from h2plant.core.regular_file import read_regular as read_bytes

_PIECE_BYTES = 1 << 20
_NUMBER_BYTES = 8
_ROW_REMEDY = "keep the rows and columns that are needed in a file of their own"
_UNREADABLE_REMEDY = "check that the file is whole and of the type its name says"

__all__ = [
    "LARGEST_TABLE_BYTES",
    "LARGEST_TEXT_BYTES",
    "FileError",
    "check_zip",
    "open_feather",
    "open_parquet",
    "read_bytes",
    "read_unpacked",
    "unzip",
]


def read_unpacked(path: Path, largest_bytes: int = LARGEST_TABLE_BYTES) -> bytes:
    """Return what is in a file, unpacked if it is gzipped, whatever its name says; like ``read_bytes``."""
    raw = read_bytes(path, largest_bytes)
    return unzip(raw, largest_bytes) if raw[:2] == b"\x1f\x8b" else raw


def unzip(raw: bytes, largest_bytes: int = LARGEST_TABLE_BYTES) -> bytes:
    """Return what gzip packed.

    It is unpacked twice: first piece by piece to learn its size, so that nothing beyond the bound is ever held.

    Raises
    ------
    FileError
        It is larger than the bound, damaged, or no gzip.
    """
    bound = bound_bytes(largest_bytes)
    n_bytes = 0
    for piece in _pieces(raw):
        n_bytes += len(piece)
        if n_bytes > bound:
            raise too_large(f"is {size_text(len(raw))} large, and more than {size_text(bound)} unpacked", bound)
    text = bytearray(n_bytes)
    at = 0
    for piece in _pieces(raw):
        text[at : at + len(piece)] = piece
        at += len(piece)
    return bytes(text)


def _pieces(raw: bytes) -> Iterator[bytes]:
    """Yield what gzip packed piece by piece, of one member after another."""
    rest = memoryview(raw)
    while rest:
        rest = yield from _unpacked(rest, wbits=31)
        while rest and rest[0] == 0:  # gzip fills blocks of tapes with zeros
            rest = rest[1:]


def _unpacked(packed: memoryview, wbits: int) -> Generator[bytes, None, memoryview]:
    """Yield what was packed piece by piece, and return what stands behind it."""
    unpacker = zlib.decompressobj(wbits)
    at = 0
    while not unpacker.eof:
        waiting: bytes | memoryview = unpacker.unconsumed_tail
        if not waiting:
            waiting = packed[at : at + _PIECE_BYTES]
            at += len(waiting)
        try:
            piece = unpacker.decompress(waiting, _PIECE_BYTES)
        except zlib.error as error:
            raise FileError("unreadable-file", f"is damaged: {error}", _UNREADABLE_REMEDY) from None
        if not piece and not waiting:
            raise FileError("unreadable-file", "ends in the middle of what was packed", _UNREADABLE_REMEDY)
        yield piece
    return packed[at - len(unpacker.unused_data) :]


def check_zip(raw: bytes, largest_bytes: int = LARGEST_TABLE_BYTES) -> None:
    """Refuse a zip archive, such as an xlsx file, that unpacks to more than a bound.

    Its directory says how large each member is; since that may be wrong, and readers of archives believe it, each
    member is unpacked piece by piece and counted as well.

    Raises
    ------
    FileError
        It is larger than the bound, damaged, or no zip archive.
    """
    bound = bound_bytes(largest_bytes)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise FileError("unreadable-file", f"is no zip archive: {error}", _UNREADABLE_REMEDY) from None
    n_bytes = sum(member.file_size for member in members)
    if n_bytes > bound:
        raise too_large(
            f"is {size_text(len(raw))} large, and {size_text(n_bytes)} unpacked", bound, "keep the sheet that is needed"
        )
    for member in members:
        if not _is_as_large_as_said(raw, member):
            what = f"the archive says wrongly how large '{member.filename}' is"
            raise FileError("unreadable-file", what, _UNREADABLE_REMEDY)


def _is_as_large_as_said(raw: bytes, member: zipfile.ZipInfo) -> bool:
    begin = member.header_offset
    lengths = raw[begin + 26 : begin + 30]  # of name and extra field, which stand between header and content
    begin += 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    packed = memoryview(raw)[begin : begin + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        return len(packed) == member.file_size
    if member.compress_type != zipfile.ZIP_DEFLATED:  # no spreadsheet writes others
        return False
    n_bytes = 0
    for piece in _unpacked(packed, wbits=-15):
        n_bytes += len(piece)
        if n_bytes > member.file_size:
            return False
    return n_bytes == member.file_size


def open_parquet(raw: bytes, largest_bytes: int = LARGEST_TABLE_BYTES) -> Any:
    """Return a ``pyarrow.parquet.ParquetFile`` whose ``read`` keeps to a bound.

    The footer says how many values each column has and how large they are unpacked. A column of one value takes next
    to nothing however many rows it has, so each value counts with 8 bytes besides; texts are read as dictionaries
    (``read_dictionary``): each different text once.

    Raises
    ------
    FileError
        It is larger than the bound, or no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    bound = bound_bytes(largest_bytes)
    try:
        footer = pq.read_metadata(io.BytesIO(raw))
        columns = {one.path: one for one in (footer.schema.column(i) for i in range(footer.num_columns))}
        texts = [name for name, one in columns.items() if one.physical_type == "BYTE_ARRAY"]
        # what the footer says of single columns is not asked: where it is wrong, Arrow ends the process
        if lists := [name for name, one in columns.items() if one.max_repetition_level > 0]:
            remedy = "write the table without it, a number, a time or a text in each cell"
            raise FileError("unreadable-file", f"the column '{lists[0]}' has lists in its cells", remedy)
        groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
        n_values = footer.num_columns * max(footer.num_rows, sum(group.num_rows for group in groups))
        n_bytes = _NUMBER_BYTES * n_values + sum(group.total_byte_size for group in groups)
        _refuse_rows(len(raw), footer.num_rows, footer.num_columns, n_bytes, bound)
        return pq.ParquetFile(io.BytesIO(raw), read_dictionary=texts)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        what = f"not Parquet: {first_line(error)}"
        raise FileError("unreadable-file", what, _UNREADABLE_REMEDY) from None


def open_feather(raw: bytes, largest_bytes: int = LARGEST_TABLE_BYTES) -> Any:
    """Return a ``pyarrow.Table`` of a Feather (Arrow IPC) file that keeps to a bound.

    Its messages say how many rows it has, each value counts with 8 bytes; batches are unpacked one by one until the
    bound is reached. (What one batch of texts unpacks to is known afterwards only.)

    Raises
    ------
    FileError
        It is larger than the bound, or no Feather.
    """
    import pyarrow as pa
    from pyarrow.dataset import IpcFileFormat

    bound = bound_bytes(largest_bytes)
    batches: list[Any] = []
    try:
        n_rows = IpcFileFormat().make_fragment(pa.BufferReader(raw)).count_rows()
        with pa.ipc.open_file(pa.BufferReader(raw)) as reader:
            schema = reader.schema
            _refuse_rows(len(raw), n_rows, len(schema), _NUMBER_BYTES * n_rows * len(schema), bound)
            n_bytes = 0
            for i in range(reader.num_record_batches):
                batches.append(reader.get_batch(i))
                n_bytes += batches[-1].nbytes
                _refuse_rows(len(raw), n_rows, len(schema), n_bytes, bound, "more than ")
    except (pa.ArrowException, OSError, UnicodeError) as error:
        what = f"not Feather: {first_line(error)}"
        raise FileError("unreadable-file", what, _UNREADABLE_REMEDY) from None
    return pa.Table.from_batches(batches, schema)


def _refuse_rows(n_packed: int, n_rows: int, n_columns: int, n_bytes: float, bound: int, more: str = "") -> None:
    if n_bytes > bound:
        size = f"is {size_text(n_packed)} large, and {more}{size_text(n_bytes)} unpacked ({n_rows} rows"
        raise too_large(f"{size}, {n_columns} columns)", bound, _ROW_REMEDY)
