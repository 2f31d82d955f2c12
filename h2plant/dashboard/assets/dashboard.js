"use strict";
// What the browser does alone: tabs, colours, ranges of time, what is kept when the page is loaded again.
(() => {
  const root = document.documentElement;
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const none = () => window.dash_clientside.no_update;
  const clicked = () => {
    const { triggered } = window.dash_clientside.callback_context;
    return triggered.length && triggered[0].value ? JSON.parse(triggered[0].prop_id.replace(/\.n_clicks$/, "")) : null;
  };
  const VIEWS = ["runs", "explore", "compare", "edit"];
  const SESSION = "h2plant-dashboard", THEME = "h2plant-theme";
  const stored = (store, key) => { try { return JSON.parse(store.getItem(key)); } catch { return null; } };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : media.matches);
  const asked = new URLSearchParams(location.hash.slice(1));  // #tab=explore&theme=dark
  const wanted = asked.get("theme") || stored(localStorage, THEME);
  if (wanted === "dark" || wanted === "light") root.dataset.theme = wanted;

  const instant = (value) => {  // Plotly hands out milliseconds or "2023-01-01 06:00:00.5", UTC
    if (typeof value === "number") return value;
    const text = String(value).replace(" ", "T").replace(/(\.\d{3})\d+$/, "$1");
    return Date.parse((text.length === 10 ? `${text}T00:00` : text) + "Z");
  };
  const within = (range, span) => {  // a range cut to the span of the log; null for all of it
    if (!range || !span) return null;
    const [first, last] = span.span;
    const width = Math.max(range[1] - range[0], 2 * span.interval);
    if (!(width < last - first) || range[1] <= first || range[0] >= last) return null;
    const begin = Math.min(Math.max(range[0], first), last - width);
    return [begin, begin + width];
  };

  const rounded = (value, step) => String(parseFloat((Math.round(Number(value) / Number(step)) * Number(step)).toPrecision(6)));
  window.dash_clientside = Object.assign({}, window.dash_clientside, { h2plant: {
    choose_tab: () => window.dash_clientside.callback_context.triggered[0].prop_id.replace(/^tab-(\w+)\.n_clicks$/, "$1"),
    show_tab: (tab) => {
      setTimeout(() => window.dispatchEvent(new Event("resize")), 0);  // a chart that was hidden has no width yet
      return [...VIEWS.map((v) => v !== tab), ...VIEWS.map((v) => String(v === tab))];
    },
    theme: (clicks) => {
      if (clicks) {
        root.dataset.theme = isDark() ? "light" : "dark";
        localStorage.setItem(THEME, JSON.stringify(root.dataset.theme));
      }
      return [isDark(), isDark() ? "Light" : "Dark"];
    },
    restore: () => {
      const kept = stored(sessionStorage, SESSION);
      const nothing = Array(7).fill(none());
      if (VIEWS.includes(asked.get("tab"))) nothing[0] = asked.get("tab");
      if (!Array.isArray(kept) || kept.length !== 7) return [true, ...nothing];
      return [true, ...kept.map((value) => (value === null || value === undefined ? none() : value))];
    },
    keep: (...given) => {
      if (given.pop()) sessionStorage.setItem(SESSION, JSON.stringify(given));
      return none();
    },
    draw: (figure, dark, tab, window_, place) => {
      const element = document.getElementById(place);
      const view = place.split("-")[0];
      element.hidden = !figure;
      if (!figure) return [{ data: [], layout: { height: 10 } }, "No chart"];
      if (tab !== view) return [none(), none()];
      const { traces, layout } = window.h2plantFigure.figureOf(figure, element.clientWidth || 1000, dark);
      const range = within(window_, figure.layout.meta) || figure.layout.meta.span;
      for (const key of Object.keys(layout)) if (/^xaxis/.test(key)) layout[key] = { ...layout[key], range: range.map(window.h2plantFigure.dated), autorange: false };
      element.style.height = `${layout.height}px`;
      const names = [...new Set(traces.map((t) => t.name))].join(", ");
      return [{ data: traces, layout }, `Chart of ${names} over time; the table below tells least, mean and greatest.`];
    },
    zoomed: (relayout, span, window_) => {
      if (!relayout || !span) return none();
      let range;
      for (const [key, value] of Object.entries(relayout)) {
        const part = key.match(/^xaxis\d*\.range(\[([01])\])?$/);
        if (part && part[2] !== undefined) (range = range || [])[Number(part[2])] = instant(value);
        else if (part) range = value.map(instant);
        else if (/^xaxis\d*\.autorange$/.test(key) && value) range = null;
      }
      if (range === undefined) return none();
      const cut = within(range, span);
      return JSON.stringify(cut) === JSON.stringify(window_ || null) ? none() : cut;
    },
    step: (_clicks, span, window_) => {
      const button = clicked();
      if (!button || !span) return none();
      const now = within(window_, span) || span.span;
      const width = now[1] - now[0], middle = (now[0] + now[1]) / 2;
      if (button.step === 0) return null;
      if (button.step < 0) {
        const way = button.step === -1 ? -width : width;
        return within([now[0] + way, now[1] + way].map((t, k) => Math.min(Math.max(t, span.span[0] + k * width), span.span[1] - (1 - k) * width)), span);
      }
      const hours = button.step * 3600000;
      const isNarrower = hours < width;  // from the start of what is shown, unless the chart was narrowed already
      const begin = isNarrower && !window_ ? now[0] : middle - hours / 2;
      return within([begin, begin + hours], span);
    },
    slide: (value, dragged, step) => {  // the number while the slider moves, then the field
      const { triggered } = window.dash_clientside.callback_context;
      if (!triggered.length) return [none(), none()];
      if (triggered.some((t) => t.prop_id.endsWith(".value"))) return [rounded(value, step), ""];
      return [none(), dragged === value ? "" : `→ ${rounded(dragged, step)}`];
    },
    add_run: (_clicks, runs) => {
      const button = clicked();
      if (!button) return [none(), none()];
      const now = runs || [];
      return [now.includes(button.run) ? now : [...now, button.run], "compare"];
    },
  } });

  setInterval(async () => {  // says so when the dashboard itself has ended
    let isThere = true;
    try { await fetch("/shared/page.css", { method: "HEAD", cache: "no-store" }); } catch { isThere = false; }
    const gone = document.getElementById("gone");
    if (gone) gone.hidden = isThere;
  }, 3000);

  document.addEventListener("keydown", (event) => {  // arrows between the tabs
    const tab = event.target.closest && event.target.closest("[role=tab]");
    if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const tabs = [...tab.parentElement.querySelectorAll("[role=tab]")];
    const next = tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    next.focus();
    next.click();
  });
})();
