"""The server: the application behind its guard, bound to an address, until it is stopped."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from h2plant.dashboard.guard import TOKEN_ARGUMENT, Guard, content_policy, is_local, new_token
from h2plant.plant.finding import Finding, PlantError
from h2plant.results.folder import ResultsError

if TYPE_CHECKING:
    import dash

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8050


def require_dash() -> None:
    """Raise a ResultsError if the package that the dashboard is built on is not installed."""
    if find_spec("dash") is None or find_spec("plotly") is None:
        raise ResultsError("the dashboard needs Dash: pip install 'h2plant[dash]'")


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address; port 0 takes a free one.

    Raises
    ------
    PlantError
        The port is in use, or the address is none of this machine.
    """

    def wrong(id_: str, where: str, what: str, remedy: str) -> PlantError:
        return PlantError([Finding(id_, where, what, remedy)])

    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror:
        remedy = "leave --host out for this machine alone, or give one of its addresses"
        raise wrong("bad-host", "--host", f"'{host}' is no address", remedy) from None
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            what = f"port {port} is in use, perhaps by another dashboard"
            remedy = f"open http://{host}:{port} if it is yours, or choose another port, such as --port {port + 1}"
            raise wrong("port-in-use", "--port", what, remedy) from None
        if error.errno == errno.EACCES:
            raise wrong("bad-port", "--port", f"port {port} may not be used", "choose one from 1024 on") from None
        remedy = "leave --host out for this machine alone, or give one of its addresses"
        raise wrong("bad-host", "--host", f"cannot listen on '{host}' ({error.strerror})", remedy) from None
    return listening


class Server:
    """The dashboard, listening; ``serve`` answers until ``stop``.

    Parameters
    ----------
    runs_dir
        Folder of runs; it need not exist yet.
    folder
        Where plant and scenario files of the user's are looked for.
    host, port
        Where it listens; port 0 takes a free one.
    has_token
        Whether a token is asked for also on this machine; elsewhere it always is.

    Raises
    ------
    PlantError
        The address cannot be had, or the folder of runs is a file.
    ResultsError
        Dash is not installed.
    """

    def __init__(
        self,
        runs_dir: Path,
        folder: Path,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        has_token: bool = False,
    ) -> None:
        require_dash()
        if runs_dir.exists() and not runs_dir.is_dir():
            remedy = "give the folder that holds the runs, such as results"
            raise PlantError([Finding("no-such-folder", "", "is a file, wanted a folder of runs", remedy, runs_dir)])
        self._socket = bound_socket(host, port)
        self.port = int(self._socket.getsockname()[1])
        self.guard = Guard(host, self.port, new_token() if has_token or not is_local(host) else "")
        try:
            from h2plant.dashboard.application import make_application
            from h2plant.dashboard.limits import BoundedServer, QuietHandler

            self.application, self.jobs = make_application(runs_dir, folder)
            protect(self.application, self.guard)
            self._server = BoundedServer(
                host, self.port, self.application.server, QuietHandler, fd=self._socket.fileno()
            )
        except BaseException:
            self._socket.close()
            raise

    @property
    def address(self) -> str:
        """The address to open, with the token if one is asked for."""
        host = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(self.guard.host, self.guard.host)
        shown = f"[{host}]" if ":" in host else host
        token = f"?{TOKEN_ARGUMENT}={self.guard.token}" if self.guard.token else ""
        return f"http://{shown}:{self.port}/{token}"

    def serve(self) -> None:
        """Answer until ``stop``; then end the runs that are on their way, with what they did kept."""
        try:
            self._server.serve_forever(poll_interval=0.2)
        finally:
            self.jobs.close()
            self._server.server_close()
            self._socket.close()

    def stop(self) -> None:
        """End ``serve`` in another thread."""
        self._server.shutdown()

    def serve_until_interrupted(self, on_stop: Callable[[], None]) -> None:
        """Answer until Ctrl-C or a polite kill."""

        def stop(_signal: int, _frame: object) -> None:
            on_stop()
            threading.Thread(target=self.stop, daemon=True).start()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self.serve()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def protect(application: dash.Dash, guard: Guard) -> None:
    """Put the guard before everything that an application answers, and say what its page may load."""
    import flask

    server = application.server
    policy = content_policy(application.csp_hashes())

    @server.before_request
    def judge() -> flask.Response | None:
        request = flask.request
        verdict = guard.judge(dict(request.headers), request.args, request.cookies)
        if verdict.status:
            return flask.Response(f"{verdict.message}\n", verdict.status, mimetype="text/plain")
        if verdict.is_newly_known and request.method == "GET":  # the token leaves the address for a cookie
            left = [(key, value) for key, value in request.args.items(multi=True) if key != TOKEN_ARGUMENT]
            path = "/" + request.path.lstrip("/")  # never another host
            response = flask.Response(status=302, headers={"Location": path + (f"?{urlencode(left)}" if left else "")})
            response.set_cookie(guard.cookie, guard.token, httponly=True, samesite="Strict")
            return response
        return None

    @server.after_request
    def add_headers(response: flask.Response) -> flask.Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if not flask.g.get("stands_alone"):
            response.headers["Content-Security-Policy"] = policy
        return response

    refuse_the_rest(application)


def refuse_the_rest(application: dash.Dash) -> None:
    """Answer what no page of the dashboard sends, and what goes wrong, with a sentence."""
    import flask
    from dash.exceptions import DependencyException, InvalidResourceError
    from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

    from h2plant.dashboard.asked import BadRequest, Shapes
    from h2plant.dashboard.limits import MOST_BODY_BYTES

    server = application.server
    server.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    shapes = Shapes(application._callback_list)

    def said(sentence: str, status: int) -> flask.Response:
        return flask.Response(f"{sentence}\n", status, mimetype="text/plain")

    @server.before_request
    def require_form() -> flask.Response | None:
        request = flask.request
        if request.method != "POST":
            return None
        if not request.is_json:
            return said("This request is none of the dashboard's page: it is not sent as JSON.", 415)
        try:
            shapes.require(request.get_data(cache=True))
        except BadRequest as why:
            return said(f"This request is none of the dashboard's page: {why}.", 400)
        return None

    @server.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        if isinstance(error, RequestEntityTooLarge):
            return said(f"This request is larger than {MOST_BODY_BYTES:,} bytes.", 413)
        return said(str(error.description or error.name), error.code)

    @server.errorhandler(DependencyException)
    @server.errorhandler(InvalidResourceError)
    def miss(_error: Exception) -> flask.Response:
        return said("There is no such file.", 404)

    @server.errorhandler(Exception)
    def confess(error: Exception) -> flask.Response:
        server.logger.exception("a fault of the dashboard")
        first = (str(error).splitlines() or [""])[0]
        return said(f"A fault of the dashboard itself ({type(error).__name__}: {first}); everything else goes on.", 500)
