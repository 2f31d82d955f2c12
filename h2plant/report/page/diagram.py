"""The plant's own graph as flow diagrams (SVG): what flows in each link, how warm and at what pressure."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.markup import NONE, Html
from h2plant.report.page.grouping import Group, chains, parallel_groups
from h2plant.report.page.layout import layered
from h2plant.report.page.parts import Cell, Section, attempt, folded, shown, table
from h2plant.report.page.run_data import OUTSIDE, FlowLink, MissingData, RunData

_WIDTH, _GAP_X, _LEAD, _ROW, _LINK, _PAD = 216.0, 132.0, 96.0, 22.0, 15.0, 6.0
_TIP = (
    '<marker id="tip-{}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0 L8,4 L0,8 z" class="tip"/></marker>'
)


class Bundle(NamedTuple):
    """The links from one group to another through the same ports, together."""

    source: str
    target: str
    links: tuple[FlowLink, ...]
    row_from: str
    row_to: str


class _Card(NamedTuple):
    """Groups that stand in a row, drawn as one box."""

    name: str
    groups: tuple[Group, ...]

    @property
    def height(self) -> float:
        return 2.0 * _PAD + _ROW * len(self.groups) + _LINK * (len(self.groups) - 1)

    def row_y(self, name: str) -> float:
        k = next(i for i, g in enumerate(self.groups) if g.name == name)
        return _PAD + k * (_ROW + _LINK) + _ROW / 2.0


def diagrams(data: RunData) -> tuple[Section, list[dict[str, Any]]]:
    """Return the section, and the details of the links that the page's script shows."""
    details: list[dict[str, Any]] = []
    html = attempt(lambda: _figure(data, "stream", "Process streams", details))
    for medium, title in (("power", "Electricity"), ("heat", "Heat")):
        html += folded(title, attempt(lambda m=medium, t=title: _figure(data, m, t, details)))  # type: ignore[misc]
    html += folded("All links as a table", attempt(lambda: _table(data)))
    intro = (
        "Drawn from the plant's own links: means over the run, temperature and pressure weighted by flow. Point at a "
        "link, or walk through them with the tab key, for how it was used. Units side by side are drawn once, with "
        "their number; units in a row share a box. A picture wider than the page scrolls; 'Fit' shows all of it."
    )
    return Section("diagram", "The plant and its streams", intro, html), details


def _figure(data: RunData, medium: str, title: str, details: list[dict[str, Any]]) -> Html:
    links = [link for link in data.links if link.medium == medium]
    if not links:
        raise MissingData(f"the plant has no links of {title.lower()}")
    groups = parallel_groups(data.plant, data.links)
    is_used = {link: OUTSIDE not in (link.source, link.target) or data.state(link).flow_mean != 0.0 for link in links}
    used = {end for link in links if is_used[link] for end in (link.source, link.target) if end != OUTSIDE}
    if medium == "stream":
        rows = [row for row in chains(data.plant, groups, links) if row[0].members[0] in used]
    else:
        rows = [[group] for group in dict.fromkeys(groups[id_] for id_ in groups if id_ in used)]
    cards = {row[0].name: _Card(row[0].name, tuple(row)) for row in rows}
    card_of = {group.name: card.name for card in cards.values() for group in card.groups}
    bundles = _bundles([link for link in links if is_used[link]], groups)
    inner = [b for b in bundles if b.target and b.source and card_of[b.source] == card_of[b.target]]
    outer = [b for b in bundles if b.target and b.source and card_of[b.source] != card_of[b.target]]
    open_ends = [b for b in bundles if not b.target or not b.source]
    layout = layered(
        {name: card.height for name, card in cards.items()}, [(card_of[b.source], card_of[b.target]) for b in outer]
    )
    pitch = _WIDTH + _GAP_X
    n_back = len(layout.backward)
    width = 60.0 + (max(layout.rank.values(), default=0) + 1) * pitch
    height = layout.height + 60.0 + 12.0 * n_back
    at = {name: (60.0 + layout.rank[name] * pitch, 24.0 + layout.top[name]) for name in cards}
    lines, boxes = [], []
    arrivals: dict[tuple[str, str], int] = defaultdict(int)
    for _k, bundle in enumerate(sorted(outer, key=lambda b: -_size(data, b))):
        ends = (card_of[bundle.source], card_of[bundle.target])
        x1, y1 = at[ends[0]][0] + _WIDTH, at[ends[0]][1] + cards[ends[0]].row_y(bundle.source)
        x2, y2 = at[ends[1]][0], at[ends[1]][1] + cards[ends[1]].row_y(bundle.target)
        shift = arrivals["in", bundle.target]
        arrivals["in", bundle.target] += 1
        y2 += 5.0 * ((shift + 1) // 2) * (-1 if shift % 2 else 1) if shift else 0.0
        if ends in layout.backward:
            low = 36.0 + layout.height + 12.0 * (layout.backward.index(ends) + 0.5)
            path = _back(x1, y1, x2, y2, low)
        else:
            path = _curve(x1, y1, x2, y2, [24.0 + y for y in layout.way.get(ends, [])], at[ends[0]][0], pitch)
        label = (x2 - 6.0, y2 - 4.0, "end") if shift == 0 else None
        lines.append(_link(data, bundle, path, label, details))
    for name, card in cards.items():
        boxes.append(_box(data, card, at[name], [b for b in inner if card_of[b.source] == name], open_ends, details))
    n_groups = sum(len(card.groups) for card in cards.values())
    text = f"{title}: {len(cards)} boxes with {n_groups} units or groups of units, {len(bundles)} links."
    return Html(
        '<div class="diagram"><div class="bar"><h3>{title}</h3><span><button type="button" data-zoom="fit">Fit</button>'
        '<button type="button" data-zoom="-" aria-label="Smaller">−</button>'
        '<button type="button" data-zoom="+" aria-label="Larger">+</button></span></div>'
        '<div class="scroll pan" tabindex="0" role="region" aria-label="{text}">'
        '<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        'role="group" aria-label="{text}"><defs>{tip}</defs>\n{lines}\n{boxes}\n</svg></div>'
        '<div class="link-detail" aria-live="polite"></div></div>\n',
        title=title,
        text=text,
        width=width,
        height=height,
        tip=Html(_TIP, medium),
        lines=Html("\n").join(lines),
        boxes=Html("\n").join(boxes),
    )


def _bundles(links: list[FlowLink], groups: dict[str, Group]) -> list[Bundle]:
    together: dict[tuple[str, str, str, str], list[FlowLink]] = {}
    for link in links:
        source = groups[link.source].name if link.source else OUTSIDE
        target = groups[link.target].name if link.target else OUTSIDE
        together.setdefault((source, link.source_port, target, link.target_port), []).append(link)
    return [Bundle(s, t, tuple(same), sp, tp) for (s, sp, t, tp), same in together.items()]


def _size(data: RunData, bundle: Bundle) -> float:
    return sum(abs(data.state(link).flow_mean) for link in bundle.links)


def _curve(x1: float, y1: float, x2: float, y2: float, way: list[float], x_box: float, pitch: float) -> str:
    path = f"M{x1:.0f},{y1:.0f}"
    x, y = x1, y1
    for k, height in enumerate(way):
        left = x_box + (k + 1) * pitch
        bend = (left - x) / 2.0
        path += f" C{x + bend:.0f},{y:.0f} {left - bend:.0f},{height:.0f} {left:.0f},{height:.0f}"
        path += f" L{left + _WIDTH:.0f},{height:.0f}"
        x, y = left + _WIDTH, height
    straight = x2 - _LEAD  # where the label stands
    bend = max((straight - x) / 2.0, 16.0)
    return path + f" C{x + bend:.0f},{y:.0f} {straight - bend:.0f},{y2:.0f} {straight:.0f},{y2:.0f} L{x2:.0f},{y2:.0f}"


def _back(x1: float, y1: float, x2: float, y2: float, low: float) -> str:
    """Return a way back, underneath everything."""
    out = f"M{x1:.0f},{y1:.0f} C{x1 + 40:.0f},{y1:.0f} {x1 + 40:.0f},{low:.0f} {x1 - 20:.0f},{low:.0f}"
    return f"{out} L{x2 + 20:.0f},{low:.0f} C{x2 - 40:.0f},{low:.0f} {x2 - 40:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"


def _group(data: RunData, bundle: Bundle, title: str, number: int, content: Html, more: str = "") -> Html:
    """Return a link of the drawing, which can be pointed at and walked to."""
    kind = f"link{more} {_kind_of(data, bundle)}"
    return Html(
        '<g class="{}" tabindex="0" role="img" data-link="{}" aria-label="{}">{}</g>', kind, number, title, content
    )


def _arrow(bundle: Bundle, path: str) -> Html:
    medium = bundle.links[0].medium
    return Html('<path d="{0}" class="wide"/><path d="{0}" marker-end="url(#tip-{1})"/>', path, medium)


def _kind_of(data: RunData, bundle: Bundle) -> str:
    if bundle.links[0].medium != "stream":
        return bundle.links[0].medium
    carried = [data.carried(link) for link in bundle.links]
    parts = {
        "h2": sum(c.h2_kg for c in carried) / 2.016,
        "o2": sum(c.o2_kg for c in carried) / 32.0,
        "water": sum(c.water_kg for c in carried) / 18.015,
    }
    if max(parts.values()) <= 0.0:
        return "none"
    return max(parts, key=lambda name: parts[name])


def _means(data: RunData, bundle: Bundle) -> tuple[float, float | None, float | None]:
    """Return flow, kg/h or kW, of all links together, and flow-weighted temperature, °C, and pressure, bar."""
    states = [data.state(link) for link in bundle.links]
    factor = 3600.0 if bundle.links[0].medium == "stream" else 1e-3
    flow = sum(s.flow_mean for s in states)
    warm = [s for s in states if s.temperature_mean is not None and s.pressure_mean is not None]
    weight = sum(abs(s.flow_mean) for s in warm)
    if not warm or weight <= 0.0:
        return flow * factor, None, None
    temperature = sum(abs(s.flow_mean) * (s.temperature_mean or 0.0) for s in warm) / weight - TEMPERATURE_OFFSET_K
    pressure = sum(abs(s.flow_mean) * (s.pressure_mean or 0.0) for s in warm) / weight * 1e-5
    return flow * factor, temperature, pressure


def _flow_text(data: RunData, bundle: Bundle) -> str:
    flow, temperature, pressure = _means(data, bundle)
    text = f"{_few(flow)} {'kg/h' if bundle.links[0].medium == 'stream' else 'kW'}"
    if temperature is not None and pressure is not None:
        text += f" · {temperature:.0f} °C · {_few(pressure)} bar"
    return text.replace("-", "−")


def _few(value: float) -> str:
    """Return about three digits."""
    if abs(value) >= 100.0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10.0 else f"{value:.3g}"


def _detail(data: RunData, bundle: Bundle, details: list[dict[str, Any]]) -> int:
    first = bundle.links[0]
    states = [data.state(link) for link in bundle.links]
    factor = 3600.0 if first.medium == "stream" else 1e-3
    state = states[0]
    ends = [f"{bundle.source or 'outside'}.{bundle.row_from}", f"{bundle.target or 'outside'}.{bundle.row_to}"]
    entry: dict[str, Any] = {
        "title": " → ".join(ends),
        "mean": _flow_text(data, bundle),
        "of": first.name if len(bundle.links) > 1 else "",
        "bands": [["flow", "kg/h" if first.medium == "stream" else "kW", [_plain(v * factor) for v in state.flow]]],
    }
    if state.temperature is not None and state.pressure is not None:
        entry["bands"].append(["temperature", "°C", [_plain(v - TEMPERATURE_OFFSET_K) for v in state.temperature]])
        entry["bands"].append(["pressure", "bar", [_plain(v * 1e-5) for v in state.pressure]])
    details.append(entry)
    return len(details) - 1


def _plain(value: float) -> float:
    return float(f"{value:.4g}")


def _link(
    data: RunData, bundle: Bundle, path: str, label: tuple[float, float, str] | None, details: list[dict[str, Any]]
) -> Html:
    flow_text = _flow_text(data, bundle)
    number = _detail(data, bundle, details)
    content = _arrow(bundle, path)
    if label is not None:
        flow, _, rest = flow_text.partition(" · ")
        x, y, anchor = label
        for line, text in enumerate((flow, rest) if rest else (flow,)):
            content += Html('<text x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>', x, y + 15 * line, anchor, text)
    return _group(data, bundle, f"{bundle.source} to {bundle.target}: {flow_text}", number, content)


def _box(
    data: RunData,
    card: _Card,
    at: tuple[float, float],
    inner: list[Bundle],
    open_ends: list[Bundle],
    details: list[dict[str, Any]],
) -> Html:
    x, y = at
    parts = [Html(_RECT, x, y, _WIDTH, card.height, 7, "box")]
    for group in card.groups:
        middle = y + card.row_y(group.name)
        parts.append(Html(_NAME, x + 10, middle + 4, group.kind, _cut(group.name)))
        for bundle in open_ends:
            if group.name in (bundle.source, bundle.target) and _size(data, bundle) > 0.0:
                parts.append(_stub(data, bundle, x, middle, details))
    for bundle in inner:
        row = y + card.row_y(bundle.source) + _ROW / 2.0
        flow_text = _flow_text(data, bundle)
        number = _detail(data, bundle, details)
        strip = Html(_RECT, x + 4, row, _WIDTH - 8, _LINK, 3, "strip") + Html(
            '<path d="M{:.0f},{:.0f} v{:.0f}" marker-end="url(#tip-{})"/><text x="{:.0f}" y="{:.0f}">{}</text>',
            *(x + 14, row, _LINK, bundle.links[0].medium, x + 22, row + 11, flow_text),
        )
        parts.append(_group(data, bundle, f"{bundle.source} to {bundle.target}: {flow_text}", number, strip))
    return NONE.join(parts)


_RECT = '<rect x="{:.0f}" y="{:.0f}" width="{:.0f}" height="{:.0f}" rx="{}" class="{}"/>'
_NAME = '<text x="{:.0f}" y="{:.0f}" class="name"><title>{}</title>{}</text>'


def _cut(name: str, n: int = 30) -> str:
    return name if len(name) <= n else f"{name[: n - 1]}…"


def _stub(data: RunData, bundle: Bundle, x: float, y: float, details: list[dict[str, Any]]) -> Html:
    """Return what leads out of the plant or in from outside: a short arrow at the right or the left of its row."""
    path = f"M{x + _WIDTH:.0f},{y + 7:.0f} h18" if bundle.source else f"M{x - 20:.0f},{y + 7:.0f} h20"
    flow_text = _flow_text(data, bundle)
    number = _detail(data, bundle, details)
    title = f"{bundle.source or 'outside'} to {bundle.target or 'outside'} ({bundle.row_from}): {flow_text}"
    return _group(data, bundle, title, number, _arrow(bundle, path), " stub")


def _table(data: RunData) -> Html:
    rows = []
    for link in data.links:
        state, carried = data.state(link), data.carried(link)
        is_stream = link.medium == "stream"
        flow = state.flow_mean * (3600.0 if is_stream else 1e-3)
        temperature = None if state.temperature_mean is None else state.temperature_mean - TEMPERATURE_OFFSET_K
        pressure = None if state.pressure_mean is None else state.pressure_mean * 1e-5
        total = carried.mass_kg / 1000.0 if is_stream else carried.energy_j / 3.6e9
        cells = [Cell(link.name), Cell(link.source or "outside"), Cell(link.target or "outside"), Cell(link.medium)]
        cells += [Cell(shown(v), v) for v in (flow, temperature, pressure, total)]
        rows.append(cells)
    headings = ("link", "from", "to", "carries", "mean, kg/h or kW", "°C", "bar", "total, t or MWh")
    return table("Links: means over the run", headings, rows, (True, True, True, True, False, False, False, False))
