"""What may be a name: names become folders, columns, lines in a terminal."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 100
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows gives to devices, whatever ending follows."""


def sign_problem(text: str) -> str:
    """Return which sign of a text no name may have, as a clause such as 'has a control character (U+001B)'; '' if none.

    Control characters, marks of the direction of writing, ends of lines, and codes that stand for nothing.
    """
    bad = next((sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")), "")
    return f"has a sign that is not to be seen (U+{ord(bad):04X})" if bad else ""


def name_problem(text: str) -> str:
    """Return why a text cannot be the name of something that a folder or a file may be called after; '' if it can."""
    if problem := sign_problem(text):
        return problem
    if any(sign in text for sign in "/\\"):
        return "has a separator of paths ('/' or '\\')"
    if ".." in text or text == ".":
        return "has '..', which leads out of a folder" if ".." in text else "is '.', the folder itself"
    if _DEVICE.fullmatch(text.strip()):
        return "is what Windows calls a device"
    if len(text) > LONGEST_NAME:
        return f"has {len(text)} signs, more than {LONGEST_NAME}"
    return "" if text.strip() else "is blank"


__all__ = ["LONGEST_NAME", "name_problem", "sign_problem"]
