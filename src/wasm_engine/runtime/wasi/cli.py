"""wasi:cli: arguments, environment, standard streams, exit. There is no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.streams import InputStream, OutputStream

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


class GuestExit(GuestFailure):
    """The guest ended itself.

    Attributes:
        status: 0 where it says that all is well.
    """

    def __init__(self, status: int) -> None:
        super().__init__("exit", f"status {status}")
        self.status = status


class Printer:
    """The sink of a standard stream."""

    __slots__ = ("stream",)
    kind = "printer"

    def __init__(self, stream: str) -> None:
        self.stream = stream

    def write(self, guest: WasiGuest, data: bytes) -> None:
        """Printing never fails; what is too much is the guest's budget, not an error."""
        if data:
            guest.print(self.stream, data)

    def drop(self) -> None:
        """Standard streams outlive their handles."""

    def freeze(self, into: Freezing) -> list[Any]:
        """Which stream it is."""
        return [self.stream]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Printer:
        """The one of that stream."""
        return _STDOUT if parts[0] == _STDOUT.stream else _STDERR


_STDOUT, _STDERR = Printer("stdout"), Printer("stderr")


def get_environment(guest: WasiGuest) -> list[tuple[str, str]]:
    """Names and values, in the order given."""
    return list(guest.wasi.env)


def get_arguments(guest: WasiGuest) -> list[str]:
    """The program's name and its arguments."""
    return list(guest.wasi.args)


def initial_cwd(guest: WasiGuest) -> str | None:
    """The root, where the guest was given one."""
    return "/" if any(preopen.name == "/" for preopen in guest.wasi.preopens) else None


def get_stdin(guest: WasiGuest) -> InputStream:
    """A stream on the one standard input."""
    return InputStream(guest.wasi.stdin)


def get_stdout(guest: WasiGuest) -> OutputStream:
    """A stream on the standard output."""
    return OutputStream(_STDOUT)


def get_stderr(guest: WasiGuest) -> OutputStream:
    """A stream on the standard error."""
    return OutputStream(_STDERR)


def no_terminal(guest: WasiGuest) -> None:
    """No stream is a terminal."""
    return


def exit_result(guest: WasiGuest, status: Any) -> None:
    """Ends the guest with 0 or 1."""
    raise GuestExit(1 if isinstance(status, Err) else 0)


def exit_code(guest: WasiGuest, status: int) -> None:
    """Ends the guest with a status."""
    raise GuestExit(status)


FROZEN = (Printer,)
FUNCTIONS = (
    HostFunction("wasi:cli/environment#get-environment", get_environment, in_init=True),
    HostFunction("wasi:cli/environment#get-arguments", get_arguments, in_init=True),
    HostFunction("wasi:cli/environment#initial-cwd", initial_cwd, in_init=True),
    HostFunction("wasi:cli/exit#exit", exit_result, in_init=True),
    HostFunction("wasi:cli/exit#exit-with-code", exit_code, in_init=True),
    HostFunction("wasi:cli/stdin#get-stdin", get_stdin, in_init=True),
    HostFunction("wasi:cli/stdout#get-stdout", get_stdout, in_init=True),
    HostFunction("wasi:cli/stderr#get-stderr", get_stderr, in_init=True),
    HostFunction("wasi:cli/terminal-stdin#get-terminal-stdin", no_terminal, in_init=True),
    HostFunction("wasi:cli/terminal-stdout#get-terminal-stdout", no_terminal, in_init=True),
    HostFunction("wasi:cli/terminal-stderr#get-terminal-stderr", no_terminal, in_init=True),
)
