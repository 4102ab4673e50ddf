"""Why something was refused or failed: one class for each code that the world gives."""

from __future__ import annotations

from typing import ClassVar


class Fault(Exception):
    """A refusal or a failure with a stable code.

    Raise one to end the handling of a message with a code of your own:
    `raise Fault("bad-question", "it has no question mark")`.

    Attributes:
        code: Stable and documented, e.g. `timeout`.
        detail: For people.
        from_host: Whether the world gave it, and no `raise` of the agent made it.
    """

    # In a traceback it is `wasm_agent.Timeout`, the name that an agent imports.
    __module__ = "wasm_agent"

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.from_host = False

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code

    @staticmethod
    def of(code: str, detail: str) -> Fault:
        """The fault that the host gave, as the class of its code."""
        known = _by_code.get(code)
        fault = known(detail) if known else Fault(code, detail)
        fault.from_host = True
        return fault


_by_code: dict[str, type[_Known]] = {}


class _Known(Fault):
    """A fault whose class stands for its code."""

    __module__ = "wasm_agent"
    CODE: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.__module__ = "wasm_agent"
        _by_code[cls.CODE] = cls

    def __init__(self, detail: str = "") -> None:
        super().__init__(self.CODE, detail)

    def __reduce__(self) -> tuple[type[_Known], tuple[str]]:
        return type(self), (self.detail,)


class NoReply(_Known):
    """The receiver finished without replying."""

    CODE = "no-reply"


class Failed(_Known):
    """The receiver failed while handling the request."""

    CODE = "failed"


class Stopped(_Known):
    """The receiver is stopped, or was while the request was open."""

    CODE = "stopped"


class UnknownAddress(_Known):
    """There is no such agent."""

    CODE = "unknown-address"


class Timeout(_Known):
    """No reply, or no whole response of a server, came in time."""

    CODE = "timeout"


class Cancelled(_Known):
    """The request was cancelled."""

    CODE = "cancelled"


class Deadlock(_Known):
    """Everyone concerned waited for one another; the oldest request was ended."""

    CODE = "deadlock"


class UnknownHost(_Known):
    """Nobody knows an address for the server's name. Nothing was sent."""

    CODE = "unknown-host"


class AddressRefused(_Known):
    """The server's name leads to an address inside, which nobody named. Nothing was sent."""

    CODE = "address-refused"


class ConnectionFailed(_Known):
    """The server cannot be reached. Nothing was sent."""

    CODE = "connection-failed"


class TlsFailed(_Known):
    """The server did not prove who it is. Nothing was sent."""

    CODE = "tls-failed"


class ConnectionLost(_Known):
    """The connection to the server broke; it may have got the request."""

    CODE = "connection-lost"


class BadResponse(_Known):
    """What the server answered is no HTTP."""

    CODE = "bad-response"


class OutcomeUnknown(_Known):
    """The engine ended before the server's answer came; it may have got the request."""

    CODE = "outcome-unknown"


class WithoutEffects(_Known):
    """The run is a fork in which nothing goes out."""

    CODE = "without-effects"


class HttpStatus(_Known):
    """The server answered with another status than one of success, and `expect_ok` was called."""

    CODE = "http-status"


class InvalidRequest(_Known):
    """A method, URL or header that cannot be sent to a server."""

    CODE = "invalid-request"


class InvalidStatement(_Known):
    """Not a statement of SQL that may be executed."""

    CODE = "invalid-statement"


class Constraint(_Known):
    """A row would break a rule of its table; nothing was changed."""

    CODE = "constraint"


class TooCostly(_Known):
    """The statement takes more than the agent may still cost; nothing was changed."""

    CODE = "too-costly"


class DatabaseFull(_Known):
    """The database has reached its size; nothing was changed."""

    CODE = "database-full"


class ContextOverflow(_Known):
    """The conversation has more tokens than the language model takes."""

    CODE = "context-overflow"


class BadAnswer(_Known):
    """What the language model answered does not fit the schema; the detail says where."""

    CODE = "bad-answer"


class ModelFailed(_Known):
    """The model, or the server that has it, could not answer; the detail says why."""

    CODE = "model-failed"


class BadTensor(_Known):
    """A tensor is none that the model takes; the detail says what it takes."""

    CODE = "bad-tensor"


class BadModel(_Known):
    """Bytes that are no model which can be computed; the detail says why."""

    CODE = "bad-model"


class UnknownModel(_Known):
    """The world has no such model, or it is none of this kind."""

    CODE = "unknown-model"


class MailboxFull(_Known):
    """The receiver has too many waiting messages from this agent."""

    CODE = "mailbox-full"


class TooLarge(_Known):
    """A body, the headers, a value or a response is over its limit."""

    CODE = "too-large"


class StateFull(_Known):
    """The agent's state is over its limit."""

    CODE = "state-full"


class QuotaExceeded(_Known):
    """What agents share is over its limit."""

    CODE = "quota-exceeded"


class NotANumber(_Known):
    """What is to be counted up is no whole number, or the sum is beyond 64 bits."""

    CODE = "not-a-number"


class InvalidName(_Known):
    """Not an address, a topic or a key."""

    CODE = "invalid-name"


class InvalidConfig(_Known):
    """The configuration of a new agent is not JSON."""

    CODE = "invalid-config"


class BudgetSpent(_Known):
    """A budget of the agent, its kind or its world has not so much left."""

    CODE = "budget"


class Forbidden(_Known):
    """The operator's policy refuses it."""

    CODE = "forbidden"


class NotGranted(_Known):
    """The manifest does not grant this."""

    CODE = "not-granted"


class UnavailableInInit(_Known):
    """Used while the agent's file was loaded: there, only `config` and `log` answer."""

    CODE = "unavailable-in-init"


class NoRequest(_Known):
    """Nobody waits for a reply to this message."""

    CODE = "no-request"


class RequestClosed(_Known):
    """The request was answered already, or has ended otherwise."""

    CODE = "request-closed"


class UnknownRequest(_Known):
    """No such request, or its outcome was taken already."""

    CODE = "unknown-request"


class RequestPending(_Known):
    """The request has not ended yet."""

    CODE = "request-pending"


class UnknownKind(_Known):
    """The manifest knows no such kind of agent."""

    CODE = "unknown-kind"


class UnknownAlternative(_Known):
    """The manifest has no alternative of that name for the kind."""

    CODE = "unknown-alternative"


class AlreadyRunning(_Known):
    """The kind runs that already."""

    CODE = "already-running"


class CannotBegin(_Known):
    """The alternative fails as it is initialised; the kind was left as it is."""

    CODE = "cannot-begin"


class CannotMigrate(_Known):
    """The alternative cannot take what an agent keeps; the detail names it. Nothing was changed."""

    CODE = "cannot-migrate"


class AlreadyExists(_Known):
    """There is an agent of that address."""

    CODE = "already-exists"


class TooMany(_Known):
    """The world is full."""

    CODE = "too-many"


class UnknownTool(_Known):
    """No such tool was granted."""

    CODE = "unknown-tool"


class InvalidArguments(_Known):
    """What a tool was called with does not fit its schema; the detail says where."""

    CODE = "invalid-arguments"


class ToolFailed(_Known):
    """A tool trapped, or spent what it may spend; the detail says which."""

    CODE = "tool-failed"
