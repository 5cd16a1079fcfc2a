"""The labelling page: a list of recordings, and one of them with its picture and its spans.

It works without JavaScript: every action is a form or a link. ``label.js`` adds the mouse and keys.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import numpy as np

from tinyml.draw import numbers
from tinyml.errors import TinymlError
from tinyml.graph import Graph
from tinyml.labelling.picture import colour, draw
from tinyml.labelling.suggesting import Suggestion, suggested
from tinyml.labelling.work import Work
from tinyml.serve import LocalSite, form_of, html_environment

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_FOLDER: Final = Path(__file__).parent
_LONGEST_VIEW_S: Final = 60.0  # shown at first of a long recording
_MOST_KEYS: Final = 9  # number keys for classes
_CONFLICT: Final = 409
_MISSING: Final = 404
_HEARD_HZ: Final = (2000.0, 192000.0)  # of what a browser can play
_CLEAR: Final = ""  # the class of a mark that takes classes away


@dataclass
class LabelPage:
    """The pages of one data set; ``site`` serves them.

    Args:
        work: the data set.
        model: whose suggestions are shown; None for none.
        port: 0 takes any that is free.
    """

    work: Work
    model: Graph | None = None
    port: int = 0
    _suggested: dict[str, list[Suggestion]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from starlette.routing import Mount, Route  # noqa: PLC0415 - an extra
        from starlette.staticfiles import StaticFiles  # noqa: PLC0415

        self._pages = html_environment(_FOLDER / "templates")
        self.site = LocalSite(
            [
                Route("/", self._index),
                Route("/recording", self._recording),
                Route("/sound", self._sound),
                Route("/mark", self._mark, methods=["POST"]),
                Route("/undo", self._undo, methods=["POST"]),
                Route("/class", self._add_class, methods=["POST"]),
                Mount("/static", StaticFiles(directory=_FOLDER / "static")),
            ],
            self.port,
        )

    def _html(self, template: str, status: int = 200, **values: Any) -> Response:
        from starlette.responses import HTMLResponse  # noqa: PLC0415

        entry = self.work.entry
        text = self._pages.get_template(template).render(
            entry=entry,
            form_token=self.site.form_token,
            colour=lambda label: colour(entry.labels, label),
            version=self.work.labels.version,
            most_keys=_MOST_KEYS,
            duration=numbers.duration,
            percent=numbers.percent,
            **values,
        )
        return HTMLResponse(text, status)

    def _index(self, request: Request) -> Response:
        del request
        self.work.reload()
        return self._html("index.html", statuses=self.work.statuses())

    def _recording(self, request: Request) -> Response:
        try:
            self.work.reload()
            return self._show(request.query_params.get("name", ""), dict(request.query_params))
        except TinymlError as error:
            return self._html("problem.html", _MISSING, problem=str(error))

    def _show(
        self, name: str, query: dict[str, str], problem: str = "", status: int = 200
    ) -> Response:
        shown = self.work.shown(name)
        view = _view(query, shown.duration_s)
        proposals = self._suggestions(name)
        entry = self.work.entry
        sounds = len(entry.channels) == 1 and _HEARD_HZ[0] <= shown.rate_hz <= _HEARD_HZ[1]
        names = self.work.names
        place = names.index(name)
        return self._html(
            "recording.html",
            status,
            shown=shown,
            picture=draw(shown, entry.channels, entry.labels, view, proposals),
            view=view,
            links=_links(name, view, shown.duration_s),
            proposals=proposals,
            sounds=sounds,
            before=names[place - 1] if place else None,
            after=names[place + 1] if place + 1 < len(names) else None,
            unlabelled=self.work.next_unlabelled(name),
            problem=problem,
            start=query.get("start", ""),
            end=query.get("end", ""),
        )

    def _suggestions(self, name: str) -> list[Suggestion]:
        if self.model is None:
            return []
        if name not in self._suggested:
            self._suggested[name] = suggested(self.model, self.work.entry, self.work.shown(name))
        there = self.work.spans(name)
        return [
            one
            for one in self._suggested[name]
            if not any(
                s.label == one.label and s.start_s <= one.start_s and one.end_s <= s.end_s
                for s in there
            )
        ]

    async def _mark(self, request: Request) -> Response:
        form = await form_of(request)

        def change() -> None:
            start, end = _seconds(form, "start"), _seconds(form, "end")
            by = {"by": form["by"][:100]} if form.get("by") else {}
            self.work.mark(form.get("name", ""), start, end, form.get("label", _CLEAR), **by)

        return self._changed(form, change)

    async def _undo(self, request: Request) -> Response:
        return self._changed(await form_of(request), self.work.undo)

    async def _add_class(self, request: Request) -> Response:
        form = await form_of(request)
        return self._changed(form, lambda: self.work.add_class(form.get("label", "")))

    def _changed(self, form: dict[str, str], change: Any) -> Response:
        """Do it, then show the recording again; with the reason where it could not be done."""
        from starlette.responses import RedirectResponse  # noqa: PLC0415

        name = form.get("name", "")
        try:
            self.work.reload()
            if form.get("version", "") != self.work.labels.version:
                problem = (
                    "Another window or program has changed the labels since this page was shown. "
                    "Nothing was saved; this is how they are now."
                )
                return self._show(name, form, problem, _CONFLICT)
            change()
        except TinymlError as error:
            try:
                return self._show(name, form, str(error), _CONFLICT)
            except TinymlError:
                return self._html("problem.html", _MISSING, problem=str(error))
        kept = {key: form[key] for key in ("name", "from", "to") if form.get(key)}
        return RedirectResponse(f"/recording?{urlencode(kept)}", 303)

    def _sound(self, request: Request) -> Response:
        from starlette.responses import Response  # noqa: PLC0415

        try:
            shown = self.work.shown(request.query_params.get("name", ""))
        except TinymlError as error:
            return self._html("problem.html", _MISSING, problem=str(error))
        content = _wave(shown.values[:, 0], shown.rate_hz)
        first, last = _range(request.headers.get("range", ""), len(content))
        headers = {"Accept-Ranges": "bytes"}
        if (first, last) == (0, len(content) - 1):
            return Response(content, 200, headers, "audio/wav")
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        return Response(content[first : last + 1], 206, headers, "audio/wav")


def _view(query: dict[str, str], duration_s: float) -> tuple[float, float]:
    """The seconds that are shown; what makes no sense is left out."""
    found = []
    for key in ("from", "to"):
        try:
            found.append(float(query.get(key, "")))
        except ValueError:
            found.append(float("nan"))
    start, end = found
    if not np.isfinite(start) or not 0 <= start < duration_s:
        start = 0.0
    if not np.isfinite(end) or end <= start:
        end = start + _LONGEST_VIEW_S
    return start, min(end, duration_s)


def _links(name: str, view: tuple[float, float], duration_s: float) -> dict[str, str]:
    """Where the views lead that one may go to from here."""
    width = view[1] - view[0]
    middle = (view[0] + view[1]) / 2
    views = {
        "in": (middle - width / 4, middle + width / 4),
        "out": (middle - width, middle + width),
        "left": (view[0] - width / 2, view[1] - width / 2),
        "right": (view[0] + width / 2, view[1] + width / 2),
        "all": (0.0, duration_s),
    }
    links = {}
    for what, (first, last) in views.items():
        length = min(last - first, duration_s)
        start = max(0.0, min(first, duration_s - length))
        query = {"name": name, "from": f"{start:.6g}", "to": f"{start + length:.6g}"}
        links[what] = f"/recording?{urlencode(query)}"
    return links


def _seconds(form: dict[str, str], key: str) -> float:
    try:
        return float(form.get(key, "").replace(",", "."))
    except ValueError:
        return float("nan")


def _wave(values: np.ndarray[Any, np.dtype[np.float64]], rate_hz: float) -> bytes:
    """A sound, its loudest value at full scale: what is marked is what was heard."""
    loudest = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    counts = np.round(np.nan_to_num(values) / loudest * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(round(rate_hz))
        file.writeframes(counts.tobytes())
    return buffer.getvalue()


def _range(header: str, size: int) -> tuple[int, int]:
    """First and last byte that a browser asks for (RFC 9110, 14.2); all where it asks for none."""
    unit, _, wanted = header.partition("=")
    first, dash, last = wanted.partition("-")
    if unit.strip() != "bytes" or not dash or not first.isdecimal() or int(first) >= size:
        return 0, size - 1
    end = int(last) if last.isdecimal() else size - 1
    return int(first), max(int(first), min(end, size - 1))
