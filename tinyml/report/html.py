"""Escaped HTML from plain values: text is escaped unless it already is :class:`Html`."""

import html
from collections.abc import Iterable, Sequence


class Html(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


def render(value: str) -> Html:
    """``value`` as HTML: escaped, unless it is HTML."""
    return value if isinstance(value, Html) else Html(html.escape(value))


def join(parts: Iterable[str]) -> Html:
    """The parts as HTML, one after another."""
    return Html("".join(render(part) for part in parts))


def tag(name: str, *children: str, css: str = "", **attributes: str) -> Html:
    """An element; ``css`` is its class."""
    if css:
        attributes["class"] = css
    written = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """A table whose first column heads its rows; the other columns are aligned as numbers."""
    head = tag("tr", *(tag("th", column, scope="col") for column in columns))
    body = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        for row in rows
    ]
    inner = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    # A wide table scrolls in its own frame instead of the page; focusable for the keyboard.
    return tag("div", inner, css="scroll", tabindex="0", role="region", **{"aria-label": caption})


def facts(pairs: Iterable[tuple[str, str]]) -> Html:
    """A list of terms and what they are; those without a value are left out."""
    return tag(
        "dl",
        *(tag("div", tag("dt", term), tag("dd", value)) for term, value in pairs if value),
        css="facts",
    )


def section(title: str, *children: str) -> Html:
    """A section with its heading."""
    return tag("section", tag("h2", title), *children)


def tile(value: str, caption: str, *, good: bool | None = None) -> Html:
    """A figure that catches the eye, marked as good or bad where it is either."""
    css = "" if good is None else "good" if good else "bad"
    return tag("div", tag("b", value), tag("span", caption), css=f"tile {css}".strip())


def figure(drawing: str, caption: str) -> Html:
    """A drawing (SVG text) and what it shows."""
    return tag("figure", Html(drawing), tag("figcaption", caption))


def wide_and_narrow(wide: str, narrow: str, caption: str) -> Html:
    """A drawing in two layouts; the style sheet shows the one that suits the screen."""
    return tag(
        "figure",
        tag("div", Html(wide), css="wide"),
        tag("div", Html(narrow), css="narrow"),
        tag("figcaption", caption),
    )
