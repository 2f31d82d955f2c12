"""What a run comes to: balances, economics, summary, and the folder that holds them, whatever of it cannot be made."""

from __future__ import annotations

import contextlib
import hashlib
import math
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from h2plant.audit.report import AuditReport, audit_run
from h2plant.audit.steps import to_bytes
from h2plant.config.scenario import Scenario
from h2plant.core.error import reason_of
from h2plant.core.status import OVER_RATING
from h2plant.plant.graph import Plant
from h2plant.results import Results
from h2plant.results.checkpoint_folder import CheckpointFolder
from h2plant.results.fault import fault_events, fault_summary
from h2plant.results.figures import ECONOMIC_FIGURES, own_figures
from h2plant.results.folder import STEPS, LogWriter, reserved
from h2plant.results.grid_use import rare_use
from h2plant.results.idle_battery import idle_batteries
from h2plant.results.idle_line import idle_lines, log_reader
from h2plant.results.ledger import Ledger, no_ledger
from h2plant.results.not_delivered import not_delivered
from h2plant.results.over_rating import over_ratings
from h2plant.results.run_economics import RunEconomics
from h2plant.results.served import served_summary
from h2plant.results.summary import summarise
from h2plant.results.totals import Totals
from h2plant.results.validity import Fault, as_dicts, broken_in_steps, faults, power_faults
from h2plant.session.record import new_run_id
from h2plant.simulation.engine import Event
from h2plant.simulation.program import FloatArray, Program

if TYPE_CHECKING:
    from h2plant.session.session import Session


class Concluded(NamedTuple):
    """What a run came to: its folder, summary, balances, and its economics where they could be worked out."""

    folder: Path
    summary: dict[str, Any]
    ledger: Ledger
    economics: RunEconomics | None


def log_writer(
    session: Session,
    folder: Path,
    scenario: Scenario,
    partial: Path | None = None,
    checkpoints: CheckpointFolder | None = None,
) -> LogWriter:
    """Return what writes the log of a scenario into a folder; see ``LogWriter``."""
    program = session.program
    n_rows = math.ceil(session.n_steps * scenario.step_s / program.log_every_s) + 1
    return LogWriter(folder, program.columns, scenario.start, program.log_every_s, n_rows, partial, checkpoints)


def conclude(
    session: Session,
    writer: LogWriter,
    scenario: Scenario,
    stopped: BaseException | None,
    missing: Missing,
    took: Callable[[], Mapping[str, Any]],
    is_year: bool = False,
) -> Concluded:
    """Work out what a run came to and give its folder its name.

    Parameters
    ----------
    session
        After the run.
    writer
        Has its log and events.
    scenario
        As it is named in the results.
    stopped
        What ended the run early.
    missing
        What could not be worked out so far; what fails here is added.
    took
        Gives the times of the run.
    is_year
        Whether it is a year among others, whose plant and cash flow stand with them all.

    Raises
    ------
    ResultsError
        The folder cannot be written.
    """
    struck = fault_events(session.plant, scenario.start, session.hours_done, scenario.step_s)
    writer.write(np.empty((0, len(session.program.columns))), struck)
    with contextlib.suppress(Exception):  # `commit` tries again, and says what is wrong
        writer.close_log()  # 50 MB, before what follows takes its own
    plant, program = session.plant, session.program
    ledger = missing.attempt("balances", session.ledger, no_ledger(program))
    hours = session.hours_done
    run_economics = missing.attempt("economics", lambda: session.economics(ledger)) if hours > 0.0 else None
    performance = {**took(), "n_components": program.n_components, "n_steps": session.step_number}
    sources: dict[str, str | bytes] = {
        "scenario.json": scenario.to_json(plant, "../plant.yaml" if is_year else "plant.yaml")
    }
    if not is_year:
        sources |= plant.files()
    if not is_year and run_economics is not None:
        sources["cash_flow.csv"] = missing.attempt("cash flow", run_economics.appraisal.cash_flow_csv, "none\n")
    steps = missing.attempt("steps of the audit", lambda: session.kept_steps(ledger))
    if steps is not None:
        sources[STEPS] = missing.attempt("steps of the audit", lambda: to_bytes(steps), b"")
    audit = missing.attempt("audit", lambda: audit_run(program, ledger.memory_before, steps))
    steps = None  # 8 MB
    summary = run_summary(
        plant,
        program,
        scenario,
        session.engine_name,
        ledger,
        hours,
        run_economics,
        stopped,
        performance,
        missing,
        audit,
    )
    read_log = log_reader(writer.partial / "log.parquet")
    given = Totals(program, ledger, plant), plant, session.series, hours, read_log
    why = missing.attempt("reasons why nothing was made", lambda: idle_lines(*given), [])
    why += missing.attempt(
        "loads above a rating", lambda: over_ratings(given[0], writer.reported(OVER_RATING), read_log), []
    )
    summary["provenance"]["notes"] = [*why, *summary["provenance"].get("notes", ())]
    is_to_go_on = isinstance(stopped, KeyboardInterrupt) and not is_year
    folder = writer.commit(ledger, summary, sources, scenario.step_s, is_to_go_on)
    return Concluded(folder, summary, ledger, run_economics)


def write_kept(
    session: Session,
    out: Path | str | None,
    rows: Sequence[FloatArray],
    events: Sequence[Event],
    stopped: BaseException | None,
    took: Callable[[], Mapping[str, Any]],
) -> Results:
    """Write the results of a run whose log and events were kept in memory; see ``Session.results``."""
    with reserved(out, session.scenario.name) as folder:
        writer = log_writer(session, folder, session.scenario)
        try:
            for part in rows:
                writer.write(part, ())
            writer.write(np.empty((0, len(session.program.columns))), events)
            done = conclude(session, writer, session.scenario, stopped, Missing(), took)
        except BaseException:
            writer.abandon()
            raise
    return Results(done.folder, is_fresh=True)


def run_summary(
    plant: Plant,
    program: Program,
    scenario: Scenario,
    engine: str,
    ledger: Ledger,
    hours: float,
    run_economics: RunEconomics | None,
    stopped: BaseException | None,
    performance: Mapping[str, Any],
    missing: Missing | None = None,
    audit: AuditReport | None = None,
) -> dict[str, Any]:
    """Return the summary of a run: what ran, whether its answer holds, key figures, money, residuals, provenance.

    Parameters
    ----------
    run_economics
        None if no time has passed, or if it could not be worked out.
    stopped
        What ended the run early.
    missing
        What could not be worked out so far; what fails here is added. None: a failure is raised.
    audit
        What the audit found; None: there was none.
    """
    attempt = _make if missing is None else missing.attempt
    figures: dict[str, Any] = {}
    served: dict[str, Any] = {}
    elsewhere: dict[str, Any] = {}
    if hours > 0.0:
        served = attempt("served", lambda: served_summary(Totals(program, ledger, plant)), {})
        elsewhere = attempt("hydrogen not delivered", lambda: not_delivered(Totals(program, ledger, plant)), {})
        figures = attempt("key figures", lambda: summarise(plant, program, ledger, hours, run_economics), {})
    if run_economics is not None:
        economics = attempt("economics", run_economics.to_dict, {})
    else:
        economics = {"reasons": dict.fromkeys(ECONOMIC_FIGURES, _why_no_economics(missing))}
    return {
        "scenario": scenario.name,
        "plant": plant.name,
        "engine": engine,
        "is_complete": stopped is None,
        "stopped_by": "" if stopped is None else reason_of(stopped),
        "not_valid": as_dicts(attempt("validity", lambda: _faults(Totals(program, ledger, plant), missing, audit), [])),
        "missing": {} if missing is None else missing,
        "start": scenario.start.isoformat(),
        "hours": hours,
        "step_s": scenario.step_s,
        "key_figures": figures,
        "figures": own_figures(plant),
        "served": served,
        "not_delivered": elsewhere,
        **(
            {"faults": attempt("faults", lambda: fault_summary(plant, scenario.start, hours), {})}
            if plant.faults.of
            else {}
        ),
        "economics": economics,
        "site": plant.site.to_dict(),
        "planning": {} if program.planning is None else attempt("planning", program.planning.report, {}),
        "audit": {} if audit is None else audit.to_dict(),
        "residuals": attempt("residuals", lambda: residual_figures(ledger), _NO_RESIDUALS),
        "provenance": attempt(
            "provenance", lambda: _provenance(plant, scenario, program, Totals(program, ledger), hours), {}
        ),
        "performance": dict(performance),
    }


def _faults(totals: Totals, missing: Missing | None, audit: AuditReport | None) -> list[Fault]:
    """Return what makes the answer void; sums are judged where they are there."""
    found = power_faults(totals) if "balances" in (missing or ()) else faults(totals)
    return found + ([] if audit is None else broken_in_steps(audit))


def _why_no_economics(missing: Missing | None) -> str:
    return "no time has passed" if missing is None else missing.get("economics", "no time has passed")


def _make(_part: str, make: Callable[[], Any], _instead: Any = None) -> Any:
    return make()


class Missing(dict[str, str]):
    """What of a finished run could not be worked out, and why: no run is thrown away for it."""

    def attempt(self, part: str, make: Callable[[], Any], instead: Any = None) -> Any:
        """Return what ``make`` returns; where it fails, ``instead``, and the part is noted with the reason."""
        try:
            return make()
        except Exception as error:
            self[part] = reason_of(error)
            return instead


_NO_RESIDUALS: dict[str, Any] = {"worst_component": "", "worst_relative": None, "plant_relative": {}}


def residual_figures(ledger: Ledger) -> dict[str, Any]:
    """Return the largest relative residual of a component, and those of the plant."""
    relative = np.abs(ledger.relative_residual)
    worst = int(relative.max(axis=1).argmax()) if relative.size else 0
    items = ("h2", "o2", "n2", "h2o", "energy")
    return {
        "worst_component": ledger.component_ids[worst] if ledger.component_ids else "",
        "worst_relative": float(relative.max(initial=0.0)),
        "plant_relative": dict(zip(items, (float(v) for v in ledger.plant_residual), strict=True)),
    }


def _read_files(plant: Plant, scenario: Scenario) -> dict[str, str]:
    """Return the SHA-256 of each file that the run was read from, as it was then."""
    of_scenario = {} if scenario.file is None or not scenario.text else {scenario.file: scenario.text}
    found = {plant.place_of(file): hashlib.sha256(text.encode()).hexdigest() for file, text in of_scenario.items()}
    return found | plant.read_files()


def _provenance(plant: Plant, scenario: Scenario, program: Program, totals: Totals, hours: float) -> dict[str, Any]:
    import h2plant

    return {
        "run_id": new_run_id(),
        "h2plant": h2plant.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": f"{platform.machine()} {platform.system()}",
        "plant_digest": plant.digest,
        "read": _read_files(plant, scenario),
        **({"code": {name: code.digest for name, code in plant.codes.items()}} if plant.codes else {}),
        "overrides": {k: str(v) for k, v in scenario.overrides.items()},
        "command": scenario.command(),
        "notes": [*program.notes, *idle_batteries(totals, hours), *rare_use(plant, totals, hours)],
    }
