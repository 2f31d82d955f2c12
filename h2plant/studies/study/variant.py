"""One variant of a study's plant: its components with their kinds, lowered once; scenarios are patched copies of it.

A study that varies no kinds has one. One that compares rules of dispatch (``dispatch.kind``) has one for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from h2plant.config.fault_series import outage_costs
from h2plant.config.scenario import Scenario
from h2plant.config.series import Series
from h2plant.config.series_derived import derive, stale
from h2plant.config.series_reader import read_series
from h2plant.economics.settings import Settings, read_settings
from h2plant.plant.finding import Finding, PlantError, raise_errors
from h2plant.plant.graph import Plant
from h2plant.plant.series_bounds import bounds_of
from h2plant.session.session import Loaded, load_run
from h2plant.simulation.lower import series_arrays
from h2plant.simulation.program import Program, copy_program
from h2plant.studies.study.output import Output, Reduction, check_figures, resolve_reductions
from h2plant.studies.study.target import Changes, changed_economics

_MOST_MADE = 16
"""Derived series that are kept for scenarios to come; a year of five minutes takes 0.8 MB."""


class PlantVariant:
    """A variant of the plant, made ready.

    Parameters
    ----------
    scenario
        The study's, with the kinds of this variant among its changes.
    outputs
        Of the study.
    file
        The study's, for findings.

    Raises
    ------
    PlantError
        The plant is not in order with these kinds, or its log has no such column.
    """

    def __init__(self, scenario: Scenario, outputs: tuple[Output, ...], file: Path | None) -> None:
        self.scenario = scenario
        loaded = load_run(scenario)
        self.plant, self.settings, own_series = loaded.plant, loaded.settings, loaded.series
        ports = self.plant.series_readers()
        self._bounds = {name: bounds_of(name, ports.get(name, ())) for name in own_series}
        self.series: dict[int | None, Mapping[str, Series]] = {None: own_series}
        self._made: dict[tuple[Any, ...], Series] = {}
        self._lower()
        findings: list[Finding] = []
        self.reductions: tuple[Reduction, ...] = resolve_reductions(
            outputs, self.program.columns, file or self.plant.file, findings
        )
        check_figures(outputs, self.plant, file or self.plant.file, findings)
        raise_errors(findings)

    def _lower(self) -> None:
        self.program = Loaded(self.scenario, self.plant, self.series[None], self.settings).program()
        self._year_arrays: dict[int, dict[str, Any]] = {}

    def load_years(self, years: Iterable[int | None]) -> list[Finding]:
        """Load the series of further input years, each once; returns what is wrong with them."""
        findings: list[Finding] = []
        scenario = self.scenario
        for year in sorted(y for y in years if y is not None and y not in self.series):
            start = scenario.start.replace(year=year)
            series, found = read_series(self.plant, start, scenario.n_seconds, scenario.series, scenario.timezone)
            findings += [replace(f, what=f"in {year}: {f.what}") for f in found if f.severity == "error"]
            self.series[year] = series
        return findings

    def start(self, changes: Changes) -> datetime:
        """Return the first instant of a scenario."""
        start = self.scenario.start
        return start if changes.year is None else start.replace(year=changes.year)

    def series_of(self, changes: Changes) -> dict[str, Series]:
        """Return the series of a scenario."""
        series = self.series[changes.year]
        moved = {name: by for name, by in changes.series.items() if by != (1.0, 0.0)}
        changed = {
            n: replace(series[n], values=series[n].values * scale + shift) for n, (scale, shift) in moved.items()
        }
        found = {name: changed.get(name, one) for name, one in series.items()}
        made = self._stale(changes)
        return found | self._derived(changes, found, made) if made else found

    def _derived(self, changes: Changes, series: Mapping[str, Series], names: Iterable[str]) -> dict[str, Series]:
        """Return derived series of a scenario, each made once for all scenarios that move nothing that it hangs on."""
        plant, start_s, found = self.plant_of(changes), round(self.start(changes).timestamp()), {}
        for name in names:
            one = plant.derived_series[name]
            moved = tuple((source, changes.series.get(source)) for source in one.sources)
            values = tuple(one.component.values[field] for field in one.derived.parameters)
            key = (name, changes.year, moved, values)
            made = self._made.get(key)
            if made is None:
                made = derive(plant, series, start_s, [name])[name]
                while len(self._made) >= _MOST_MADE:
                    self._made.pop(next(iter(self._made)), None)
                self._made[key] = made
            found[name] = made
        return found

    def _stale(self, changes: Changes) -> list[str]:
        """Return the derived series that a scenario makes anew, for its parameters or what they are made from."""
        moved = (name for name, by in changes.series.items() if by != (1.0, 0.0))
        return [name for name in stale(self.plant, changes.fields, moved) if name in self.series[changes.year]]

    def beyond_bounds(self, changes: Changes) -> dict[str, str]:
        """Return the series that a scenario brings beyond what they can be, each with what is wrong."""
        found = {}
        for name, (scale, shift) in changes.series.items():
            bounds = self._bounds[name]
            if bounds is None or (scale, shift) == (1.0, 0.0):
                continue
            values = self.series[changes.year][name].values
            ends = sorted(scale * float(end) + shift for end in (values.min(), values.max()))
            if any(map(bounds.is_beyond, ends)):
                low, high = (bounds.shown(end) for end in ends)
                found[name] = f"'series.{name}' reaches from {low:.6g} to {high:.6g}, beyond {bounds.text}"
        return found

    def plant_of(self, changes: Changes) -> Plant:
        """Return the plant of a scenario, its economics changed as well."""
        components = dict(self.plant.components)
        for (component, field), value in changes.fields.items():
            one = components[component]
            components[component] = replace(one, values={**one.values, field: value})
        economics = changed_economics(self.plant.economics, changes)
        return replace(self.plant, components=components, economics=economics)

    def settings_of(self, changes: Changes) -> Settings:
        """Return the economics of a scenario, checked; they are read anew where it changes them."""
        return read_settings(self.plant_of(changes)) if changes.economics else self.settings

    def program_of(self, changes: Changes) -> Program:
        """Return a program of a scenario, fresh and its own; a plant that is planned ahead is lowered anew.

        Raises
        ------
        PlantError
            It cannot be planned.
        """
        if self.program.planning is not None:
            scenario = replace(self.scenario, start=self.start(changes))
            return Loaded(scenario, self.plant_of(changes), self.series_of(changes), self.settings).program()
        program = copy_program(self.program)
        memory, index = program.arrays.memory, program.field_index
        for (component, field), value in changes.fields.items():
            memory[index[f"{component}.{field}"]] = value
        if any(by != (1.0, 0.0) for by in changes.series.values()) or self._stale(changes):
            program.arrays = program.arrays._replace(**series_arrays(self.series_of(changes)))
        elif changes.year is not None:
            if changes.year not in self._year_arrays:
                self._year_arrays[changes.year] = series_arrays(self.series[changes.year])
            program.arrays = program.arrays._replace(**self._year_arrays[changes.year])
        if changes.year is not None:
            program.outage_costs = outage_costs(self.plant, self.start(changes), self.scenario.n_seconds)
        return program

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: values and numbers, and the source of kinds from outside."""
        state = self.__dict__.copy()
        for name in ("program", "_year_arrays"):
            del state[name]
        state["plant"] = replace(self.plant, lines={})
        state["_props"] = self.program.arrays.props
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        props = state.pop("_props")
        self.__dict__.update(state)
        self._lower()
        self.program.arrays = self.program.arrays._replace(props=props)


def make_plant_variant(
    base: Scenario,
    kinds: Mapping[str, str],
    outputs: tuple[Output, ...],
    file: Path | None,
    blocks: Mapping[str, float | str] = MappingProxyType({}),
) -> PlantVariant:
    """Return the variant in which some components are of other kinds, and blocks have other parameters.

    Raises
    ------
    PlantError
        As ``PlantVariant``; the findings say with which kinds.
    """
    of_kinds = {f"{id_}.kind": kind for id_, kind in kinds.items()}
    scenario = replace(base, overrides={**base.overrides, **blocks, **of_kinds})
    try:
        return PlantVariant(scenario, outputs, file)
    except PlantError as error:
        # a change that stands in no scenario file is one of the study's
        found = [replace(f, file=f.file or file) if f.where.startswith("set ") else f for f in error.findings]
        if kinds:
            words = ", ".join(f"{id_} as '{kind}'" for id_, kind in sorted(kinds.items()))
            found = [replace(f, what=f"with {words}: {f.what}") for f in found]
        raise PlantError(found) from None
