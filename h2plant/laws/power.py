"""Laws of electric power: converters lose, and by how much; a bus adds up; sources and grid keep their limits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.bus import LINES_OFF_W
from h2plant.core.law import (
    BoolArray,
    FloatArray,
    Law,
    Row,
    Seen,
    SumLaw,
    Term,
    at_least,
    at_most,
    equal,
    sum_law,
    within,
)
from h2plant.core.law_constants import DAY_S
from h2plant.core.role import Grid, PowerBus, Source

_LACK = 1.0e-9  # share of a power below which a lack of it is rounding


# Converters ----------------------------------------------------------------------------------------------------------
def converter_balance(
    inflow: str = "power", outflow: str = "loads", loss: str = "heat_loss", stored: str = ""
) -> SumLaw:
    """Return: what a converter draws is what it gives, what it loses and what it keeps as heat."""
    kept = (Term(stored, -1.0),) if stored else ()
    return sum_law(
        "converter-balance",
        "what a converter draws is what it gives and loses",
        "P_in = P_out + Q + dE/dt" if stored else "P_in = P_out + Q",
        "first law of thermodynamics",
        Row((Term(inflow), Term(outflow, -1.0), Term(loss, -1.0), *kept)),
    )


def same_load(port: str = "load", drawn: str = "power") -> SumLaw:
    """Return: the signal of a load is the power drawn."""
    return sum_law(
        "load-signal",
        "the load that dispatch reads is the power that is drawn",
        "P_signal = P",
        "conservation of energy",
        Row((Term(port), Term(drawn, -1.0))),
    )


# Bus -----------------------------------------------------------------------------------------------------------------
def bus_balance() -> SumLaw:
    """Return: supplies, grid and emergency supply give what consumers draw and what the store keeps and loses."""
    supplies = (Term("supplies"), Term("grid"), Term("emergency"))
    return sum_law(
        "bus-balance",
        "what a bus is given is what its consumers draw, and what its store keeps and loses",
        "sum P_in = sum P_out + dE/dt + Q",
        "Kirchhoff's current law; first law of thermodynamics",
        Row((*supplies, Term("consumers", -1.0), Term("heat_loss", -1.0), Term("stored_j", -1.0))),
    )


def bus_columns() -> Law:
    """Return: load and supply that a bus shows are the sums over its links."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        yield equal(seen.after("load_w"), seen.total("consumers"))
        yield equal(seen.after("supply_w"), seen.total("supplies"))

    return Law(
        "bus-columns",
        "load and supply that a bus shows are the sums over its links",
        "P = sum P_i",
        "Kirchhoff's current law",
        check,
    )


def _grid_limit(seen: Seen) -> FloatArray:
    """Return the power, W, that a bus may ask of the grid: none while a converter between them is open."""
    limit = seen.at("grid_limit") if seen.is_linked("grid_limit") else np.full(seen.n, np.inf)
    return np.where(_is_cut(seen), 0.0, limit)


def _is_cut(seen: Seen) -> BoolArray:
    links = range(len(seen.places["cut"].slots) if seen.is_linked("cut") else 0)
    return np.asarray(sum((seen.asked("cut", k) for k in links), seen.nothing) > 0.5)


def _lack(seen: Seen) -> FloatArray:
    """Return the power, W, that consumers draw beyond sources and the grid's limit, but for what is carried apart."""
    drawn = seen.total("consumers") - seen.total("carried_behind")
    return np.maximum(drawn - seen.total("supplies") - _grid_limit(seen), 0.0)


def bus_limit() -> Law:
    """Return: a bus asks of the grid no more than that can give."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        yield at_most(seen.at("grid"), _grid_limit(seen))

    return Law(
        "bus-limit",
        "a bus asks of the grid no more than that can give, and nothing while a converter between them is open",
        "P_grid <= P_limit",
        "limit of the connection",
        check,
    )


def ride_through() -> Law:
    """Return: the store holds what it took less its loss and what it gave, within its size and power."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        given, taken = seen.after("ride_through_given_w"), seen.after("ride_through_taken_w")
        kept, power = seen.parameter("ride_through_efficiency_frac"), seen.parameter("ride_through_power_w")
        rounding = seen.rounding("stored_j")
        yield equal(seen.change("stored_j"), (kept * taken - given) * seen.step_s, abs_=rounding)
        yield equal(seen.at("heat_loss"), (1.0 - kept) * taken, abs_=rounding / seen.step_s)
        yield within(given, 0.0, power)
        yield within(taken, 0.0, np.where(given > 0.0, 0.0, power))
        yield within(seen.after("stored_j"), 0.0, seen.parameter("ride_through_j"))

    return Law(
        "ride-through",
        "a bus's store holds what it took less its loss and what it gave, within its size and power",
        "dE/dt = eta P_taken - P_given, 0 <= E <= E_max, 0 <= P <= P_max",
        "first law of thermodynamics; rating of the store",
        check,
    )


def emergency_last() -> Law:
    """Return: the store gives what the grid may not, and the emergency supply only what the store cannot."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        lack, given = _lack(seen), seen.after("ride_through_given_w")
        most = np.minimum(seen.parameter("ride_through_power_w"), seen.before("stored_j") / seen.step_s)
        rounding = _LACK * (seen.total("consumers") + seen.total("supplies"))
        yield equal(given, np.minimum(lack, most), abs_=rounding)
        yield equal(seen.at("emergency"), lack - given + seen.total("carried_behind"), abs_=rounding)

    return Law(
        "emergency-last",
        "the store gives what the grid may not, the emergency supply what the store cannot, and what draws behind an "
        "open converter",
        "P_given = min(P_lack, P_max, E/dt), P_emergency = P_lack - P_given + P_carried, "
        "P_lack = P_load - P_carried - P_supply - P_limit",
        "Kirchhoff's current law; order of the supplies of the bus",
        check,
    )


def emergency_energy() -> SumLaw:
    """Return: energy and emissions of the emergency supply follow from its power."""
    return sum_law(
        "emergency-energy",
        "energy and emissions of the emergency supply are its power over time, and that by its carbon",
        "E = int P dt, m = e E",
        "definition; Regulation (EU) 2023/1185 (carbon of the fuel)",
        Row((Term("emergency_j"), Term("emergency", -1.0))),
        Row((Term("emergency_emitted_kg"), Term("emergency", -1.0, "emergency_carbon_kg_per_j"))),
    )


def blackout_hours() -> Law:
    """Return: a blackout is counted once, and lasts from the lack until restart and store are ready."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        dark = seen.at("emergency") - seen.total("carried_behind") > _LACK * seen.total("consumers")
        was, is_ = seen.before("is_blackout") > 0.5, seen.after("is_blackout") > 0.5
        wanted = np.where(dark | was, seen.step_s, 0.0)
        yield equal(seen.change("blackout_s"), wanted, abs_=seen.rounding("blackout_s"))
        yield equal(seen.change("n_blackouts"), dark & ~was)
        yield equal(is_, True, where=dark)
        yield equal(is_, False, where=~dark & ~was)
        half_j = 0.5 * seen.parameter("ride_through_j")
        ready = (seen.before("restart_left_s") <= seen.step_s) & (seen.after("stored_j") >= half_j)
        yield equal(is_, ~ready, where=was & ~dark)

    return Law(
        "blackout-hours",
        "blackouts are counted, with the time until restart and store are ready",
        "dt_dark = dt from P_emergency > 0 until t > t_restart and E >= E_max / 2",
        "definition; parameters of the bus",
        check,
    )


def bus_reserve() -> Law:
    """Return: a bus asks the lines to leave what refills its store, and all of it in a blackout."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, is_dark = seen.parameter, seen.before("is_blackout") > 0.5
        refill = min(
            p("ride_through_power_w"),
            p("ride_through_j") / p("ride_through_efficiency_frac") / p("ride_through_refill_s"),
        )
        missing_j = np.maximum(p("ride_through_j") - seen.before("stored_j"), 0.0)
        wanted = np.minimum(missing_j / (p("ride_through_efficiency_frac") * seen.step_s), refill)
        is_dark = is_dark | (seen.before("is_halted") > 0.5)
        yield equal(seen.at("reserve"), np.where(is_dark, LINES_OFF_W, wanted))
        yield equal(seen.at("shed"), is_dark | (seen.before("is_shedding") > 0.5))
        yield equal(seen.after("is_halted"), (seen.total("trips") > 0.5) | _is_cut(seen))
        carried = np.minimum(p("ride_through_power_w"), seen.before("stored_j") / seen.step_s)
        beyond = np.maximum(seen.before("largest_lack_w") - carried, 0.0)
        yield equal(seen.at("margin"), np.where(is_dark, 0.0, beyond), abs_=_LACK * seen.before("largest_lack_w"))
        drawn = seen.total("consumers") - seen.total("carried_behind")
        draw = np.maximum(drawn - seen.total("supplies"), 0.0)
        lack = draw - np.maximum(seen.at("planned_import") - seen.at("reserve"), 0.0)
        kept = np.maximum(seen.before("largest_lack_w") * np.exp(-seen.step_s / DAY_S), lack)
        is_watched = ~is_dark if seen.is_linked("planned_import") else np.zeros(seen.n, dtype=bool)
        wanted = np.where(is_watched, kept, seen.before("largest_lack_w"))
        yield equal(seen.after("largest_lack_w"), wanted, abs_=_LACK * seen.total("consumers"))

    return Law(
        "bus-reserve",
        "a bus asks the lines to leave what refills its store and what that could not carry, in a blackout or after a "
        "trip of what serves them all",
        "P_reserve = min(P_max, E_max / eta t_refill, (E_max - E) / eta dt), P_margin = P_lack - min(P_max, E / dt)",
        "first law of thermodynamics; parameters of the bus",
        check,
    )


def power_bus_role(role: PowerBus) -> Law:
    """Return what holds of any bus with an emergency supply or a store."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        for name in (role.stored, role.given_column, role.taken_column):
            if name:
                yield at_least(seen.after(name), 0.0)
        if role.emergency:
            yield at_least(seen.total(role.emergency), 0.0)
        if role.emergency_emitted:
            yield at_least(seen.change(role.emergency_emitted), 0.0)
        if role.blackout_time:
            yield within(seen.change(role.blackout_time), 0.0, seen.step_s, abs_=seen.rounding(role.blackout_time))
            if role.n_blackouts:
                yield at_least(
                    seen.change(role.blackout_time),
                    seen.step_s,
                    abs_=seen.rounding(role.blackout_time),
                    where=seen.change(role.n_blackouts) > 0.5,
                )

    return Law(
        "bus-signs",
        "stores and emergency supplies give and hold nothing below zero; a blackout has its time",
        "P >= 0, E >= 0, 0 <= dt_dark <= dt",
        "first law of thermodynamics; definition",
        check,
    )


# Sources -------------------------------------------------------------------------------------------------------------
def source_power(role: Source) -> Law:
    """Return: a source gives what its column says, and of it no more is renewable."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        power = seen.total(role.power)
        yield at_least(power, 0.0)
        if role.power_column:
            yield equal(seen.after(role.power_column), power)
        if role.renewable:
            yield within(seen.total(role.renewable), 0.0, power)

    return Law(
        "source-power",
        "a source gives what its column says, and of it no more than all is renewable",
        "0 <= P_renewable <= P",
        "conservation of energy; Delegated Regulation (EU) 2023/1184, article 2",
        check,
    )


def wind_power() -> Law:
    """Return: a wind farm gives what the wind gives, less its losses, and what its seller makes up."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, wind, power = seen.parameter, seen.at("availability"), seen.at("power")
        gross = wind * p("capacity_w") * (1.0 - p("wake_loss_frac")) * p("availability_frac")
        gross = gross * (1.0 - seen.at("outage"))
        net = gross * (1.0 - p("electrical_loss_frac"))
        yield equal(power, np.maximum(net, p("firm_power_w")))
        yield equal(seen.at("renewable_power"), net)
        yield equal(seen.at("heat_loss"), gross * p("electrical_loss_frac"))
        yield at_most(power, np.maximum(p("capacity_w") * np.maximum(wind, 0.0), p("firm_power_w")))
        yield equal(seen.after("topup_w"), np.maximum(p("firm_power_w") - net, 0.0), abs_=_LACK * power)
        yield equal(seen.at("available_power"), power)

    return Law(
        "wind-power",
        "a wind farm gives what the wind gives less its losses, and what its seller makes up",
        "P = max(w C (1 - l_wake) a (1 - l_el), P_firm)",
        "losses multiply: Lee and Fields 2021, Wind Energy Science 6:311-365, section 2",
        check,
    )


def wind_balance() -> SumLaw:
    """Return: what turbines generate is what arrives at the meter and what cables lose; the meter counts it."""
    return sum_law(
        "wind-balance",
        "what turbines generate is metered or lost in cables; the meter counts it",
        "P_gen = P + Q, E = int P dt",
        "first law of thermodynamics",
        Row((Term("generation"), Term("power", -1.0), Term("heat_loss", -1.0))),
        Row((Term("generated_j"), Term("power", -1.0))),
    )


# Grid ----------------------------------------------------------------------------------------------------------------
def grid_balance() -> SumLaw:
    """Return: what a bus asks of the grid is imported, exported, curtailed or unserved, and counted as such."""
    return sum_law(
        "grid-balance",
        "what a bus asks of the grid is imported, exported, curtailed or unserved, and counted",
        "P_bus = P_import - P_export - P_curtailed + P_unserved, E = int P dt",
        "Kirchhoff's current law",
        Row((Term("bus"), Term("source", -1.0), Term("unserved", -1.0), Term("curtailed"))),
        Row((Term("source"), Term("imported_j", -1.0), Term("exported_j"))),
        Row((Term("curtailed"), Term("curtailed_j", -1.0))),
        Row((Term("unserved"), Term("unserved_j", -1.0))),
    )


def grid_flows() -> Law:
    """Return: import and export go as far as their limits, export at no price below its floor; the rest is named."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, asked = seen.parameter, seen.at("bus")
        left = 1.0 - seen.at("outage")  # of the connection, where a part of it is out of service
        import_ = np.clip(asked - seen.total("carried_behind"), 0.0, left * p("import_limit_w"))
        price = seen.at("price") * p("export_market_ratio") + p("export_premium_eur_per_j")
        floor, surplus = p("export_price_floor_eur_per_j"), np.maximum(-asked, 0.0)
        export = np.where(price >= floor, np.minimum(surplus, left * p("export_limit_w")), 0.0)
        # a price at the floor but for rounding may go either way
        is_clear = np.abs(price - floor) > 1.0e-18
        yield equal(seen.after("import_w"), import_)
        yield equal(seen.at("unserved"), np.maximum(asked, 0.0) - import_)
        yield equal(seen.after("export_w"), export, where=is_clear)
        yield equal(seen.at("curtailed"), surplus - export, where=is_clear)

    return Law(
        "grid-flows",
        "import and export go as far as their limits, nothing past an open converter; export at no price below its "
        "floor; the rest is named",
        "P_import = min(P - P_carried, P_limit), P_unserved = P - P_import; P_export and P_curtailed alike for P < 0",
        "Kirchhoff's current law; limits and floor of the connection",
        check,
    )


def grid_unplanned() -> Law:
    """Return: what is imported beyond the plan is imbalance."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        import_ = seen.after("import_w")
        beyond = seen.nothing
        if seen.is_linked("planned_import"):
            beyond = np.maximum(import_ - np.maximum(seen.at("planned_import"), 0.0), 0.0)
        yield equal(seen.after("imbalance_w"), beyond, abs_=2.0 * _LACK * import_)

    return Law(
        "grid-imbalance",
        "what is imported beyond the plan is imbalance",
        "P_imbalance = max(P_import - P_planned, 0)",
        "Regulation (EU) 2017/2195, article 54",
        check,
    )


def grid_role(role: Grid) -> tuple[Law, ...]:
    """Return what holds of any connection to the public grid."""
    counted = (
        (role.imported, role.import_column),
        (role.exported, role.export_column),
        (role.imbalance, role.imbalance_column),
    )

    def counters(seen: Seen) -> Iterator[FloatArray]:
        for name, column in counted:
            if name and column:
                yield equal(seen.change(name), seen.after(column) * seen.step_s, abs_=seen.rounding(name))
        if role.unserved_time and role.unserved:
            lack = seen.total(role.unserved)
            asked = lack + (seen.after(role.import_column) if role.import_column else 0.0)
            spent, off = seen.change(role.unserved_time), seen.rounding(role.unserved_time)
            yield equal(spent, seen.step_s, abs_=off, where=lack > 2.0 * _LACK * asked)
            yield equal(spent, 0.0, abs_=off, where=lack <= 0.0)

    def limits(seen: Seen) -> Iterator[FloatArray]:
        for column, limit in ((role.import_column, role.import_limit), (role.export_column, role.export_limit)):
            if column:
                yield within(seen.after(column), 0.0, seen.parameter(limit) if limit else np.inf)
        if role.available and role.import_column:
            yield at_most(seen.after(role.import_column), seen.at(role.available))
        if role.available and role.import_limit:
            yield at_most(seen.at(role.available), seen.parameter(role.import_limit))
        if role.imbalance_column and role.import_column:
            yield within(seen.after(role.imbalance_column), 0.0, seen.after(role.import_column))

    def peaks(seen: Seen) -> Iterator[FloatArray]:
        for peak, column in ((role.peak_import, role.import_column), (role.peak_export, role.export_column)):
            if peak and column:
                yield equal(seen.after(peak), np.maximum(seen.before(peak), seen.after(column)))

    def emissions(seen: Seen) -> Iterator[FloatArray]:
        if role.emitted and role.carbon_intensity and role.import_column:
            wanted = seen.after(role.import_column) * seen.at(role.carbon_intensity) * seen.step_s
            yield equal(seen.change(role.emitted), wanted, abs_=seen.rounding(role.emitted))

    return (
        Law(
            "grid-counters",
            "energy imported, exported and unplanned, and the time without supply, are counted as they are",
            "dE = P dt",
            "definition of energy",
            counters,
        ),
        Law(
            "grid-limits",
            "import and export stay within the limits of the connection",
            "0 <= P <= P_limit",
            "limit of the connection",
            limits,
        ),
        Law(
            "grid-peaks",
            "the highest import and export so far are kept, for the capacity charge",
            "P_peak = max(P_peak, P)",
            "definition",
            peaks,
        ),
        Law(
            "grid-emissions",
            "imports emit what they are by the carbon intensity of the grid",
            "m_CO2 = e E_import",
            "GHG Protocol Scope 2 Guidance 2015, location-based method",
            emissions,
        ),
    )
