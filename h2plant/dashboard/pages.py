"""What the dashboard hands out besides its own page: exports, reports, comparisons, shared style and script."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode

import flask

from h2plant.dashboard.listing import Catalogue, Run
from h2plant.dashboard.log import instant
from h2plant.plant.finding import PlantError
from h2plant.report import export as exports
from h2plant.report.page.compare import compare_runs
from h2plant.report.page.document import write_report
from h2plant.report.page.run_data import MissingData
from h2plant.report.plot import plot_columns
from h2plant.results import Results
from h2plant.results.folder import ResultsError

STYLE_PATH, SCRIPT_PATH = "/shared/page.css", "/shared/figure.js"

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
        return _answer(lambda: _export(catalogue, ending))

    @server.get("/report")
    def report() -> flask.Response:
        def make() -> flask.Response:
            run = catalogue.run(flask.request.args.get("run", ""))
            return _made_page(lambda file: write_report(Results(run.folder), file))

        return _answer(make)

    @server.get("/comparison")
    def comparison() -> flask.Response:
        def make() -> flask.Response:
            runs = [catalogue.run(id_) for id_ in flask.request.args.getlist("run")]
            return _made_page(lambda file: compare_runs([run.folder for run in runs], file))

        return _answer(make)


def _answer(make: Callable[[], flask.Response]) -> flask.Response:
    """Return what was asked for, or a text that says why it cannot be had."""
    try:
        return make()
    except KeyError as error:
        reason = str(error.args[0])
    except (ResultsError, PlantError, MissingData) as error:
        reason = str(error)
    return flask.Response(f"This cannot be had: {reason}\n", 422, mimetype="text/plain")


def _export(catalogue: Catalogue, ending: str) -> flask.Response:
    arguments = flask.request.args
    run = catalogue.run(arguments.get("run", ""))
    columns = arguments.getlist("column") or None
    begin_ms, end_ms = (arguments.get(key, type=float) for key in ("from", "to"))
    begin, end = (None if at is None else instant(at) for at in (begin_ms, end_ms))
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
        return plot_columns(results, columns, file, begin, end)

    return _sent(write, _file_name(run, ending), _TYPES[ending])


def _file_name(run: Run, ending: str) -> str:
    return f"{run.id.replace('/', '-')}.{ending}"


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


def _made_page(write: Callable[[Path], object]) -> flask.Response:
    """Return a page that stands alone, with its own rules of what it may load, and no part in the dashboard."""
    with tempfile.TemporaryDirectory(prefix="h2plant-dash-") as folder:
        file = Path(folder) / "page.html"
        write(file)
        text = file.read_text(encoding="utf-8")
    flask.g.stands_alone = True
    return flask.Response(text, mimetype="text/html", headers={"Content-Security-Policy": _ALONE})


_ALONE = "sandbox allow-scripts allow-downloads allow-modals"
"""Of an origin of its own: nothing in the page reaches the dashboard; it may draw, save a picture and print."""
