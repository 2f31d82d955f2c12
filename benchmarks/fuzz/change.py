"""Changes that make a file wrong: of its bytes, its text, the values in it, and the columns of its table."""

from __future__ import annotations

import gzip
import json
import random
import re
from typing import Any

import numpy as np
import pyarrow as pa

NUMBERS = (
    *("nan", ".nan", "inf", "-inf", ".inf", "1e400", "-1e400", "1e308", "-1e308", "5e-324", "0", "-0.0", "-1"),
    *("9" * 350, "9223372036854775808", "-9223372036854775809", "0x10", "0o17", "0b1", "1_000", "1,5", "1.234,5"),
    *("１２", "٣", "∞", "½", "1e", ".", "+", "--1", "1/3", "12:60:61", "1 2", "true", "null", "~", "1e999999999"),
    *("1900-02-29", "0001-01-01", "9999-12-31", "2023-13-01", "2023-03-26 02:30", "24:00", "10000-01-01", "1%"),
)  # fmt: skip
"""Numbers, and what may be taken for some."""
TEXTS = (
    *("", " ", "\t", "\x00", "\x1b[2J", "\u202e", "\ufeff", "\ud7ff", "é", "e\u0301", "💧", "\u2028", "..", "/"),
    *("/dev/null", "a" * 3000, "{}", "[]", "{0}", "%s", "${HOME}", "[bold]", "<b>", "'", '"', "\\", "#", ":", "-", "*"),
    *("*a", "!!python/object:os.system", "!!binary x", "<<", "? ", "yes", "off", "Null", "../..", "a.b.c", "&a"),
    *("name", "kind", "series.x", "*.power_w", "[a-", "(", "((((", "a -> b", "->", "a.b -> a.b", "2023-01-01"),
)  # fmt: skip
_NUMBER = re.compile(rb"(?<![\w.])-?\d[\d.]*(?:[eE][-+]?\d+)?(?![\w.])")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9]+")
_ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp037", "shift_jis", "utf-7")


def changed_bytes(content: bytes, draw: random.Random) -> bytes:
    """Return a file with some of its bytes changed."""
    made = bytearray(content)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 8, 40))):
        at = draw.randrange(len(made) + 1)
        n = draw.choice((1, 1, 2, 4, 16, 200))
        what = draw.randrange(6)
        if what == 0 and at < len(made):
            made[at] ^= 1 << draw.randrange(8)
        elif what == 1:
            made[at : at + n] = draw.randbytes(n)
        elif what == 2:
            del made[at : at + n]
        elif what == 3:
            made[at:at] = made[draw.randrange(len(made) + 1) :][:n]
        elif what == 4:
            made[at : at + n] = draw.choice((b"\x00", b"\xff", b"\n", b"\r", b"\t", b" ", b"\xef\xbb\xbf")) * n
        elif draw.random() < 0.2:
            del made[at:]
    return bytes(made)


def changed_text(content: bytes, draw: random.Random) -> bytes:
    """Return text with some of its numbers, words or lines changed, in another encoding, nested or packed."""
    for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
        what = draw.randrange(9)
        if what < 3:
            content = _replaced(content, _NUMBER, NUMBERS, draw)
        elif what < 5:
            content = _replaced(content, _WORD, TEXTS, draw)
        elif what < 8:
            content = _lines(content, draw)
        else:
            content = _whole(content, draw)
    return content


def _replaced(content: bytes, pattern: re.Pattern[bytes], words: tuple[str, ...], draw: random.Random) -> bytes:
    found = list(pattern.finditer(content))
    if not found:
        return content
    one = draw.choice(found)
    other = draw.choice(found)[0] if draw.random() < 0.3 else draw.choice(words).encode("utf-8", "surrogatepass")
    return content[: one.start()] + other + content[one.end() :]


def _lines(content: bytes, draw: random.Random) -> bytes:
    lines = content.split(b"\n")
    a, b = draw.randrange(len(lines)), draw.randrange(len(lines))
    what = draw.randrange(8)
    if what == 0:
        del lines[a : a + draw.choice((1, 1, 2, 10))]
    elif what == 1:
        lines.insert(b, lines[a])
    elif what == 2:
        lines[a], lines[b] = lines[b], lines[a]
    elif what == 3:
        lines[a] = draw.choice((b"  ", b"\t", b" ", b"        ")) + lines[a]
    elif what == 4:
        lines[a] = lines[a].lstrip()
    elif what == 5:
        lines[a] = lines[a][: draw.randrange(len(lines[a]) + 1)]
    elif what == 6:
        lines[a] += draw.choice(
            (b" #", b":", b" &a", b" *a", b"]", b"{", b",,,,", b";", b'"', b"\\", b"|", b" |", b" >-")
        )
    else:
        lines[a] = lines[a] * draw.choice((2, 50))
    return b"\n".join(lines)


def _whole(content: bytes, draw: random.Random) -> bytes:
    what = draw.randrange(9)
    if what == 0:
        text = content.decode("utf-8", "replace")
        return text.encode(draw.choice(_ENCODINGS), "replace")
    if what == 1:
        return gzip.compress(content, 1, mtime=0)
    if what == 2:
        return content.replace(b"\n", draw.choice((b"\r", b"\r\n", b"\n\n", b"\x00\n", b" \n")))
    if what == 3:
        deep = draw.choice((30, 300, 3000))
        opened, closed = draw.choice(((b"[", b"]"), (b"{a: ", b"}"), (b"- ", b""), (b"(", b")"), (b'{"a":', b"}")))
        return content + b"\nx-deep: " + opened * deep + b"1" + closed * deep + b"\n"
    if what == 4:
        return content + b"\n---\n" + content
    if what == 5:
        return content + content
    if what == 6:
        return content[: draw.randrange(len(content) + 1)]
    if what == 7:
        n = draw.choice((3, 8, 12))
        bomb = "\n".join(f"x-{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9) if k else 'b'}]" for k in range(n))
        return bomb.encode() + b"\n" + content
    return draw.choice(
        (b"", b" ", b"\n", b"\x00" * 20, b"null", b"[]", b"{}", b"-", b"1", b'""', b"\xff\xfe", b"%YAML 9")
    )


def value(draw: random.Random, depth: int = 0) -> Any:
    """Return a value of any type."""
    what = draw.randrange(10 if depth < 3 else 7)
    if what == 0:
        return draw.choice((None, True, False))
    if what in (1, 2):
        return draw.choice((0, 1, -1, 2**31, 2**63, 10**400, -(10**30), 7, 100, 9999, 10_000, 86400))
    if what in (3, 4):
        return draw.choice((0.0, -0.0, 1.5, -1.5, 1e-320, 1e308, -1e308, float("inf"), float("nan"), 1e15, 1e-9, 0.3))
    if what == 5:
        return draw.choice(TEXTS)
    if what == 6:
        return draw.choice(NUMBERS)
    if what == 7:
        return [value(draw, depth + 1) for _ in range(draw.choice((0, 1, 2, 5)))]
    if what == 8:
        return {draw.choice((*TEXTS[2:], *NUMBERS)): value(draw, depth + 1) for _ in range(draw.choice((0, 1, 2, 3)))}
    deep: Any = draw.choice((1, "a", None))
    for _ in range(draw.choice((2, 20, 90))):
        deep = draw.choice(([deep], {"a": deep}))
    return deep


def changed_tree(tree: Any, draw: random.Random) -> Any:
    """Return data as of YAML or JSON with some of its values or keys changed; what was given stays as it is."""
    made = json.loads(json.dumps(tree, default=str))
    for _ in range(draw.choice((1, 1, 1, 1, 2, 3, 6))):
        places = list(_places(made))
        if not places:
            return value(draw)
        holder, key = draw.choice(places)
        what = draw.randrange(10)
        if what < 4:
            holder[key] = value(draw)
        elif what == 4:
            del holder[key]
        elif what == 5 and isinstance(holder, dict):
            new = draw.choice(TEXTS) if draw.random() < 0.5 else draw.choice([k for h, k in places if h is holder])
            holder[new] = holder.pop(key)
        elif what == 6:
            other, of = draw.choice(places)
            holder[key] = json.loads(json.dumps(other[of]))
        elif what == 7:
            holder[key] = [holder[key]]
        elif what == 8:
            holder[key] = _of_its_kind(holder[key], draw)
        elif isinstance(holder[key], dict):
            holder[key][draw.choice(TEXTS)] = value(draw)
        elif isinstance(holder[key], list):
            holder[key] += [value(draw)]
    return made


def _of_its_kind(one: Any, draw: random.Random) -> Any:
    """Return another value of a type: what its readers are most likely to take."""
    if isinstance(one, bool):
        return not one
    if isinstance(one, int | float):
        factor = draw.choice((0.0, -1.0, 1e-12, 1e-3, 0.5, 2.0, 10.0, 1e3, 1e12, 1e300))
        if isinstance(one, int):
            return one * int(factor) if abs(factor) >= 1.0 and factor < 1e13 else one // 2
        return one * factor
    if isinstance(one, str):
        at = draw.randrange(len(one) + 1)
        return one[:at] + draw.choice(TEXTS) + one[at + draw.choice((0, 1, 5)) :]
    if isinstance(one, list):
        return draw.sample(one, len(one)) * draw.choice((0, 1, 1, 2, 40))
    return {} if isinstance(one, dict) else value(draw)


def _places(tree: Any) -> Any:
    waiting = [tree]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            yield holder, key
            waiting.append(holder[key])


def changed_table(table: pa.Table, draw: random.Random) -> pa.Table:
    """Return a table with columns renamed, of other types, with gaps, doubled, or with no rows."""
    for _ in range(draw.choice((1, 1, 2, 4))):
        if table.num_columns == 0:
            return table
        k = draw.randrange(table.num_columns)
        name, n = table.column_names[k], table.num_rows
        what = draw.randrange(8)
        if what == 0:
            table = table.remove_column(k)
        elif what == 1:
            names = list(table.column_names)
            names[k] = draw.choice((*TEXTS, draw.choice(names)))
            table = table.rename_columns(names)
        elif what < 4:
            table = table.set_column(k, name, _column(n, draw))
        elif what == 4:
            table = table.append_column(draw.choice((name, *TEXTS)), table.column(k))
        elif what == 5:
            table = table.slice(0, draw.choice((0, 1, n // 2)))
        elif what == 6:
            table = table.replace_schema_metadata({draw.choice((*TEXTS, "pandas", "boundary")): draw.choice(TEXTS)})
        elif n:
            table = table.take(pa.array([draw.randrange(n) for _ in range(n)]))
    return table


def _column(n: int, draw: random.Random) -> pa.Array:
    what = draw.randrange(10)
    if what == 0:
        return pa.nulls(n)
    if what == 1:
        return pa.array([draw.choice(TEXTS) for _ in range(n)])
    if what == 2:
        return pa.array([draw.choice(NUMBERS) for _ in range(n)])
    if what == 3:
        return pa.array([value(draw, 9) is None for _ in range(n)])
    if what == 4:
        return pa.array([draw.choice((None, 1.0, float("nan"), float("inf"), -1e308)) for _ in range(n)], pa.float64())
    if what == 5:
        unit, zone = draw.choice(("s", "ms", "us", "ns")), draw.choice((None, "UTC", "Europe/Berlin", "+25:00", "x"))
        numbers = np.array([draw.choice((0, k, -(2**62), 2**62)) for k in range(n)], dtype=np.int64)
        return pa.array(numbers).view(pa.timestamp(unit, zone))
    if what == 6:
        return pa.array([[1, 2]] * n)
    if what == 7:
        return pa.array([{"a": 1}] * n)
    if what == 8:
        return pa.array(["a"] * n).dictionary_encode()
    return pa.array([draw.choice((0, -1, 2**62)) for _ in range(n)], draw.choice((pa.int64(), pa.int64())))


def as_json(tree: Any) -> bytes:
    """Return data as JSON, numbers that it does not know included."""
    return json.dumps(tree, indent=1).encode("utf-8", "surrogatepass")
