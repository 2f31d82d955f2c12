"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const { figureOf, separateLabels } = window.h2plantFigure;
  let printing = false;
  const isDark = () => !printing && (root.dataset.theme ? root.dataset.theme === "dark" : media.matches);

  // --- charts, each drawn when it comes near
  const drawn = new Set();
  const compiled = () => {
    if (window.Plotly) return;
    const script = document.createElement("script");
    script.textContent = document.getElementById("plotly").textContent;
    document.head.append(script);
  };
  const draw = (element, width) => {
    compiled();
    const { traces, layout } = figureOf(data.charts[element.id], width || element.clientWidth, isDark());
    const config = { displaylogo: false, displayModeBar: traces[0].type === "sankey" ? false : "hover", responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
    if (width) {
      layout.width = width;
      layout.height = Math.min(layout.height, 800);  // a page
    }
    element.style.minHeight = layout.height + "px";
    if (traces[0].type === "sankey") Plotly.purge(element);  // else it moves there slowly, and paper does not wait
    Plotly.react(element, traces, layout, config);
    if (traces[0].type === "sankey") {
      separateLabels(element);
      element.on("plotly_afterplot", () => { separateLabels(element); setTimeout(() => separateLabels(element), 800); });  // it moves to another width
    }
    drawn.add(element.id);
    performance.mark("h2plant-chart");
  };
  const places = [...document.querySelectorAll(".chart")];
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        watcher.unobserve(entry.target);
        setTimeout(() => { if (!drawn.has(entry.target.id)) draw(entry.target); }, 0);  // one after the other
      }
    }
  }, { rootMargin: "400px 0px" });
  window.addEventListener("load", () => setTimeout(() => places.forEach((place) => watcher.observe(place)), 50));
  const again = () => places.filter((p) => drawn.has(p.id)).forEach((p) => draw(p));
  window.h2plantDrawAll = () => places.forEach((p) => draw(p));

  // --- light and dark
  const button = document.getElementById("theme");
  const named = () => { button.textContent = isDark() ? "Light" : "Dark"; button.setAttribute("aria-pressed", String(isDark())); };
  const asked = new URLSearchParams(location.hash.replace(/^#.*\?/, ""));  // #?theme=dark&draw=all
  const wanted = asked.get("theme");
  if (asked.get("draw") === "all") window.addEventListener("load", () => setTimeout(window.h2plantDrawAll, 0));
  if (wanted === "dark" || wanted === "light") root.dataset.theme = wanted;
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; named(); again(); });
  media.addEventListener("change", () => { named(); again(); });
  named();

  // --- paper
  document.getElementById("print").addEventListener("click", () => window.print());
  window.addEventListener("beforeprint", () => {
    printing = true;
    root.dataset.before = root.dataset.theme || "";
    root.dataset.theme = "light";
    places.forEach((p) => draw(p, 640));
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    if (root.dataset.before) root.dataset.theme = root.dataset.before; else delete root.dataset.theme;
    again();
  });

  // --- tables
  const keyOf = (cell) => {
    if (cell.dataset.key !== undefined) return parseFloat(cell.dataset.key);
    return cell.textContent.trim().toLowerCase();
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
  const marked = (head, order) => {
    head.parentElement.querySelectorAll("th").forEach((th) => th.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
  };
  document.querySelectorAll("table.sortable").forEach((table) => {
    table.querySelectorAll("thead th").forEach((head, k) => head.firstElementChild.addEventListener("click", () => {
      const first = head.classList.contains("num") ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? (first === "ascending" ? "descending" : "ascending") : first;
      const sign = order === "ascending" ? 1 : -1;
      const body = table.tBodies[0];
      [...body.rows].sort((a, b) => sign * compare(keyOf(a.cells[k]), keyOf(b.cells[k]))).forEach((row) => body.append(row));
      marked(head, order);
    }));
  });

  // --- events
  const list = document.getElementById("event-list");
  if (list && data.events.rows) {
    const { components, texts, rows } = data.events;
    const field = (id) => document.getElementById(id);
    const state = { column: 2, sign: 1, shown: 50 };
    const when = (minute) => new Date(minute * 60000).toISOString().slice(0, 16).replace("T", " ");
    const value = (row, k) => (k === 0 ? components[row[0]] : k === 1 ? texts[row[1]] : row[k]);
    const show = () => {
      const text = field("event-text").value.trim().toLowerCase();
      const kind = field("event-kind").value;
      const from = field("event-from").value ? Date.parse(field("event-from").value) / 60000 : -Infinity;
      const to = field("event-to").value ? Date.parse(field("event-to").value) / 60000 + 1440 : Infinity;
      const found = rows.filter((r) => (!kind || texts[r[1]] === kind) && r[2] >= from && r[2] < to &&
        (!text || components[r[0]].toLowerCase().includes(text) || texts[r[1]].toLowerCase().includes(text)));
      found.sort((a, b) => state.sign * compare(value(a, state.column), value(b, state.column)));
      const body = list.tBodies[0];
      body.replaceChildren(...found.slice(0, state.shown).map((r) => {
        const line = document.createElement("tr");
        [when(r[2]), components[r[0]], texts[r[1]], r[3].toLocaleString("en"), r[4].toLocaleString("en", { maximumSignificantDigits: 4 })].forEach((t, k) => {
          const cell = document.createElement(k ? "td" : "th");
          cell.textContent = t;
          if (!k) { cell.scope = "row"; cell.className = "when"; }
          if (k > 2) cell.className = "num";
          line.append(cell);
        });
        return line;
      }));
      field("event-count").textContent = `${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
      field("event-more").hidden = found.length <= state.shown;
    };
    for (const id of ["event-text", "event-kind", "event-from", "event-to"]) field(id).addEventListener("input", () => { state.shown = 50; show(); });
    field("event-more").addEventListener("click", () => { state.shown += 250; show(); });
    list.querySelectorAll("thead button").forEach((b) => b.addEventListener("click", () => {
      const k = Number(b.dataset.sort);
      state.sign = state.column === k ? -state.sign : k > 2 ? -1 : 1;
      state.column = k;
      marked(b.parentElement, state.sign > 0 ? "ascending" : "descending");
      show();
    }));
    document.querySelector(".filter").addEventListener("submit", (e) => e.preventDefault());
    show();
  }

  // --- links of the diagrams
  const number = (v) => (Math.abs(v) >= 1000 ? v.toLocaleString("en", { maximumFractionDigits: 0 }) : String(parseFloat(v.toPrecision(4))));
  const made = (tag, className, text) => {
    const e = document.createElement(tag);
    if (className) e.className = className;
    if (text) e.textContent = text;
    return e;
  };
  document.querySelectorAll(".diagram").forEach((diagram) => {
    const panel = diagram.querySelector(".link-detail");
    if (!panel) return;
    panel.append(made("span", "hint", "Point at a link to see how it was used."));
    let on = null;
    const tell = (group) => {
      const link = data.links[Number(group.dataset.link)];
      if (on) on.classList.remove("on");
      on = group; group.classList.add("on");
      panel.replaceChildren(made("strong", "", `${link.title}: ${link.mean}`));
      if (link.of) panel.append(made("span", "hint", `Units together; how it was used is shown for ${link.of}.`));
      for (const [name, unit, q] of link.bands) {
        const low = Math.min(0, q[0]);
        const from = name === "flow" ? low : q[0];
        const span = q[6] - from || 1;
        const at = (v) => `${(100 * (v - from)) / span}%`;
        const band = made("div", "band");
        const wide = made("i"), half = made("i", "half"), median = made("b");
        wide.style.left = at(q[1]); wide.style.width = `${(100 * (q[5] - q[1])) / span}%`;
        half.style.left = at(q[2]); half.style.width = `${(100 * (q[4] - q[2])) / span}%`;
        median.style.left = at(q[3]);
        band.append(wide, half, median);
        band.setAttribute("aria-hidden", "true");
        panel.append(made("span", "", name), band, made("span", "numbers",
          `${number(q[0])} to ${number(q[6])} ${unit}, half the time ${number(q[2])} to ${number(q[4])}, median ${number(q[3])}`));
      }
    };
    for (const type of ["pointerover", "focusin", "click"]) {
      diagram.addEventListener(type, (e) => { const g = e.target.closest("[data-link]"); if (g) tell(g); });
    }
    const svg = diagram.querySelector("svg");
    const view = diagram.querySelector(".pan");
    const full = svg.viewBox.baseVal;
    const zoom = (scale) => {
      const before = svg.getBoundingClientRect().width || 1;
      const middle = [(view.scrollLeft + view.clientWidth / 2) / before, (view.scrollTop + view.clientHeight / 2) / before];
      svg.classList.toggle("fit", scale === 0);
      svg.style.width = scale ? `${full.width * scale}px` : "";
      svg.style.height = scale ? `${full.height * scale}px` : "";
      const now = svg.getBoundingClientRect().width;
      view.scrollTo(middle[0] * now - view.clientWidth / 2, middle[1] * now - view.clientHeight / 2);
    };
    const show = () => {  // the first box of the way through the plant
      const box = svg.querySelector(".box").getBoundingClientRect();
      view.scrollTop += box.top + box.height / 2 - view.getBoundingClientRect().top - view.clientHeight / 2;
    };
    show();
    diagram.closest("details")?.addEventListener("toggle", show, { once: true });
    diagram.querySelectorAll("[data-zoom]").forEach((b) => b.addEventListener("click", () => {
      const scale = svg.getBoundingClientRect().width / full.width;
      zoom(b.dataset.zoom === "fit" ? 0 : Math.min(2, Math.max(0.15, b.dataset.zoom === "+" ? scale * 1.6 : scale / 1.6)));
    }));
    let grip = null;
    view.addEventListener("pointerdown", (e) => {
      if (e.pointerType === "mouse" && e.button === 0) grip = [e.clientX + view.scrollLeft, e.clientY + view.scrollTop];
    });
    view.addEventListener("pointermove", (e) => { if (grip) { view.scrollLeft = grip[0] - e.clientX; view.scrollTop = grip[1] - e.clientY; e.preventDefault(); } });
    for (const type of ["pointerup", "pointerleave"]) view.addEventListener(type, () => { grip = null; });
  });

  // --- contents and the command
  const entries = new Map([...document.querySelectorAll("nav a")].map((a) => [a.getAttribute("href").slice(1), a]));
  const seen = new IntersectionObserver((found) => found.forEach((entry) => {
    if (entry.isIntersecting) {
      entries.forEach((a) => a.removeAttribute("aria-current"));
      entries.get(entry.target.id).setAttribute("aria-current", "true");
    }
  }), { rootMargin: "-15% 0px -75% 0px" });
  document.querySelectorAll("main > section").forEach((s) => seen.observe(s));
  if (window.matchMedia("(max-width: 60rem)").matches) document.querySelector("nav details").open = false;
  const copy = document.getElementById("copy-command");
  if (copy) copy.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(document.querySelector(".command code").textContent); copy.textContent = "Copied"; }
    catch { copy.textContent = "Select and copy"; }
  });
  root.dataset.ready = "true";
  performance.mark("h2plant-ready");
})();
