"""The run as a whole: heat maps, duration curves, tanks and trailers."""

from __future__ import annotations

from functools import partial

import numpy as np

from h2plant.core.markup import NONE, Html
from h2plant.core.role import Offtake
from h2plant.report.page import charts, quantities
from h2plant.report.page.parts import Charts, Section, attempt
from h2plant.report.page.quantities import Quantity
from h2plant.report.page.run_data import MissingData, RunData

_DURATION_POINTS = 600
_HEAT_MAP_TANKS = 3


def heat_maps(data: RunData, page: Charts) -> Section:
    """Return hour of the day over the days of the run: hydrogen, price, tank levels."""

    def one(quantity: Quantity | None, title: str, unit: str, scale: str) -> Html:
        if quantity is None:
            return NONE
        first = data.first
        if first.astype("datetime64[D]") != first:
            to_midnight = int((first.astype("datetime64[D]") + 1 - first) / np.timedelta64(1, "h"))
        else:
            to_midnight = 0
        values = quantities.hourly(data, quantities.values(data, quantity))[to_midnight:]
        if values.size < 48:
            raise MissingData("a map of hours and days needs two days at least")
        day = (first + np.timedelta64(to_midnight, "h")).astype("datetime64[D]")
        figure = charts.heat_map(values, day, "", unit, scale)
        days = values[: values.size // 24 * 24].reshape(-1, 24)
        best = day + int(days.mean(axis=1).argmax())
        alt = (
            f"Heat map of {title.lower()}, hour of the day over {days.shape[0]} days: from {values.min():.4g} to "
            f"{values.max():.4g} {unit}, mean {values.mean():.4g}; the day with the highest mean is {best}."
        )
        return page.add(figure, title, alt)

    tanks = quantities.levels(data)
    tasks = [
        lambda: one(quantities.made(data), "Hydrogen made", "kg/h", "@hydrogen-scale"),
        lambda: one(quantities.price(data), "Market price", "EUR/MWh", "@price-scale"),
    ]
    tasks += [partial(one, tank, f"Level of {tank.label}", "%", "@level-scale") for tank in tanks[:_HEAT_MAP_TANKS]]
    html = NONE.join(dict.fromkeys(attempt(task) for task in tasks))  # a reason is given once
    return Section("year", "Hour by hour", "Every column is a day, every row an hour of it (UTC).", html)


def durations(data: RunData, page: Charts) -> Section:
    """Return duration curves of power, hydrogen and price."""

    def sorted_lines(wanted: list[Quantity]) -> tuple[list[charts.Trace], str]:
        traces, texts = [], []
        for quantity in wanted:
            values = np.sort(quantities.values(data, quantity))[::-1]
            if values.size < 2 or not np.isfinite(values).all():
                continue
            look = {"color": quantity.colour, "width": 1.8}
            traces.append(charts.duration_curve(quantity.label, values, _DURATION_POINTS, **look))
            texts.append(
                f"{quantity.label}: at most {values[0]:.4g}, median {np.median(values):.4g}, least {values[-1]:.4g}"
            )
        return traces, "; ".join(texts)

    def drawn() -> Html:
        rows, texts = [], []
        cost = quantities.price(data)
        made = [quantities.made_by(group) for group in quantities.electrolysers(data)]
        tasks = (("power, MW", quantities.power(data)), ("hydrogen, kg/h", made), ("EUR/MWh", [cost] if cost else []))
        for title, wanted in tasks:
            traces, text = sorted_lines([q for q in wanted if all(name in data for name in q.names)])
            if traces:
                rows.append((title, traces))
                texts.append(f"{title}: {text}")
        if not rows:
            raise MissingData("the log is too short, or holds neither power nor hydrogen")
        figure = charts.stacked(rows, 210, is_dated=False, x_title="share of the time, %")
        note = "How long each value was reached or exceeded, each curve sorted on its own."
        return page.add(figure, "Duration curves", f"Duration curves. {'. '.join(texts)}.", note)

    return Section("durations", "How long at what load", "", attempt(drawn))


def storage(data: RunData, page: Charts) -> Section:
    """Return tank pressures over the run, and trailers filled a day."""

    def tanks() -> Html:
        wanted = [q for q in quantities.pressures(data) if all(name in data for name in q.names)]
        if not wanted:
            raise MissingData("the plant has no tank")
        traces = [
            charts.line(data.time, quantities.values(data, q), q.label, q.colour, 1600, shape="linear") for q in wanted
        ]
        texts = "; ".join(
            f"{q.label} {(v := quantities.values(data, q)).min():.3g} to {v.max():.3g} bar" for q in wanted
        )
        rows = [("bar", traces)]
        departures, text = trailers()
        if departures:
            rows.append(("trailers a day", departures))
        figure = charts.stacked(rows, 260 if not departures else 200)
        return page.add(figure, "Tank pressures and trailers", f"Tank pressures over the run: {texts}. {text}")

    def trailers() -> tuple[list[charts.Trace], str]:
        names = [f"{id_}.{role.deliveries}" for id_, role in data.of_role(Offtake).items() if role.deliveries]
        names = [name for name in names if name in data]
        if not names:
            return [], ""
        filled = np.diff(data.total(names), prepend=0.0)
        days = data.time.astype("datetime64[D]")
        unique, index = np.unique(days, return_inverse=True)
        count = np.bincount(index, weights=filled)
        trace = {
            "type": "bar",
            "name": "trailers filled",
            "x0": str(unique[0]) + " 12:00",
            "dx": 86_400_000.0,
            "y": charts.packed(count),
            "marker": {"color": "@soft"},
        }
        return [trace], f"{count.sum():.0f} trailers left, at most {count.max():.0f} a day."

    return Section("storage", "Storage and delivery", "", attempt(tanks))
