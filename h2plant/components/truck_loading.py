"""Loading of trailers at bays by a weekly timetable."""

from types import SimpleNamespace

from h2plant.core.bus import EVENT_AMOUNT, SHED_ABOVE
from h2plant.core.cost import STOLZENBURG_2014, cost
from h2plant.core.declare import Contradiction, Kind, Port, counter, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf, python_function
from h2plant.core.role import Offtake
from h2plant.core.served import Served
from h2plant.core.sizing import empty_window
from h2plant.core.status import MISSED_DELIVERY, OK
from h2plant.laws.delivery import TRUCK_LAWS
from h2plant.physics.day_window import hours_within, window_length
from h2plant.physics.shortage import is_short
from h2plant.physics.stream import hand_over

_HOURS_PER_DAY = 24.0
_HOURS_PER_WEEK = 168.0
_SUNDAY = 144.0
_NOTHING = 1.0e-9


@kernel
def day_share(c, start_h, length_h):
    """Return the share of an interval (start in hours of the week, length in hours) that is loading time by day."""
    inside = 0.0
    left = length_h
    at = start_h % _HOURS_PER_DAY
    while left > 0.0:
        piece = min(left, _HOURS_PER_DAY - at)
        inside += hours_within(c.day_start_h, c.day_end_h, at, at + piece)
        left -= piece
        at = 0.0
    return inside / length_h


@kernel
def begin(c, props):
    """Start with every bay occupied by an empty trailer."""
    c.room_kg = c.n_bays * c.trailer_kg
    c.due_room_kg = c.room_kg
    return OK


@leaf
def _wanted(c, room_kg, bay_flow, dt):
    """Return (bays with a trailer that has room, flow that they take, kg/s) of trailers with an amount of room."""
    # a trailer at a bay has half of its room left on average
    busy = min(c.n_bays, 2.0 * room_kg / c.trailer_kg)
    demand = 0.0
    if busy > 0.0:
        demand = min(busy * bay_flow, room_kg / dt)
    return busy, demand


@leaf
def spare_kg(c, bus):
    """Return what stores hold beyond what is kept for customers, kg; below 0 where nothing is kept: no limit.

    Kept is what customers are owed until midnight and a share of the day after, at most a share of a full store.
    """
    kept, stored = 0.0, 0.0
    for i in range(c.n_owed_today):
        kept += bus[c.owed_today + i]
    for i in range(c.n_owed_tomorrow):
        kept += c.kept_tomorrow_ratio * bus[c.owed_tomorrow + i]
    kept *= c.kept_ratio
    if not kept > 0.0:
        return -1.0
    for i in range(c.n_storage_surplus):
        stored += max(bus[c.storage_surplus + i], 0.0)
    level = bus[c.storage_level]
    if level > 0.0:
        kept = min(kept, c.most_kept_frac * stored / level)
    return max(stored - kept, 0.0)


@kernel
def step(c, bus, props, dt):
    """Take over what arrives, let trailers come, and ask for the flow of the next interval.

    Trailers are full when they hold their hydrogen: what else is in the gas comes on top.
    """
    h2, o2, n2, vapour, liquid = hand_over(bus, c.inlet, c.delivered)
    price = bus[c.price]
    if price == 0.0:
        price = c.price_eur_per_kg
    earned = h2 * price
    bus[c.revenue] = earned
    c.earned_eur += earned * dt
    flow = h2 + o2 + n2 + vapour + liquid
    c.delivered_kg += h2 * dt
    c.n_trailers = c.delivered_kg / c.trailer_kg
    c.flow_kg_per_s = flow
    # asked for in the step before: the flow, and the hydrogen that bays would want, had they always got that
    if is_short(flow, c.demand_kg_per_s) or is_short(h2, c.due_kg_per_s):
        c.short_s += dt
    c.short_kg += (c.due_kg_per_s - h2) * dt

    # what is asked for now flows in the next step
    length_h = dt / 3600.0
    next_h = (bus[c.hour_of_week] + length_h) % _HOURS_PER_WEEK
    by_day = day_share(c, next_h, length_h)
    of_week = c.sunday_frac if next_h >= _SUNDAY else 1.0
    bay_flow = of_week * (by_day * c.day_flow_kg_per_s + (1.0 - by_day) * c.night_flow_kg_per_s)

    spare = spare_kg(c, bus)
    called = 1.0
    if c.call_band_frac > 0.0:
        called = min(max(bus[c.storage_level] / c.call_band_frac, 0.0), 1.0)
        if spare == 0.0:
            called = 0.0
    coming = 0.0
    if by_day > 0.0:
        per_loading_second = c.n_trailers_per_day * c.trailer_kg / (window_length(c.day_start_h, c.day_end_h) * 3600.0)
        coming = of_week * by_day * called * per_loading_second
    most = (c.n_bays + c.n_waiting) * c.trailer_kg
    c.room_kg += coming * dt - h2 * dt
    missed = max(c.room_kg - most, 0.0)
    c.room_kg -= missed
    c.missed_kg += missed
    busy, demand = _wanted(c, c.room_kg, bay_flow, dt)
    if bus[c.shed] > SHED_ABOVE:  # they wait: the bus sheds what can
        demand = 0.0
    if spare >= 0.0:  # what flows in this step is no longer there in the next
        demand = min(demand, max(spare / dt - flow, 0.0))
    bus[c.demand] = demand
    bus[c.trailer_empty_pressure] = c.empty_pressure_pa
    bus[c.trailer_full_pressure] = c.full_pressure_pa
    # the same trailers, had they always got what they asked for: bays that are too few leave nobody short of hydrogen
    c.due_room_kg = min(c.due_room_kg + (coming - c.due_kg_per_s) * dt, most)
    _, c.due_kg_per_s = _wanted(c, c.due_room_kg, bay_flow, dt)
    c.n_busy_bays = max(busy, 0.0) if bay_flow > 0.0 else 0.0
    c.demand_kg_per_s = demand
    if missed > _NOTHING * c.trailer_kg:
        bus[EVENT_AMOUNT] = missed / dt
        return MISSED_DELIVERY
    return OK


def _contradictions(values):
    """Yield where trailers would come fuller than full, and where no hour is a loading hour."""
    yield from empty_window(values, "day_start_h", "day_end_h")
    empty, full = values["empty_pressure_pa"], values["full_pressure_pa"]
    if 0.0 < full <= empty:
        what = f"trailers come at {empty / 1e5:g} bar and are full at {full / 1e5:g} bar"
        yield Contradiction("full_pressure_pa", what, "raise it above the pressure at which they come")


def largest_flow(values, start_h, length_h):
    """Return the most that trailers take on the mean of an interval, kg/s, by the timetable.

    ``start_h`` is the local hour of the week at its start, ``length_h`` its length, h.
    """
    c = SimpleNamespace(**values)
    hours = python_function(window_length)(c.day_start_h, c.day_end_h)
    coming = c.n_trailers_per_day * c.trailer_kg / (hours * 3600.0)
    of_week = c.sunday_frac if start_h % _HOURS_PER_WEEK >= _SUNDAY else 1.0
    return of_week * python_function(day_share)(c, start_h, length_h) * min(coming, c.n_bays * c.day_flow_kg_per_s)


KIND = Kind(
    name="truck_loading",
    doc="Loads trailers at bays by a weekly timetable, counts them, what they earn and what is missed.",
    fields=(
        parameter("n_bays", "1", "loading bays", 5.0, 1.0, 1000.0, is_whole=True),
        parameter(
            "n_waiting", "1", "empty trailers that may wait besides those at the bays", 5.0, 0.0, 1000.0, is_whole=True
        ),
        parameter("trailer_kg", "kg", "hydrogen that a trailer takes", 280.0, 1.0, 5000.0),
        parameter("empty_pressure_pa", "Pa", "pressure at which trailers come", 20.0e5, 0.0, 500.0e5),
        parameter(
            "full_pressure_pa",
            "Pa",
            "pressure of a full trailer, settled, for banks in cascade (0: they go by level)",
            0.0,
            0.0,
            880.0e5,
        ),
        parameter("day_flow_kg_per_s", "kg/s", "flow of a bay by day", 1.5 / 60.0, 0.0, 10.0),
        parameter("night_flow_kg_per_s", "kg/s", "flow of a bay by night (0: closed)", 0.0, 0.0, 10.0),
        parameter("day_start_h", "h", "hour at which the day begins, local time", 6.0, 0.0, 24.0),
        parameter(
            "day_end_h",
            "h",
            "hour at which the day ends, local time; before the start: on the next day",
            22.0,
            0.0,
            24.0,
        ),
        parameter("sunday_frac", "1", "flow and trailers on Sundays, share of a working day", 0.5, 0.0, 1.0),
        parameter(
            "n_trailers_per_day", "1", "trailers of the timetable, evenly over a working day", 40.0, 0.0, 10000.0
        ),
        parameter(
            "call_band_frac",
            "1",
            "storage level up to which trailers are called in proportion (0: always all)",
            0.0,
            0.0,
            1.0,
        ),
        parameter(
            "kept_ratio",
            "1",
            "hydrogen left in store for customers, by what they are owed until midnight (0: none)",
            1.0,
            0.0,
            100.0,
        ),
        parameter("kept_tomorrow_ratio", "1", "share of the day after that is left as well", 0.25, 0.0, 100.0),
        parameter(
            "most_kept_frac",
            "1",
            "level of the store above which trailers are loaded whatever customers are owed",
            0.5,
            0.0,
            1.0,
        ),
        parameter("price_eur_per_kg", "EUR/kg", "price of the hydrogen loaded", 9.6, -100.0, 1000.0),
        state("room_kg", "kg", "room left in the trailers that are here"),
        state("delivered_kg", "kg", "hydrogen loaded"),
        state("n_trailers", "1", "trailers filled"),
        counter("missed_kg", "kg", "room of trailers that found no place and left empty"),
        memory("due_room_kg", "kg", "room left, had bays always got what they asked for"),
        memory("due_kg_per_s", "kg/s", "flow asked for then"),
        memory("short_s", "s", "time with less than 99.9 % of what bays asked, now or then", is_counter=True),
        memory("short_kg", "kg", "hydrogen that was loaded less than then", is_counter=True),
        state("earned_eur", "EUR", "earned"),
        output("flow_kg_per_s", "kg/s", "flow loaded"),
        output("demand_kg_per_s", "kg/s", "flow asked for"),
        output("n_busy_bays", "1", "bays with a trailer that has room"),
    ),
    ports=(
        Port("inlet", "stream", "in", "hydrogen", is_required=True),
        Port("delivered", "stream", "out", "hydrogen that drives off", border="sold"),
        Port("demand", "signal", "out", "flow wanted", unit="kg/s"),
        Port("trailer_empty_pressure", "signal", "out", "pressure at which trailers come", unit="Pa"),
        Port("trailer_full_pressure", "signal", "out", "pressure of a full trailer; 0: not known", unit="Pa"),
        Port(
            "hour_of_week",
            "signal",
            "in",
            "local hour of the week, Monday 0 h is 0",
            default="series.calendar_hour_of_week",
            unit="h",
        ),
        Port(
            "storage_level",
            "signal",
            "in",
            "level of the store that trailers are called by",
            is_lagged=True,
            is_required=True,
            idle_without=("call_band_frac",),
            unit="1",
        ),
        Port(
            "storage_surplus",
            "signal",
            "in",
            "what stores can give",
            is_multi=True,
            default="role.Store.surplus",
            unit="kg",
        ),
        Port(
            "owed_today",
            "signal",
            "in",
            "late, and wanted by customers until local midnight",
            is_multi=True,
            default="role.Offtake.owed_today",
            unit="kg",
        ),
        Port(
            "owed_tomorrow",
            "signal",
            "in",
            "wanted by customers on the day after",
            is_multi=True,
            default="role.Offtake.owed_tomorrow",
            unit="kg",
        ),
        Port("price", "signal", "in", "price of hydrogen; 0: the parameter", unit="EUR/kg"),
        Port(
            "shed",
            "signal",
            "in",
            "1: the bus sheds what can wait, and no trailer is loaded",
            is_lagged=True,
            default="role.PowerBus.shed",
            unit="1",
        ),
        Port("revenue", "money", "in", "earned, EUR/s", writes=True),
    ),
    step=step,
    begin=begin,
    laws=TRUCK_LAWS,
    contradictions=_contradictions,
    role=Offtake(
        price="price_eur_per_kg",
        flow="flow_kg_per_s",
        load="trailer_kg",
        due="due_kg_per_s",
        demand="demand",
        unserved=("missed_kg", "room_kg"),
        waiting="room_kg",
        served=(Served("hydrogen", short=("short_kg",), given=("inlet",), time="short_s"),),
        deliveries="n_trailers",
        largest_flow=largest_flow,
        call_band="call_band_frac",
    ),
    costs=(cost("bays", ("n_bays",), 1.0, 250.0e3, 1.0, STOLZENBURG_2014, 2014, 30.0, 0.03),),
)
