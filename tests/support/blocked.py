"""tinyml as on a system without POSIX: its modules do not find what Windows lacks.

``python -m tests.support.blocked ARGUMENTS`` is the command ``tinyml`` so blocked; others call
``block()`` before they import
tinyml, in a process of its own. Only tinyml's modules are hindered, since what they import of
others is installed for Linux here. They do not find modules (an ImportError, as on
Windows) and names in modules (an AttributeError); what is there behaves as on Windows where that
matters: ``sys.platform`` is ``win32``, ``select`` takes sockets alone, processes take no
``preexec_fn``. Paths stay those of Linux.
"""

from __future__ import annotations

import builtins
import ctypes
import os
import select
import signal
import stat
import subprocess
import sys
import types
from collections.abc import Mapping
from typing import Any, Final

MODULES: Final = frozenset(
    ("crypt", "curses", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd", "readline",
     "resource", "spwd", "syslog", "termios", "tty")
)  # fmt: skip
NAMES: Final = {
    "asyncio": ("open_unix_connection", "start_unix_server"),
    "os": (
        "fork", "forkpty", "openpty", "login_tty", "getuid", "geteuid", "getgid", "getegid",
        "getgroups", "setuid", "setsid", "setpgid", "getpgid", "getpgrp", "killpg", "chown",
        "lchown", "mkfifo", "mknod", "uname", "statvfs", "fchmod", "fchown", "pread", "pwrite",
        "readv", "writev", "sendfile", "posix_spawn", "sched_getaffinity", "sched_setaffinity",
        "getloadavg", "sync", "ttyname", "tcgetpgrp", "wait", "wait3", "wait4", "waitid", "WNOHANG",
        "nice", "confstr", "sysconf", "pathconf", "ctermid", "O_NONBLOCK", "O_CLOEXEC",
        "memfd_create", "pipe2",
    ),
    "select": ("poll", "epoll", "kqueue", "devpoll", "POLLIN", "POLLOUT", "POLLHUP", "POLLERR"),
    "signal": (
        "SIGKILL", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD",
        "SIGWINCH", "SIGTSTP", "SIGCONT", "SIGSTOP", "alarm", "setitimer", "pause",
        "pthread_sigmask", "pthread_kill", "sigwait", "siginterrupt",
    ),
    "socket": ("AF_UNIX", "SO_REUSEPORT", "MSG_DONTWAIT"),
    "time": ("clock_gettime", "pthread_getcpuclockid", "tzset"),
}  # fmt: skip


class _Seen(types.ModuleType):
    """A module as tinyml sees it: without ``absent``, and with ``instead``."""

    def __init__(self, module: Any, absent: tuple[str, ...], instead: Mapping[str, Any]) -> None:
        super().__init__(module.__name__)
        self.__dict__.update(_module=module, _absent=frozenset(absent), **instead)

    def __getattr__(self, name: str) -> Any:
        if name in self._absent:
            raise AttributeError(f"module '{self.__name__}' of Windows has no attribute '{name}'")
        return getattr(self._module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._module, name, value)


def _select(readable: Any, writable: Any, broken: Any, timeout: float | None = None) -> Any:
    for waited in (*readable, *writable, *broken):
        number = waited if isinstance(waited, int) else waited.fileno()
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            raise OSError(10038, "an operation was attempted on something that is not a socket")
    return select.select(readable, writable, broken, timeout)


class _Popen(subprocess.Popen):  # type: ignore[type-arg]
    """A process as Windows starts one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        for name in ("preexec_fn", "pass_fds", "start_new_session"):
            if options.get(name):
                raise ValueError(f"{name} is not supported on Windows platforms")
        super().__init__(*arguments, **{**options, "creationflags": 0})

    def send_signal(self, sig: int) -> None:
        super().send_signal(signal.SIGINT if sig == _CTRL_C else sig)


_CTRL_C, _CTRL_BREAK = 0, 1


def _library(name: str | None, *arguments: Any, **options: Any) -> ctypes.CDLL:
    if name is None:
        raise TypeError("LoadLibrary() argument 1 must be str, not None")
    return ctypes.CDLL(name, *arguments, **options)


INSTEAD: Final[dict[str, dict[str, Any]]] = {
    "ctypes": {"CDLL": _library},
    "os": {"name": "nt"},
    "select": {"select": _select},
    "signal": {
        "SIGBREAK": signal.SIGUSR2, "CTRL_C_EVENT": _CTRL_C, "CTRL_BREAK_EVENT": _CTRL_BREAK,
    },
    "subprocess": {
        "Popen": _Popen, "CREATE_NEW_PROCESS_GROUP": 0x200, "CREATE_NO_WINDOW": 0x8000000,
    },
    "sys": {"platform": "win32"},
}  # fmt: skip


def block() -> None:
    """Hinder all of tinyml that is imported from now on."""
    load = builtins.__import__
    seen = {
        name: _Seen(load(name), NAMES.get(name, ()), INSTEAD.get(name, {}))
        for name in NAMES.keys() | INSTEAD.keys()
    }

    def guarded(
        name: str,
        globals: Any = None,
        locals: Any = None,
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        importer = str((globals or {}).get("__name__", "")).partition(".")[0]
        if importer != "tinyml" or level:
            return load(name, globals, locals, fromlist, level)
        first = name.partition(".")[0]
        if first in MODULES:
            raise ModuleNotFoundError(f"No module named '{name}' on Windows", name=name)
        if first in seen and (name == first or not fromlist):
            return seen[first]
        return load(name, globals, locals, fromlist, level)

    builtins.__import__ = guarded


def main() -> None:
    """The command ``tinyml``."""
    block()
    sys.argv[0] = "tinyml"
    from tinyml.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
