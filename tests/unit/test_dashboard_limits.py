"""The dashboard under nonsense and under load: each answer is a page or a sentence."""

import contextlib
import json
import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import h2plant
from benchmarks.dashboard_page import Page
from tests.folders import open_copy
from tests.hostile import HOSTILE, plant_in

pytest.importorskip("dash", reason="the dashboard needs Dash: pip install 'h2plant[dash]'")

from h2plant.dashboard import limits
from h2plant.dashboard.application import make_application
from h2plant.dashboard.asked import MOST_TEXT, BadRequest, Shapes
from h2plant.dashboard.guard import Guard
from h2plant.dashboard.jobs import MOST_WAITING, Jobs, RefusedOrder
from h2plant.dashboard.limits import MOST_BODY_BYTES, BoundedServer, Busy, Made, QuietHandler, Turns
from h2plant.dashboard.listing import Catalogue
from h2plant.dashboard.server import protect

CALLS = int(os.environ.get("H2PLANT_CALLS", "300"))
"""Requests of nonsense; more with ``H2PLANT_CALLS=10000 pytest tests/unit/test_dashboard_limits.py``."""

PATIENCE_S = 30.0
"""How long a loaded machine may take for what an idle one does at once, s."""

UPDATE = "/_dash-update-component"
HOST = {"Host": "127.0.0.1:8050"}
PARAMETER = {"key": "stack.rated_power_mw"}

SOUND: dict[str, Any] = {
    "runs-filter.value": "day", "runs-sort.value": "made", "runs-version.data": "1", "jobs-version.data": 0,
    "explore-run.value": "sound", "explore-columns.value": ["tank.pressure_pa"], "explore-window.data": [0, 2e12],
    "compare-runs.value": ["sound", "other"], "compare-columns.value": ["tank.pressure_pa"], "tab.data": "explore",
    "edit-source.value": "bundled:minimal_day", "edit-target.value": "stack", "edit-filter.value": "power",
    "edit-changed.data": {"stack.rated_power_mw": "0.9"}, "edit-problems.data": {}, "edit-hours.value": "24",
    "edit-start.value": "2023-07-03", "edit-step.value": "60", "edit-log.value": "900", "edit-name.value": "x",
    "edit-other.value": "stack.rated_power_mw=1", "edit-add.n_clicks": 1, "tick.n_intervals": 3,
    "parameter.value": [(PARAMETER, "0.9")], "parameter.id": [(PARAMETER, None)], "wrong.id": [(PARAMETER, None)],
    "explore-run.n_clicks": [({"run": "sound"}, 1)], "again-run.n_clicks": [({"run": "sound"}, 1)],
    "take-back.n_clicks": [(PARAMETER, 1)], "cancel-job.n_clicks": [({"job": 7}, 1)],
}  # fmt: skip
"""Values of a page in use; no click on a button that runs something."""


NUMBERED = ("parameter.", "wrong.", "explore-run.n_clicks", "again-run.", "take-back.", "cancel-job.")


def _name(id_: str) -> str:
    return str(json.loads(id_)["type"]) if id_.startswith("{") else id_


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dash") / "results"
    h2plant.run("minimal_day", hours=3, out=folder / "sound")
    open_copy(folder / "sound", folder / "other")
    open_copy(folder / "sound", folder / "hostile")
    plant_in(folder / "hostile")
    return folder


@pytest.fixture(scope="module")
def client(runs: Path) -> Any:
    application, _ = make_application(runs, runs)
    protect(application, Guard("127.0.0.1", 8050))
    return application.server.test_client()


@pytest.fixture(scope="module")
def page(client: Any) -> Page:
    return Page(client.get("/_dash-dependencies", headers=HOST).json)


def _sentence(answer: Any) -> None:
    """What is refused is refused with a sentence."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.mimetype == "text/plain" and 10 < len(answer.text) < 2000 and "Traceback" not in answer.text


def _post(client: Any, body: Any, **more: Any) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    text = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return client.post(UPDATE, data=text, content_type="application/json", headers=HOST, **more)


def test_what_a_page_sends_is_answered(client: Any, page: Page) -> None:
    for callback in page.callbacks:
        answer = _post(client, page.body(callback, SOUND))
        assert answer.status_code in (200, 204), (callback["output"], answer.text)
        answer = _post(client, page.body(callback, {"edit-changed.data": {}, "edit-problems.data": {}}))
        assert answer.status_code in (200, 204), (callback["output"], answer.text)


ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**60, 1e308, float("nan"), float("inf"), "", "\0", "../..", "\ud800", "a" * (MOST_TEXT + 1),
    HOSTILE, "run:sound", "file:../x", "bundled:", "%s{0}", "1e400", "nan", "-1", "0", "9" * 400, "0001-01-01",
    "9999-12-31T23:59Z", "stack.rated_power_mw=1", "=", ".=.", [], {}, [[]], [None], ["x"] * 30, {"a": 1}, {"a": {}},
    [1, 2], [-1e300, 1e300], 10**400, -(10**400), [10**400, 1],
)  # fmt: skip


def _bent(value: Any, draw: random.Random, depth: int = 0) -> Any:
    """Return a value read from JSON with something in it replaced, left out or doubled."""
    if depth > 6 or draw.random() < 0.15:
        return draw.choice(ODD)
    if isinstance(value, list) and value:
        k = draw.randrange(len(value))
        return draw.choice(([*value[:k], _bent(value[k], draw, depth + 1), *value[k + 1 :]], value[:k], value * 2))
    if isinstance(value, dict) and value:
        key = draw.choice(list(value))
        rest = {k: v for k, v in value.items() if k != key}
        return rest if draw.random() < 0.1 else {**value, key: _bent(value[key], draw, depth + 1)}
    return draw.choice(ODD)


def test_nonsense_is_answered_with_a_sentence(client: Any, page: Page) -> None:
    draw = random.Random(20)
    statuses = set()
    for _ in range(CALLS):
        answer = _post(client, _bent(page.body(draw.choice(page.callbacks), SOUND), draw))
        _sentence(answer)
        statuses.add(answer.status_code)
    assert {200, 400} <= statuses


def test_every_value_may_be_any_text_that_a_page_could_send(client: Any, page: Page) -> None:
    draw = random.Random(21)
    texts = [one for one in ODD if isinstance(one, str) and len(one) <= MOST_TEXT]
    for _ in range(CALLS // 3):
        values = dict(SOUND)
        for key in draw.sample(list(SOUND), 4):
            if isinstance(SOUND[key], str):
                values[key] = draw.choice(texts)
        values["edit-changed.data"] = {draw.choice(texts): draw.choice(texts), f"stack.{draw.choice(texts)}": "1"}
        values["compare-runs.value"] = [draw.choice([*texts, "sound", "hostile"]) for _ in range(draw.randrange(9))]
        values["explore-window.data"] = [draw.choice((-8e15, 0, 1.7e12)), draw.choice((-8e15, 0, 1.7e12, 8e15))]
        answer = _post(client, page.body(draw.choice(page.callbacks), values))
        assert answer.status_code in (200, 204), answer.text


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ("{", 400, "no JSON"),
        (b"\xff\xfe", 400, "no JSON"),
        ("[]", 400, "no JSON object"),
        ("[" * 200_000, 400, "no JSON"),
        ('{"output": "a.b"}', 400, "load the page again"),
        ('{"output": {}}', 400, "load the page again"),
        ('{"output": "runs-list.children", "inputs": []}', 400, "its inputs are not 3 values"),
        ("a" * (MOST_BODY_BYTES + 1), 413, "larger than 1,000,000 bytes"),
    ],
    ids=["cut", "bytes", "list", "nested", "other output", "no text", "inputs", "large"],
)
def test_a_body_of_another_form_is_refused(client: Any, body: Any, status: int, says: str) -> None:
    answer = _post(client, body)
    _sentence(answer)
    assert answer.status_code == status and says in answer.text


@pytest.mark.parametrize("number", [10**400, -(10**400), float("nan"), float("inf")])
def test_a_number_beyond_all_floats_is_refused_everywhere(client: Any, page: Page, number: float) -> None:
    """In each value of each request: none of them may be such a number."""
    for callback in page.callbacks:
        for place in (*callback["inputs"], *callback["state"]):
            key = f"{_name(place['id'])}.{place['property']}"
            if key in SOUND and place["property"] != "id":
                value = (
                    [(SOUND[key][0][0], number)]
                    if isinstance(SOUND[key], list) and key.startswith(NUMBERED)
                    else number
                )
                answer = _post(client, page.body(callback, {**SOUND, key: value}))
                _sentence(answer)
                assert answer.status_code == 400, (key, answer.text)


def test_a_form_of_another_page_is_no_request(client: Any) -> None:
    answer = client.post(UPDATE, data={"a": "1"}, headers=HOST)
    assert answer.status_code == 415 and "not sent as JSON" in answer.text


def test_nothing_is_taken_of_which_nothing_is_said() -> None:
    place = {"id": "new", "property": "value"}
    with pytest.raises(KeyError, match=r"nothing is said of what 'new\.value' may be"):
        Shapes([{"output": "a.b", "inputs": [place], "state": []}])
    with pytest.raises(BadRequest, match="'tab' is not a text"):
        shapes = Shapes([{"output": "a.b", "inputs": [{"id": "tab", "property": "data"}], "state": []}])
        given = [{"id": "tab", "property": "data", "value": 1}]
        shapes.require(json.dumps({"output": "a.b", "outputs": None, "inputs": given}).encode())


def test_odd_addresses_are_answered_with_a_sentence(client: Any) -> None:
    for address in (
        "/report", "/report?run=%ff", "/report?run=../sound", "/comparison?run=sound&run=%00",
        "/export/csv?run=sound&from=nan", "/export/csv?run=sound&to=1e400", "/export/csv?run=sound&from=-1e30",
        "/export/png?run=sound" + "&column=x" * 99,
        "/export/xlsx?run=", "/export/../x", "/shared/../guard.py", "/shared/%2e%2e", "/assets/../jobs.py", "/static/x",
        "/_dash-component-suites/nothing/x.js", "/_dash-component-suites/dash/../x", "/_reload-hash?x=%ff", "/%ff",
        f"{UPDATE}?cancelJob=1", "/comparison?" + "run=sound&" * 40,
    ):  # fmt: skip
        _sentence(client.get(address, headers=HOST))
    assert client.delete("/", headers=HOST).status_code == 405


def test_the_dashboard_hands_out_texts_of_files_as_texts(client: Any, page: Page) -> None:
    answers = [client.get("/_dash-layout", headers=HOST).json]
    values = SOUND | {
        "explore-run.value": "hostile",
        "compare-runs.value": ["hostile", "sound"],
        "runs-filter.value": "",
    }
    for callback in page.callbacks:
        answer = _post(client, page.body(callback, values))
        answers += [answer.json] if answer.status_code == 200 else []
    text = json.dumps(answers)
    assert "<script>window.__pwned=1</script>" in text  # shown, by elements that hold text
    kinds, links = set(), set()

    def look(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                look(item)
        elif isinstance(value, dict):
            kinds.add(value.get("type")) if "namespace" in value else None
            links.update(value[key] for key in ("href", "src") if isinstance(value.get(key), str))
            for item in value.values():
                look(item)

    look(answers)
    assert not kinds & {"Markdown", "DangerouslySetInnerHTML", "Iframe", "Script", "ObjectEl", "Embed", "Link"}
    assert links and all(link == "" or link.startswith(("/report?", "/comparison?", "/export/")) for link in links)


def test_the_report_it_hands_out_is_in_a_sandbox(client: Any) -> None:
    for address in ("/report?run=hostile", "/comparison?run=hostile&run=sound"):
        answer = client.get(address, headers=HOST)
        rules = answer.headers["Content-Security-Policy"].split("; ")
        assert answer.status_code == 200 and rules[0].startswith("sandbox ") and "frame-ancestors 'none'" in rules
        assert "allow-same-origin" not in rules[0] and "allow-top-navigation" not in rules[0]
        assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in answer.text
    for address in ("/", "/_dash-layout", "/export/csv?run=none", "/nothing"):
        policy = client.get(address, headers=HOST).headers["Content-Security-Policy"]
        scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
        assert "'unsafe" not in scripts and "http" not in policy and "*" not in policy


def test_one_odd_folder_takes_nothing_down(runs: Path, tmp_path: Path) -> None:
    open_copy(runs / "sound", tmp_path / "sound")
    for name in ("line\nbreak", "ring/inside", "<b>", "a" * 200, "fifo", "socket", "folder", "nul", "large"):
        open_copy(runs / "sound", tmp_path / name)
    odd = os.fsencode(tmp_path) + b"/not\xff\xfeutf8"
    os.rename(open_copy(runs / "sound", tmp_path / "renamed"), odd)
    (tmp_path / "ring" / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "ring" / "self").symlink_to("self")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    for name in ("fifo", "socket", "folder", "nul", "large"):
        (tmp_path / name / "summary.json").unlink()
    os.mkfifo(tmp_path / "fifo" / "summary.json")
    (tmp_path / "folder" / "summary.json").mkdir()
    (tmp_path / "nul" / "summary.json").symlink_to("/dev/zero")
    (tmp_path / "large" / "summary.json").write_text("[" * 100_000)
    here = Path.cwd()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as one:
        os.chdir(tmp_path / "socket")  # the path of a socket is short
        try:
            one.bind("summary.json")
        finally:
            os.chdir(here)
        application, _ = make_application(tmp_path, tmp_path)
        protect(application, Guard("127.0.0.1", 8050))
        client = application.server.test_client()
        text = client.get("/_dash-layout", headers=HOST).text
    reasons = {run.id: run.reason for run in Catalogue(tmp_path).runs()}
    assert sorted(name for name, reason in reasons.items() if not reason) == ["<b>", "a" * 200, "ring/inside", "sound"]
    for name in ("fifo", "socket", "folder", "nul", "large", "line\nbreak", "not??utf8"):
        assert reasons[name], name
        assert json.dumps(name)[1:-1] in text
    assert "rename the folder" in reasons["not??utf8"] and "rename the folder" in reasons["line\nbreak"]
    for name in reasons:
        answer = client.get("/report", query_string={"run": name}, headers=HOST)
        assert answer.status_code == (422 if reasons[name] else 200)


def test_a_list_is_looked_through_by_one_at_a_time(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue(runs, fresh_s=30.0)
    n_looks = 0
    look = catalogue._look

    def slow() -> Any:
        nonlocal n_looks
        n_looks += 1
        time.sleep(0.05)
        return look()

    monkeypatch.setattr(catalogue, "_look", slow)
    threads = [threading.Thread(target=catalogue.runs) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert n_looks == 1 and len(catalogue.runs()) == 3
    with pytest.raises(Exception, match="there is no run 'new'"):
        catalogue.run("new")
    assert n_looks == 2  # what is not in the list may have come since


@pytest.fixture
def server() -> Iterator[BoundedServer]:
    def answer(_environment: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"had"]

    server = BoundedServer("127.0.0.1", 0, answer, QuietHandler, most=3)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _asked(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(4096), b""))


def _is_had(server: BoundedServer) -> bool:
    return b"had" in _asked(server.port)


def test_silent_connections_take_the_dashboard_from_nobody_for_long(
    server: BoundedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(_slow(server.port, b"")) for _ in range(3)]
        _wait_until(lambda: len(server._waited) == 3)
        refused = _asked(server.port)
        assert b" 503 " in refused.splitlines()[0] and b"try again in a moment" in refused
        monkeypatch.setattr(limits, "_SLOW_S", 0.0)
        _wait_until(lambda: _is_had(server))  # the one that was silent for longest made room
        assert silent[0].recv(1) == b""
    for _ in range(8):  # all places are free again
        _wait_until(lambda: _is_had(server))


def _slow(port: int, sent: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    connection.sendall(sent)
    return connection


def _wait_until(is_so: Callable[[], bool]) -> None:
    """Ask again and again, and not once more after it was so: a place that is taken to ask for it is taken."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


SLOW = (
    b"GET / HTTP/1.1\r\nHost: x\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{",
)
"""Headers, a body, and a body that is too large, of which a part is there."""


def test_a_body_that_comes_byte_by_byte_makes_room_too(server: BoundedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(_slow(server.port, sent)) for sent in SLOW]
        _wait_until(lambda: len(server._waited) == 3)
        assert b" 503 " in _asked(server.port).splitlines()[0]
        monkeypatch.setattr(limits, "_SLOW_S", 0.3)
        time.sleep(0.4)
        for connection in slow:
            connection.sendall(b" ")
        _wait_until(lambda: _is_had(server))
        assert slow[0].recv(1) == b""


def test_a_request_has_so_long_to_arrive_and_no_longer(server: BoundedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that come meanwhile make it no longer, and nobody else need ask."""
    monkeypatch.setattr(limits, "ARRIVAL_S", 0.2)
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(_slow(server.port, sent)) for sent in SLOW]
        _wait_until(lambda: len(server._waited) == 0)
        for connection in slow:
            with contextlib.suppress(OSError):
                assert connection.recv(10) == b""
    monkeypatch.setattr(limits, "ARRIVAL_S", 30.0)
    _wait_until(lambda: server._free.acquire(blocking=False))
    server._free.release()


def test_what_follows_an_answer_is_not_waited_for(server: BoundedServer) -> None:
    """A body, and bytes beyond it, are here or not read: the connection ends with the answer."""
    for sent in (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}more",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nmore",
    ):
        with _slow(server.port, sent) as connection:
            began = time.monotonic()
            with contextlib.suppress(ConnectionResetError):
                assert b"had" in b"".join(iter(lambda: connection.recv(4096), b""))
            assert time.monotonic() - began < 0.5 * limits.SILENT_S
    with _slow(server.port, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n") as connection:
        assert b" 411 " in connection.recv(4096).splitlines()[0]


def test_an_answer_that_nobody_takes_makes_room(server: BoundedServer) -> None:
    assert not server._waited
    written: list[int] = []

    class Output:
        def write(self, content: bytes) -> int:
            written.append(len(server._waited))
            return len(content)

    with socket.socket() as connection:
        limits._Writer(Output(), server, connection).write(b"page")
    assert written == [1] and not server._waited


def test_costly_pages_are_made_by_turns_and_kept() -> None:
    turns = Turns(most=1, wait_s=0.01)
    with turns.turn(), pytest.raises(Busy, match="try again in a moment"), turns.turn():
        pass
    made: list[str] = []
    kept = Made[bytes](10, len)

    def make(text: str) -> bytes:
        time.sleep(0.02)
        made.append(text)
        return text.encode()

    threads = [threading.Thread(target=kept.get, args=("a", lambda: make("aaaa"))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["aaaa"]
    assert kept.get("b", lambda: make("bbbb")) == b"bbbb" and kept.get("c", lambda: make("cccc")) == b"cccc"
    kept.get("a", lambda: make("aaaa"))  # it was not used for the longest time
    assert made == ["aaaa", "bbbb", "cccc", "aaaa"]


def test_what_is_kept_may_be_asked_for_by_many_at_once() -> None:
    """What is kept is found without a lock while others are let go."""
    kept = Made[int](8)
    wrong: list[object] = []

    def ask(seed: int) -> None:
        for k in range(3000):
            key = (f"run-{(k * seed) % 23}", k % 3)
            try:
                found = kept.get(key, lambda key=key: hash(key))  # type: ignore[misc]
                if found != hash(key):
                    wrong.append(key)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in (1, 5, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and len(kept._made) == kept._total == 8


def test_so_many_runs_wait_and_no_more(tmp_path: Path) -> None:
    from tests.unit.test_dashboard import _order

    jobs = Jobs(tmp_path, [sys.executable, "-c", "import sys, time; sys.stdin.read(); time.sleep(30)"])
    try:
        for _ in range(MOST_WAITING + 1):
            jobs.submit(_order())
        with pytest.raises(RefusedOrder, match="20 runs wait already; cancel one"):
            jobs.submit(_order())
        jobs.cancel(2)
        jobs.submit(_order())
    finally:
        jobs.close()
    with pytest.raises(RefusedOrder, match="the dashboard is ending"):
        jobs.submit(_order())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://127.0.0.1:8050"}, 0),
        ({"Origin": "https://127.0.0.1:8050"}, 403),
        ({"Origin": "http://127.0.0.1:3000"}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"Origin": "http://localhost:8050"}, 403),
        ({"Origin": "http://x@127.0.0.1:8050"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://127.0.0.1:99999"}, 403),
        ({"Host": "127.0.0.1:x"}, 400),
        ({"Host": "["}, 400),
        ({"Host": ""}, 400),
        ({"Host": "127.0.0.1", "Origin": "http://127.0.0.1:80"}, 0),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}, 0),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 0),
    ],
)
def test_an_origin_is_a_scheme_a_host_and_a_port(headers: dict[str, str], status: int) -> None:
    assert Guard("127.0.0.1", 8050).judge({**HOST, **headers}, {}, {}).status == status
