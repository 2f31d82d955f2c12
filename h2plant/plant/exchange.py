"""Exchange rates: units of a currency for one euro, mean of a year, by which prices in it become euros."""

from __future__ import annotations

from collections.abc import Mapping

_FIRST = 2015


def _from_2015(*rates: float) -> Mapping[int, float]:
    return {_FIRST + i: rate for i, rate in enumerate(rates)}


_DOLLARS: Mapping[int, float] = {
    2001: 0.8956,
    2002: 0.9456,
    2003: 1.1312,
    2004: 1.2439,
    2005: 1.2441,
    2006: 1.2556,
    2007: 1.3705,
    2008: 1.4708,
    2009: 1.3948,
    2010: 1.3257,
    2011: 1.3920,
    2012: 1.2848,
    2013: 1.3281,
    2014: 1.3285,
}

PER_EUR: Mapping[str, Mapping[int, float]] = {
    "USD": {
        **_DOLLARS,
        **_from_2015(1.1095, 1.1069, 1.1297, 1.1810, 1.1195, 1.1422, 1.1827, 1.0530, 1.0813, 1.0824),
    },
    "GBP": _from_2015(0.72584, 0.81948, 0.87667, 0.88471, 0.87777, 0.88970, 0.85960, 0.85276, 0.86979, 0.84662),
    "NOK": _from_2015(8.9496, 9.2906, 9.3270, 9.5975, 9.8511, 10.7228, 10.1633, 10.1026, 11.4248, 11.6290),
    "SEK": _from_2015(9.3535, 9.4689, 9.6351, 10.2583, 10.5891, 10.4848, 10.1465, 10.6296, 11.4788, 11.4325),
    "DKK": _from_2015(7.4587, 7.4452, 7.4386, 7.4532, 7.4661, 7.4542, 7.4370, 7.4396, 7.4509, 7.4589),
    "PLN": _from_2015(4.1841, 4.3632, 4.2570, 4.2615, 4.2976, 4.4430, 4.5652, 4.6861, 4.5420, 4.3058),
    "CZK": _from_2015(27.279, 27.034, 26.326, 25.647, 25.670, 26.455, 25.640, 24.566, 24.004, 25.120),
    "CHF": _from_2015(1.0679, 1.0902, 1.1117, 1.1550, 1.1124, 1.0705, 1.0811, 1.0047, 0.9718, 0.9526),
}
"""Currency -> year -> its units for one euro: reference rates of the European Central Bank, yearly means.

Held against reports and a central bank, within 0.4 %: Geberit 2020 and 2021 (CHF), GC Rieber 2017 and 2018 (NOK),
Boule 2021 and 2023 (SEK), NBP 2021 (PLN). The others are not checked so.
"""

CURRENCIES = ("EUR", *PER_EUR)
