"use strict";
// What a figure looks like on the page: the report and the dashboard share it.
window.h2plantFigure = (() => {
  const root = document.documentElement;
  // --- colours: figures name them, the page fills them in
  const SCALES = {
    "hydrogen-scale": [["#f4f6f5", "#a9d8cd", "#3fa491", "#0b5a4e"], ["#161c20", "#17463f", "#2c8676", "#8be3d2"]],
    "level-scale": [["#f4f6f8", "#aecbe6", "#4a86c0", "#173f6e"], ["#161c22", "#1b3d5f", "#3f79b3", "#a9d1f7"]],
    "price-scale": [["#f7f5f8", "#d5c1e2", "#9163b3", "#46205f"], ["#1a171f", "#41295a", "#8a5db0", "#e2c5f6"]],
    "day-scale": [["#3b6fb0", "#8a6fa0", "#c66a4a"], ["#6ea6ec", "#b493cc", "#f09a72"]],
  };
  const ink = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const mixed = (hex, alpha) => {
    const n = parseInt(hex.slice(1), 16);
    return `rgba(${n >> 16},${(n >> 8) & 255},${n & 255},${alpha})`;
  };
  // only a key of colours takes the name of one: elsewhere a text may begin with @
  const filled = (value, dark, key = "") => {
    if (typeof value === "string" && value[0] === "@" && /color/.test(key)) {
      const name = value.slice(1);
      if (SCALES[name]) {
        const stops = SCALES[name][dark ? 1 : 0];
        return stops.map((c, k) => [k / (stops.length - 1), c]);
      }
      return name.endsWith("~") ? mixed(ink(name.slice(0, -1)), 0.32) : ink(name);
    }
    if (Array.isArray(value)) return value.map((v) => filled(v, dark, key));
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, filled(v, dark, k)]));
    return value;
  };

  // Plotly takes numbers on an axis of dates for the browser's own time; as text they are what they are: UTC
  const dated = (ms) => new Date(ms).toISOString().slice(0, 23).replace("T", " ");
  const unpacked = (spec) => {
    const bytes = Uint8Array.from(atob(spec.bdata), (c) => c.charCodeAt(0));
    return Array.from(new (spec.dtype === "f8" ? Float64Array : Float32Array)(bytes.buffer));
  };

  const figureOf = (figure, width, dark) => {
    const { data: traces, layout } = filled(figure, dark);
    for (const t of traces) {
      const axis = layout[t.xaxis ? t.xaxis.replace("x", "xaxis") : "xaxis"];
      if (t.x && t.x.bdata && axis && axis.type === "date") t.x = unpacked(t.x).map(dated);
    }
    const narrow = width < 560;
    const full = {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
      font: { family: "Inter, system-ui, sans-serif", size: narrow ? 10.5 : 12, color: ink("label") },
      hoverlabel: { font: { family: "Inter, system-ui, sans-serif", size: 12 } },
      margin: { l: narrow ? 44 : 60, r: narrow ? 8 : 16, t: 12, b: 44 }, dragmode: narrow ? false : "zoom",
      modebar: { bgcolor: "rgba(0,0,0,0)", color: ink("soft"), activecolor: ink("accent") }, ...layout,
    };
    if (layout.margin) full.margin = { l: narrow ? 44 : 60, r: 16, t: 12, b: 44, ...layout.margin };
    delete full.title;
    for (const key of Object.keys(full)) {
      if (/^[xy]axis/.test(key)) {
        const base = { gridcolor: ink("rule"), linecolor: ink("rule"), zerolinecolor: ink("rule"), automargin: true };
        full[key] = { ...base, ...full[key] };
        if (full[key].title) full[key].title = { standoff: 6, font: { size: narrow ? 10 : 11.5, color: ink("soft") }, ...full[key].title };
      }
    }
    if (!("xaxis" in full)) full.xaxis = { gridcolor: ink("rule"), automargin: true };
    if (!("yaxis" in full)) full.yaxis = { gridcolor: ink("rule"), automargin: true };
    const panels = (full.annotations || []).length;
    if (narrow && panels) {  // title and legend of each panel get rows of their own
      const names = [...Array(panels).keys()].map((k) => (k ? String(k + 1) : ""));
      const wide = names.map((n) => traces.filter((t) => t.yaxis === "y" + n && t.showlegend !== false).map((t) => t.name).join("").length);
      const heads = names.map((_, k) => (wide[k] > 18 ? 60 : 44)), each = (full.height - 58) / panels - 26;
      const inner = panels * each + heads.reduce((a, b) => a + b, 0);
      full.height = inner + 58;
      let y = 0;
      for (const [k, n] of names.entries()) {
        y += heads[k];
        const top = 1 - y / inner;
        y += each;
        full["yaxis" + n].domain = [Math.max(top - each / inner, 0), top];
        full.annotations[k] = { ...full.annotations[k], y: top, yshift: heads[k] - 24 };
        full["legend" + n] = { ...full["legend" + n], x: 0, xanchor: "left", y: top, font: { size: 9 }, itemwidth: 30 };
      }
    }
    if (narrow && !panels && full.xaxis2 && full.xaxis2.domain) {  // two charts side by side: one above the other
      full.height = 620;
      Object.assign(full.xaxis, { domain: [0, 1] }); Object.assign(full.xaxis2, { domain: [0, 1] });
      Object.assign(full.yaxis, { domain: [0.6, 1] }); Object.assign(full.yaxis2, { domain: [0, 0.42] });
    }
    if (narrow && traces[0].type === "sankey") {
      full.font.size = 10; full.height = Math.max(full.height, 420, 30 * traces[0].node.label.length); traces[0].node.thickness = 9;
    }
    for (const t of traces) if (t.type === "sankey") t.textfont = { color: ink("text"), size: full.font.size, shadow: "none" };
    return { traces, layout: full };
  };

  // --- labels of a Sankey: each as near to its node as it can be without covering another or leaving the picture
  const GAP = 3, SIDE = 4, BAR = 8;
  const covers = (a, b, gap) => a.left < b.right + gap && b.left < a.right + gap && a.top < b.bottom + gap && b.top < a.bottom + gap;
  const moved = (box, dx, dy) => ({ left: box.left + dx, right: box.right + dx, top: box.top + dy, bottom: box.bottom + dy });
  const within = (box, frame) => {
    const dx = Math.max(frame.left + 1 - box.left, 0) + Math.min(frame.right - 1 - box.right, 0);
    const dy = Math.max(frame.top + 1 - box.top, 0) + Math.min(frame.bottom - 1 - box.bottom, 0);
    return [dx, dy];
  };
  const separateLabels = (chart) => {
    const frame = chart.querySelector(".main-svg")?.getBoundingClientRect(), sankey = chart.querySelector("g.sankey");
    if (!frame || !frame.width || !sankey) return;
    chart.querySelectorAll(".label-layer").forEach((layer) => layer.remove());
    const layer = document.createElementNS("http://www.w3.org/2000/svg", "g");  // over all bars
    layer.setAttribute("class", "label-layer");
    const nodes = [...chart.querySelectorAll(".sankey-node")].map((group) => {
      const text = group.querySelector("text"), bar = group.querySelector("rect").getBoundingClientRect();
      text.style.visibility = "hidden";
      return { text, bar, box: text.getBoundingClientRect() };
    });
    sankey.parentNode.append(layer);
    const placed = [];
    for (const node of nodes.sort((a, b) => a.bar.height - b.bar.height)) {
      const { text, bar, box } = node;
      const other = box.left >= bar.right - 1 ? bar.left - 3 - box.right : bar.right + 3 - box.left;
      const ways = [];
      for (const side of [0, other]) {
        for (let k = 0; k * 3 < frame.height; k += 1) for (const dy of k ? [3 * k, -3 * k] : [0]) {
          const wanted = moved(box, side, dy), [inX, inY] = within(wanted, frame);
          const at = moved(wanted, inX, inY);
          const off = Math.max(bar.top - at.bottom, at.top - bar.bottom, 0);
          const bars = nodes.filter((one) => covers(at, one.bar, 0)).length;
          const cost = off + 0.1 * Math.abs(dy + inY) + Math.abs(inX) + (side ? SIDE : 0) + BAR * bars;
          ways.push({ at, dx: side + inX, dy: dy + inY, off, cost });
        }
      }
      ways.sort((a, b) => a.cost - b.cost);
      const way = ways.find(({ at }) => placed.every((one) => !covers(at, one, GAP))) || ways[0];
      placed.push(way.at);
      const label = text.cloneNode(true), at = text.getCTM(), of = layer.getCTM();
      label.style.visibility = "";
      label.setAttribute("class", "label");
      label.setAttribute("transform", `translate(${at.e - of.e + way.dx},${at.f - of.f + way.dy})`);
      if (way.off > GAP) {  // a thin line tells whose it is
        const corner = layer.ownerSVGElement.getBoundingClientRect();
        const [x0, y0] = [corner.left + of.e, corner.top + of.f], isBelow = way.at.top > bar.bottom;
        const middle = (bar.left + bar.right) / 2;
        const ends = [[middle, isBelow ? bar.bottom : bar.top], [Math.min(Math.max(middle, way.at.left), way.at.right), isBelow ? way.at.top : way.at.bottom]];
        const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
        line.setAttribute("d", `M${ends.map(([x, y]) => [x - x0, y - y0]).join("L")}`);
        line.setAttribute("style", `fill: none; stroke: ${ink("soft")}; stroke-width: 0.8px`);
        layer.append(line);
      }
      layer.append(label);
    }
  };
  return { figureOf, dated, separateLabels };
})();
