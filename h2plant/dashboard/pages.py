"""What the dashboard hands out besides its own page: exports, reports, comparisons, shared style and script."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode

import flask

from h2plant.core.error import UserError
from h2plant.dashboard.chart import MOST_COLUMNS
from h2plant.dashboard.jobs import safe_name
from h2plant.dashboard.limits import Busy, Made, Turns
from h2plant.dashboard.listing import Catalogue, Run, stamps
from h2plant.dashboard.log import instant
from h2plant.report import export as exports
from h2plant.report.page.compare import MOST_RUNS, compare_runs
from h2plant.report.page.document import write_report
from h2plant.report.page.run_data import MissingData
from h2plant.report.plot import plot_columns
from h2plant.results import Results
from h2plant.results.folder import ResultsError

STYLE_PATH, SCRIPT_PATH = "/shared/page.css", "/shared/figure.js"

_MOST_PAGES_BYTES = 64_000_000
"""Most bytes of pages that are kept for those who ask for them again."""

_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHARED = {"page.css": "text/css", "figure.js": "text/javascript"}


def export_address(ending: str, run: str, columns: list[str], range_ms: tuple[float, float] | None) -> str:
    """Return the address of an export of some columns over a range of time."""
    words = [("run", run), *(("column", name) for name in columns)]
    if range_ms is not None:
        words += [("from", f"{range_ms[0]:.0f}"), ("to", f"{range_ms[1]:.0f}")]
    return f"/export/{ending}?{urlencode(words)}"


def add_pages(server: flask.Flask, catalogue: Catalogue) -> None:
    """Add the addresses to a server."""
    turns, pages = Turns(), Made[bytes](_MOST_PAGES_BYTES, len)

    @server.get("/shared/<name>")
    def shared(name: str) -> flask.Response:
        if name not in _SHARED:
            flask.abort(404)
        text = (files("h2plant.report.page") / "assets" / name).read_text(encoding="utf-8")
        return flask.Response(text, mimetype=_SHARED[name], headers={"Cache-Control": "no-cache"})

    @server.get("/export/<ending>")
    def export(ending: str) -> flask.Response:
        if ending not in _TYPES:
            flask.abort(404)

        def make() -> flask.Response:
            with turns.turn():
                return _export(catalogue, ending)

        return _answer(make)

    def page(runs: list[Run], write: Callable[[Path], object]) -> flask.Response:
        def make() -> bytes:
            with turns.turn():
                return _made_page(write)

        key = (flask.request.path, *(run.id for run in runs), *(stamps(run.folder) for run in runs))
        return _alone(pages.get(key, make))

    @server.get("/report")
    def report() -> flask.Response:
        def make() -> flask.Response:
            run = catalogue.run(flask.request.args.get("run", ""))
            return page([run], lambda file: write_report(Results(run.folder), file))

        return _answer(make)

    @server.get("/comparison")
    def comparison() -> flask.Response:
        def make() -> flask.Response:
            runs = [catalogue.run(id_) for id_ in flask.request.args.getlist("run")[: MOST_RUNS + 1]]
            return page(runs, lambda file: compare_runs([run.folder for run in runs], file))

        return _answer(make)


def _answer(make: Callable[[], flask.Response]) -> flask.Response:
    """Return what was asked for, or a text that says why it cannot be had."""
    status = 422
    try:
        return make()
    except KeyError as error:
        reason = str(error.args[0])
    except Busy as error:
        reason, status = str(error), 503
    except (UserError, MissingData) as error:
        reason = str(error)
    except OSError as error:
        reason = f"a file cannot be read or written ({error.strerror or error})"
    return flask.Response(f"This cannot be had: {reason}\n", status, mimetype="text/plain")


def _export(catalogue: Catalogue, ending: str) -> flask.Response:
    arguments = flask.request.args
    run = catalogue.run(arguments.get("run", ""))
    columns = arguments.getlist("column") or None
    begin, end = (None if (text := arguments.get(key)) is None else instant(text) for key in ("from", "to"))
    results = Results(run.folder)

    def write(file: Path) -> Path:
        if ending == "csv":
            return exports.to_csv(results, file, columns, begin, end)
        if ending == "parquet":
            return exports.to_parquet(results, file, columns, begin, end)
        if ending == "xlsx":
            return exports.to_excel(results, file)
        if columns is None:
            raise ResultsError("choose the columns of the picture")
        if len(columns) > MOST_COLUMNS:
            raise ResultsError(f"a picture has at most {MOST_COLUMNS} columns; choose fewer")
        return plot_columns(results, columns, file, begin, end)

    return _sent(write, _file_name(run, ending), _TYPES[ending])


def _file_name(run: Run, ending: str) -> str:
    return f"{safe_name(run.id.replace('/', '-'), 'run')}.{ending}"


def _sent(write: Callable[[Path], object], name: str, kind: str) -> flask.Response:
    """Return a file as a download; it is written to a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="h2plant-dash-") as folder:
        file = Path(folder) / name
        write(file)
        stream = file.open("rb")  # stays readable when the folder is gone
        try:
            size = file.stat().st_size
        except OSError:
            stream.close()
            raise
    response = flask.send_file(stream, mimetype=kind, as_attachment=True, download_name=name)
    response.content_length = size
    return response


def _made_page(write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="h2plant-dash-") as folder:
        file = Path(folder) / "page.html"
        write(file)
        return file.read_bytes()


def _alone(text: bytes) -> flask.Response:
    """Return a page that stands alone, with its own rules of what it may load, and no part in the dashboard."""
    flask.g.stands_alone = True
    return flask.Response(text, mimetype="text/html", headers={"Content-Security-Policy": _ALONE})


_ALONE = "sandbox allow-scripts allow-downloads allow-modals; frame-ancestors 'none'"
"""Of an origin of its own: nothing in the page reaches the dashboard; it may draw, save a picture and print."""
