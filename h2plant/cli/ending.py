"""How commands end that are stopped: by which signals, and what is said of going on."""

from __future__ import annotations

import shlex
import signal

from h2plant.core.hang import end_if_code_hangs


def how_to_go_on(error: BaseException) -> str:
    """Return the command by which a run goes on that ended with an error; what keeps one where it has no checkpoint."""
    if not hasattr(error, "resumable"):
        return ""
    if error.resumable is None:
        return "\nit had no checkpoint to go on from yet; 'h2plant run --checkpoint-every 30d' keeps one each 30 days"
    return f"\n'h2plant resume {shlex.quote(str(error.resumable))}' goes on with it"


def end_like_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP end a command like Ctrl-C; one that is to be ignored, as by nohup, stays so.

    Code of a user's own that does not come back keeps no command from ending.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    end_if_code_hangs()
