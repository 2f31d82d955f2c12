"""The terminal: names and messages out of files are shown there, and do nothing else."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from h2plant.core.markup import visible

_OWN_TAGS = ("bold", "bold red", "bold yellow")
_TAG = re.compile(r"(\\*)\[([a-zA-Z#/@][^\[]*?)\]")


class Terminal(Console):
    """A console for texts that may come from files.

    Of rich's tags only those of the program's own styles (``[bold]``, ``[bold red]``, ``[bold yellow]``) are followed:
    others, such as links, are shown as they are, and so are control characters and what looks like an emoji's name.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"highlight": False, "emoji": False, **more})

    def on_broken_pipe(self) -> None:
        """Pass on that nobody reads any more; rich would end the program with the code of a failure."""
        raise BrokenPipeError

    def render_str(self, text: str, **more: Any) -> Text:
        """Return a text with the program's own styles."""
        return super().render_str(_with_own_tags(text) if self._follows_tags(more) else text, **more)

    def _follows_tags(self, more: dict[str, Any]) -> bool:
        markup = more.get("markup")
        return self._markup if markup is None else bool(markup)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is written, its control characters made visible; rich's own are segments of their own kind."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def _with_own_tags(text: str) -> str:
    """Return a text in which all tags but the program's own, and what ends one of them, are escaped."""
    n_open = 0

    def kept(match: re.Match[str]) -> str:
        nonlocal n_open
        slashes, tag = match.groups()
        if len(slashes) % 2:  # escaped already
            return match[0]
        if tag in _OWN_TAGS or (tag == "/" and n_open):
            n_open += 1 if tag in _OWN_TAGS else -1
            return match[0]
        return f"{slashes}\\[{tag}]"

    return _TAG.sub(kept, text)


def hanging(head: str, text: str, further: str = "", width: int = 80) -> str:
    """Return a text after its label, broken at spaces; its further lines begin as far in, or with what is given.

    Parameters
    ----------
    head
        What the first line begins with.
    text
        The text; control characters in it are made visible.
    further
        What the other lines begin with; as many spaces as ``head`` has signs, if ''.
    width
        How many signs a line may have.
    """
    lines = textwrap.wrap(
        text, width, initial_indent=head, subsequent_indent=further or " " * max(len(head), 2),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return visible("\n".join(lines))


__all__ = ["Terminal", "hanging"]
