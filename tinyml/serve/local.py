"""A site for one person at this computer: bound to the loopback, opened by a secret in its address.

The secret is in the address that is printed; a browser that opens it gets a cookie instead and is
sent on, so that the secret stays out of its history's later pages and of what it tells others. A
page of another site can neither read this one nor write to it: the cookie is not sent along, the
host must be ours, forms carry a second secret, and browsers are told to load nothing from other
places.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from tinyml.errors import ServeError, ToolMissingError
from tinyml.install import extra_command

if TYPE_CHECKING:
    import jinja2
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

HOST: Final = "127.0.0.1"
_COOKIE: Final = "tinyml"
_SECRET_BYTES: Final = 24
_FORBIDDEN: Final = 403
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_LARGEST_FORM_BYTES: Final = 1 << 16
_MOST_FIELDS: Final = 32
_CLOSING_S: Final = 2  # for answers that are under way when it ends


def _secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def require_installed() -> None:
    """Raise ToolMissingError, with the command, where the extra is not installed."""
    from importlib.util import find_spec  # noqa: PLC0415 - asked for once

    missing = [name for name in ("starlette", "uvicorn", "jinja2") if find_spec(name) is None]
    if missing:
        raise ToolMissingError(
            f"pages need {', '.join(missing)}, which is not installed: {extra_command('serve')}"
        )


def html_environment(package_folder: Path) -> jinja2.Environment:
    """Templates of a folder, in which every value is escaped."""
    import jinja2  # noqa: PLC0415 - an extra

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(package_folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass
class LocalSite:
    """A site on the loopback.

    Args:
        routes: its pages.
        port: 0 takes any that is free.

    Raises ServeError where the port is taken, ToolMissingError where the extra is missing.
    """

    routes: Sequence[BaseRoute]
    port: int = 0
    token: str = field(default_factory=_secret, repr=False)
    form_token: str = field(default_factory=_secret, repr=False)

    def __post_init__(self) -> None:
        require_installed()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.bind((HOST, self.port))
        except OSError as error:
            self._socket.close()
            raise ServeError(
                f"port {self.port} is in use; leave out --port to take a free one"
            ) from error
        self.port = self._socket.getsockname()[1]
        self._server: Any = None

    @property
    def url(self) -> str:
        """The address for the person, with the secret."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    def run(self) -> None:
        """Serve until Ctrl-C or :meth:`stop`."""
        import uvicorn  # noqa: PLC0415 - an extra

        config = uvicorn.Config(
            self.app(),
            log_level="error",
            access_log=False,  # addresses have the secret
            timeout_graceful_shutdown=_CLOSING_S,
            lifespan="off",
        )
        self._server = uvicorn.Server(config)
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def start(self) -> threading.Thread:
        """Serve in a thread; returns when it answers."""
        thread = threading.Thread(target=self.run, name="pages", daemon=True)
        thread.start()
        while self._server is None or not self._server.started:
            if not thread.is_alive():
                raise ServeError("the pages could not be served")
            thread.join(0.01)
        return thread

    def stop(self) -> None:
        """End :meth:`run`, from any thread."""
        if self._server is not None:
            self._server.should_exit = True

    def app(self) -> Any:
        """The ASGI application, with everything that guards it."""
        from starlette.applications import Starlette  # noqa: PLC0415 - an extra
        from starlette.middleware import Middleware  # noqa: PLC0415
        from starlette.middleware.base import BaseHTTPMiddleware  # noqa: PLC0415

        return Starlette(
            routes=list(self.routes),
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self._guard)],
        )

    async def _guard(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await self._admitted(request, call_next)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    async def _admitted(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        from starlette.responses import PlainTextResponse, RedirectResponse  # noqa: PLC0415

        hosts = (f"{HOST}:{self.port}", f"localhost:{self.port}")
        if request.headers.get("host", "") not in hosts:
            return PlainTextResponse("This address is not ours.", _FORBIDDEN)
        given = request.query_params.get("token", "")
        if request.method == "GET" and given and _same(given, self.token):
            rest = request.url.remove_query_params("token")
            answer = RedirectResponse(rest.path + (f"?{rest.query}" if rest.query else ""), 303)
            # Ports share their host's cookies: the name tells sites apart.
            answer.set_cookie(self._cookie, self.token, httponly=True, samesite="strict")
            return answer
        if not _same(request.cookies.get(self._cookie, ""), self.token):
            return PlainTextResponse(
                "Open the address that the command printed; it has a secret at its end.", _FORBIDDEN
            )
        if request.method != "GET" and not await self._is_own_form(request, hosts):
            return PlainTextResponse("This form is not ours; open the page again.", _FORBIDDEN)
        return await call_next(request)

    @property
    def _cookie(self) -> str:
        return f"{_COOKIE}-{self.port}"

    async def _is_own_form(self, request: Request, hosts: Sequence[str]) -> bool:
        origin = request.headers.get("origin")
        if origin is not None and origin not in [f"http://{host}" for host in hosts]:
            return False
        form = await form_of(request)
        return _same(form.get("form_token", ""), self.form_token)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that a page has sent; empty where it is no form, or a huge one."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LARGEST_FORM_BYTES:
        return {}
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:  # also what is not ASCII
        return {}
    return dict(pairs)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
