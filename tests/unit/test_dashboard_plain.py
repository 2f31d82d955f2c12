"""What is kept of the page for others that ask is what Dash would send."""

import itertools
import json
from typing import Any

import numpy as np
import pytest

pytest.importorskip("dash", reason="the dashboard needs Dash: pip install 'h2plant[dash]'")

from dash import dcc, html
from plotly.io.json import to_json_plotly

from h2plant.dashboard.elements import aria, chart_block, data_table, field, picker, plain
from h2plant.report.page.charts import extremes


def sent(tree: Any) -> Any:
    return json.loads(to_json_plotly(tree))


@pytest.mark.parametrize(
    "tree",
    [
        chart_block("explore"),
        field("Length, h", dcc.Input(id="a", type="text", value="", debounce=True), "a hint"),
        picker("runs", "run", "choose a run", options=[{"value": "a", "label": "b"}], value=None),
        html.Div([html.Span("x", className="", hidden=True, **aria(live="polite"))], id={"type": "a", "key": "b"}),
        [html.Button("☃ <b>", **{"data-run": "a"}), "text", 1.5, None, (html.P(), html.P([]))],
        data_table(("what", "a"), [["x", "1"], ["y", "2"]], 1, "caption", is_tall=True),
    ],
)
def test_plain_elements_are_those_that_dash_sends(tree: Any) -> None:
    assert json.loads(json.dumps(plain(tree))) == sent(tree) == sent(plain(tree))


@pytest.mark.parametrize("n", [1001, 1200, 5003, 100_000])
def test_least_and_greatest_of_each_piece_stay(n: int) -> None:
    """As one looks for them piece by piece, the first where several are alike; what is not finite is neither."""
    draw = np.random.default_rng(n)
    values = np.round(draw.standard_normal(n), 1)
    values[draw.random(n) < 0.2] = np.nan
    values[draw.random(n) < 0.01] = np.inf
    values[n // 3 : n // 2] = np.nan
    edges = np.linspace(0, n, 499 + 1).astype(int)
    kept = {0, n - 1}
    for begin, end in itertools.pairwise(edges):
        piece = values[begin:end]
        kept.add(int(begin + np.where(np.isfinite(piece), piece, np.inf).argmin()))
        kept.add(int(begin + np.where(np.isfinite(piece), piece, -np.inf).argmax()))
    assert extremes(values, 1000).tolist() == sorted(kept)
