"""A user's file is a regular file within bounds, or a finding: nothing waits, nothing fills the memory."""

from __future__ import annotations

import gzip
import io
import os
import socket
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from h2plant.config.user_file import (
    FileError,
    check_zip,
    open_feather,
    open_parquet,
    read_bytes,
    read_unpacked,
    unzip,
)
from h2plant.core.regular_file import BOUND_VARIABLE, bound_bytes

needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
needs_devices = pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there are no device files here")
_BOUND = 1_000_000


def _refused(read: Callable[[], object]) -> FileError:
    with pytest.raises(FileError) as caught:
        read()
    return caught.value


def _peak_bytes(read: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_is_in_a_file_is_returned_also_through_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "a.csv", tmp_path / "link"
    file.write_bytes(b"time\r\n1\n")
    link.symlink_to(file)
    assert read_bytes(file) == read_bytes(link) == b"time\r\n1\n"


def test_no_file_is_a_finding_with_its_reason(tmp_path: Path) -> None:
    broken = tmp_path / "link"
    broken.symlink_to(tmp_path / "gone")
    assert _refused(lambda: read_bytes(tmp_path / "none.csv")).id == "no-such-file"
    assert "link" in _refused(lambda: read_bytes(broken)).what
    assert _refused(lambda: read_bytes(Path("a\0b"))).id == "no-such-file"
    assert "folder" in _refused(lambda: read_bytes(tmp_path)).what


@needs_fifo
def test_fifos_and_sockets_are_refused_without_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        for name, kind in (("fifo", "FIFO"), ("socket", "socket")):
            error = _refused(lambda name=name: read_bytes(Path(name)))  # type: ignore[misc]
            assert (error.id, kind in error.what) == ("not-a-file", True)


@needs_devices
def test_devices_are_refused_also_behind_a_link(tmp_path: Path) -> None:
    link = tmp_path / "price.csv"
    link.symlink_to("/dev/zero")
    assert [_refused(lambda f=f: read_bytes(f)).id for f in (Path("/dev/zero"), link)] == ["not-a-file"] * 2  # type: ignore[misc]


def test_a_file_beyond_its_bound_says_the_bound_and_how_to_raise_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plant.yaml"
    with file.open("wb") as stream:
        stream.truncate(3_000_000_000)  # takes no room on the disk
    error = _refused(lambda: read_bytes(file, _BOUND))
    assert error.what == "is 3 GB large, the bound is 1 MB"
    assert f"{BOUND_VARIABLE}=" in error.remedy
    file.write_bytes(b"x" * 2000)
    monkeypatch.setenv(BOUND_VARIABLE, "0.001")
    assert _refused(lambda: read_bytes(file)).what == "is 2 kB large, the bound is 1 kB"
    monkeypatch.setenv(BOUND_VARIABLE, "2")
    assert len(read_bytes(file, 1000)) == 2000


@pytest.mark.parametrize("text", ["many", "-1", "0", "nan", "inf"])
def test_a_bound_that_is_no_size_is_a_finding(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BOUND_VARIABLE, text)
    assert _refused(lambda: bound_bytes(1)).id == "bad-environment"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="there is no /proc here")
def test_a_file_that_says_it_is_empty_is_read_to_its_bound() -> None:
    assert read_bytes(Path("/proc/self/maps"))
    assert _refused(lambda: read_bytes(Path("/proc/self/maps"), 100)).id == "too-large"


def test_what_gzip_packed_is_unpacked_whatever_the_name_says(tmp_path: Path) -> None:
    file = tmp_path / "price.csv"
    text = bytes(range(256)) * 9000
    file.write_bytes(gzip.compress(text[:1_500_000]) + gzip.compress(text[1_500_000:]) + b"\0" * 9)
    assert read_unpacked(file) == text
    file.write_bytes(b"time\n")
    assert read_unpacked(file) == b"time\n"


def test_damaged_gzip_is_a_finding() -> None:
    packed = gzip.compress(bytes(range(256)) * 100)
    for raw in (packed[:-9], packed[:40] + b"\xff\xff\xff" + packed[43:], packed + b"more"):
        assert _refused(lambda raw=raw: unzip(raw)).id == "unreadable-file"  # type: ignore[misc]


def _bomb(n_bytes: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    zeros = bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(n_bytes >> 20)) + packer.flush()


def test_a_gzip_bomb_stops_at_the_bound_with_little_memory() -> None:
    raw = _bomb(64 << 20)
    assert len(raw) < 100_000
    peak = _peak_bytes(lambda: _refused(lambda: unzip(raw, 8_000_000)))
    assert peak < 4_000_000


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
            archive.writestr(name, bytes(16 << 20))
    raw = packed.getvalue()
    check_zip(raw)
    peak = _peak_bytes(lambda: _refused(lambda: check_zip(raw, 20_000_000)))
    assert peak < 1_000_000
    assert "33.6 MB unpacked" in _refused(lambda: check_zip(raw, 20_000_000)).what  # 2 x 16 x 1024^2
    assert _refused(lambda: check_zip(b"PK no archive")).id == "unreadable-file"


def test_a_zip_member_larger_than_the_directory_says_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(16 << 20))
    raw = packed.getvalue()
    crc = zlib.crc32(bytes(16 << 20)).to_bytes(4, "little"), zlib.crc32(bytes(1000)).to_bytes(4, "little")
    lying = raw.replace((16 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")).replace(*crc)
    peak = _peak_bytes(lambda: _refused(lambda: check_zip(lying, 2000)))
    assert peak < 4_000_000


def _parquet(**columns: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_parquet_is_read_and_its_rows_are_counted_before_reading() -> None:
    ones = pa.array([1.5]).take(pa.array([0] * 1000))
    raw = _parquet(price=ones, area=pa.array(["DE"] * 1000))
    table = open_parquet(raw).read()
    assert (table.num_rows, table.column("area")[999].as_py()) == (1000, "DE")
    error = _refused(lambda: open_parquet(raw, 16_000))  # 2 columns x 1000 rows x 8 bytes, and the pages
    assert "1000 rows, 2 columns" in error.what
    assert _refused(lambda: open_parquet(b"PAR1 no PAR1")).id == "unreadable-file"


def test_a_long_text_repeated_in_parquet_takes_its_room_once() -> None:
    raw = _parquet(text=pa.array(["x" * 100_000]).take(pa.array([0] * 1000)))  # 100 MB as plain texts
    assert open_parquet(raw, _BOUND).read().nbytes < _BOUND


def test_feather_is_read_and_its_rows_are_counted_before_reading() -> None:
    out = io.BytesIO()
    pa.feather.write_feather(pa.table({"price": pa.array([2.5] * 1000)}), out, compression="zstd")
    raw = out.getvalue()
    assert open_feather(raw).column("price")[999].as_py() == 2.5
    assert "1000 rows" in _refused(lambda: open_feather(raw, 7999)).what
    assert _refused(lambda: open_feather(b"ARROW1 nothing")).id == "unreadable-file"
