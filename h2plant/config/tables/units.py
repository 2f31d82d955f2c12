"""Units as the headers of people's files write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from h2plant.core.units import Unit, parse_unit, split_name

_WORDS = {
    "c": "degc", "degc": "degc", "celsius": "degc", "grad celsius": "degc", "grad c": "degc",
    "degree celsius": "degc", "degrees celsius": "degc", "degree c": "degc", "degrees c": "degc",
    "degk": "k", "kelvin": "k", "kelvins": "k",
    "%": "percent", "pct": "percent", "percent": "percent", "prozent": "percent", "per cent": "percent",
    "kmh": "km_per_h", "kph": "km_per_h", "km/hr": "km_per_h", "mps": "m_per_s", "metres per second": "m_per_s",
    "meters per second": "m_per_s", "ms-1": "m_per_s",
    "mb": "mbar", "millibar": "mbar", "hectopascal": "hpa", "pascal": "pa",
    "pu": "pu", "p.u.": "pu", "per unit": "pu",
    "atm": "atm",
}  # fmt: skip
_FOREIGN = {
    "degf": "degf", "f": "degf", "fahrenheit": "degf",
    **dict.fromkeys(("kn", "kt", "kts", "knot", "knots", "knoten"), "kn"),
    **{word: word for word in ("mph", "mi/h", "ft/s", "fps", "bft", "beaufort", "inhg", "mmhg", "torr", "psi")},
    **{word: word for word in ("psia", "langley", "langleys", "ly", "dk", "1/10 degc", "0.1 degc", "degc/10")},
}  # fmt: skip
"""Units that are understood, but not converted: the numbers are in none of ours."""

_CURRENCIES = (
    *("usd", "us$", "$", "gbp", "£", "aud", "a$", "au$", "cad", "c$", "chf", "nok", "sek", "dkk", "pln", "zl", "czk"),
    *("huf", "ron", "bgn", "jpy", "¥", "yen", "cny", "rmb", "inr", "₹", "rs", "brl", "r$", "zar", "try", "krw", "nzd"),
    *("sgd", "mxn", "clp", "isk", "uah", "rub", "p", "c", "¢", "pence", "öre", "øre"),
)
_CODES = "usd|gbp|aud|cad|chf|nok|sek|dkk|pln|czk|huf|ron|bgn|jpy|cny|inr|brl|zar|krw|nzd|sgd|mxn|clp|isk|uah"
_MONEY = re.compile(rf"(?:{'|'.join(re.escape(c) for c in _CURRENCIES)})\s*/.+|(?:{_CODES})")
_CENT = r"(?:eur(?:o)?[\s-]*ct|eur(?:o)?[\s-]*cents?|c\s?eur|cents?|ct\.?)"
_HOUR_ENERGY = re.compile(r"wh/m2(?:/?h)?")

_UNBRACKETED = frozenset(
    (
        *("percent", "prozent", "pct", "%", "kelvin", "celsius", "fahrenheit", "degc", "degf", "degk", "kmh", "kph"),
        *("hpa", "mb", "mbar", "kpa", "bar", "pa", "mps", "ms-1", "kn", "kt", "kts", "knots", "mph", "inhg", "mmhg"),
        *("torr", "psi", "atm", "bft", "mw", "kw", "gw", "mwh", "kwh", "wh", "gwh", "pu", "p.u.", "dk", "langley"),
        *_CODES.split("|"),
    )
)
"""Words that are units behind a name also where no bracket says so."""
_BRACKETED = re.compile(r".*[^\s/]\s*[\[(]([^\[\]()]*(?:\([^()]*\)[^\[\]()]*)?)[\])]\s*")
_PART = re.compile(r"[\s,;:|_]+(?:in\s+|/\s*)?")
_SNAKE_MONEY = re.compile(rf"(?i)(?:.*[_\s])?(eur|euro|ct|cent|{_CODES})[_\s]?(?:per[_\s])?([kmg]?wh)")
_CAMEL_MONEY = re.compile(rf".*[a-z]((?i:{_CODES}))")
_TEMPERATURE_LIKE = re.compile(r"(?i)(?:temp|dew|taupunkt|ambient|^t[\W_]*$|^t_)")
_RATE = re.compile(r"(?i)[a-zµ€$£¥]{1,6}\s?/\s?(?:.*[²³].*|h|hr|s|min|d|day|[kmg]?wh|[gm]j|kg|t|tonne|m2|m3|ft2)")
_UNIT_LIKE = re.compile(r"[/²³°º%^€$£¥¢⁻·⋅]|\b[a-z]{1,3}-\d\b")


_FOREIGN_SNAKE = re.compile(rf"(?i)(?:.*[_\s])?({_CODES})_per_([a-z0-9]+)")
_CODE_OF = {code: code.upper() for code in _CODES.split("|")} | {"£": "GBP", "zl": "PLN", "us$": "USD"}
"""What names a currency and no other; ``$``, ``c``, ``p`` and ``öre`` may be of several."""
_PRICED = re.compile(rf"({'|'.join(re.escape(one) for one in _CODE_OF)})(?:\s*(/.+))?")


_LONGEST = 400
"""Characters of a name or a unit that are looked at: patterns take long for endless ones."""


class Foreign(str):
    """A unit that is understood, but cannot be converted here: money of another currency, a temperature in °F."""


def money_of(foreign: Foreign) -> tuple[str, str]:
    """Return the currency of a price, as ``GBP``, and the same unit in euros; '' where it is no such price.

    The unit is '' where only the currency is said.
    """
    found = _PRICED.fullmatch(foreign)
    if found is None:
        return "", ""
    unit = unit_of_text(f"eur{found[2]}") if found[2] else ""
    return ("", "") if unit is None else (_CODE_OF[found[1]], unit)


def _normal(written: str) -> str:
    """Return a unit in small letters with plain digits and signs: ``kJ·m⁻²`` becomes ``kj m-2``."""
    text = written[:_LONGEST].replace("º", "°").replace("˚", "°")
    text = unicodedata.normalize("NFKC", text).lower().translate(_SIGNS)
    text = re.sub(r"\bsqm\b", "m2", text.replace("**", "").replace("^", "").replace("*", " "))
    text = re.sub(r"\s+per\s+", "/", re.sub(r"°\s*", "deg", text))
    text = re.sub(r"\bdeg\.?\s+(?=[ckf]\b)", "deg", text)
    text = re.sub(r"co2(?:-?eq(?:uivalents?)?|-?e)?\.?", "", text)
    text = re.sub(r"\beuros?\b", "eur", text.replace("€", "eur"))
    text = re.sub(r"\s*/\s*", "/", text)
    text = re.sub(rf"^{_CENT}(?=/)", "ct", text)
    return re.sub(r"\s+", " ", text).strip(" .") if text != "p.u." else text


_SIGNS = str.maketrans({"−": "-", "⁻": "-", "·": " ", "⋅": " ", "∙": " ", "×": " ", "–": "-", "\u00a0": " "})


@lru_cache(maxsize=512)
def unit_of_text(written: str) -> str | None:
    """Return the unit suffix that a text such as ``°C`` or ``EUR/MWh`` stands for; None if it is no unit.

    ``percent``, ``ct_per_kwh`` and the like are returned as such although they are no suffix of names here; money of
    other currencies, knots and ``°F`` as ``Foreign``. ``Wh/m²`` is ``w_per_m2`` only for hours: see
    ``is_energy_of_an_hour``.
    """
    bare = written.strip()
    if bare[:1] in "[(" and bare[-1:] in "])":
        bare = bare[1:-1]
    text = _normal(bare)
    if not text or len(text) > 24:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if text in _FOREIGN:
        return Foreign(_FOREIGN[text])
    if _MONEY.fullmatch(text):
        return Foreign(text)
    if _HOUR_ENERGY.fullmatch(text):
        return "w_per_m2"
    suffix = _suffix(text)
    return suffix if suffix is not None and known(suffix) is not None else None


def _suffix(text: str) -> str | None:
    """Return the suffix of a unit written with ``/`` and exponents: ``kj/(m2 h)``, ``w m-2``, ``kj/m2h``."""
    first, *others = text.split("/")
    above: list[str] = []
    below: list[str] = []
    for part, is_below in ((first, False), *((other, True) for other in others)):
        for word in part.replace("(", " ").replace(")", " ").split():
            for token in _JOINED.get(word, (word,)):
                negative = re.fullmatch(r"([a-z]+)-([1-9])", token)
                if negative is not None:
                    token = negative[1] + ("" if negative[2] == "1" else negative[2])
                (above if is_below == (negative is not None) else below).append(token)
    above = [token for token in above if token != "1"]
    if not (above or below) or not all(re.fullmatch(r"[a-z]+[2-9]?", token) for token in above + below):
        return None
    top, bottom = "_".join(above), "_".join(below)
    return top if not below else f"{top}_per_{bottom}".removeprefix("_")


_JOINED = {
    "m2h": ("m2", "h"), "hm2": ("m2", "h"), "m2s": ("m2", "s"), "m2d": ("m2", "day"), "d": ("day",), "hr": ("h",),
    "hour": ("h",), "sec": ("s",), "tonne": ("t",), "ton": ("t",), "to": ("t",),
}  # fmt: skip


def is_energy_of_an_hour(written: str) -> bool:
    """Whether a unit is an energy that is a mean power only where each row is an hour: ``Wh/m²``."""
    return _HOUR_ENERGY.fullmatch(_normal(written.strip().strip("[]()"))) is not None


def unit_behind(name: str) -> str | None:
    """Return the text behind the name of a column that says its unit, in brackets or not; None if none does.

    ``Wind (kn)``, ``Wind, km/h``, ``price_ct_kwh``, ``SpotPriceDKK``. A text in brackets that looks like a unit is
    returned although it is not understood; a bare word only where it can be nothing else.
    """
    if len(name) > _LONGEST:
        return None
    bracketed = _BRACKETED.fullmatch(name)
    if bracketed is not None:
        inner = bracketed[1].strip()
        if unit_of_text(inner) is not None or _looks_like_unit(inner):
            return inner
        name = name[: bracketed.start(1) - 1].strip()
    snake = _SNAKE_MONEY.fullmatch(name)
    if snake is not None and "_per_" not in name:
        return f"{snake[1]}/{snake[2]}"
    foreign = _FOREIGN_SNAKE.fullmatch(name)
    if foreign is not None and unit_of_text(f"eur/{foreign[2]}") is not None:
        return f"{foreign[1]}/{foreign[2]}"
    if split_name(name)[1] is not None:
        return None  # a name as the series here have
    for begin in [match.end() for match in _PART.finditer(name) if match.start()]:
        rest = name[begin:].strip()
        if not rest:
            continue
        if unit_of_text(rest) is None:
            if _looks_like_unit(rest) and (name[:begin].endswith(" in ") or _RATE.fullmatch(rest)):
                return rest
            continue
        if _UNIT_LIKE.search(rest) or _normal(rest) in _UNBRACKETED or name[:begin].endswith(" in "):
            return rest
        if rest in ("K", "C", "F") and _TEMPERATURE_LIKE.search(name[:begin]):
            return rest
    camel = _CAMEL_MONEY.fullmatch(name)
    if camel is not None and camel[1].isupper():
        return camel[1]
    return None


def _looks_like_unit(text: str) -> bool:
    return any(ch.isalpha() for ch in text) and len(text) <= 24 and bool(_UNIT_LIKE.search(text))


def units_behind(names: Iterable[str]) -> dict[str, str]:
    """Return the units that stand behind the names of columns, of those that have one."""
    return {name: unit for name in names if (unit := unit_behind(name)) is not None}


def known(suffix: str) -> tuple[Unit, float] | None:
    """Return the unit of a suffix of ``unit_of_text`` and the factor to numbers in it; None for ``Foreign``.

    ``percent`` is hundredths of ``frac``, ``ct_per_kwh`` hundredths of ``eur_per_kwh``, ``atm`` 101325 ``pa``.
    """
    base, factor = suffix, 1.0
    if suffix == "percent":
        base, factor = "frac", 0.01
    elif suffix.startswith("ct_per_"):
        base, factor = f"eur_per_{suffix.removeprefix('ct_per_')}", 0.01
    elif suffix == "atm":
        base, factor = "pa", 101325.0
    unit = None if isinstance(suffix, Foreign) else parse_unit(base)
    return None if unit is None else (unit, factor)
