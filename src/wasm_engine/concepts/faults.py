"""The codes that a guest may be given: refusals, failures. Stable; documented in docs/faults.md."""

from __future__ import annotations

from wasm_engine.concepts.hostcall import Err

# How a request can end without a reply.
NO_REPLY = "no-reply"
FAILED = "failed"
STOPPED = "stopped"
UNKNOWN_ADDRESS = "unknown-address"
TIMEOUT = "timeout"
CANCELLED = "cancelled"
DEADLOCK = "deadlock"
OUTCOME_UNKNOWN = "outcome-unknown"
WITHOUT_EFFECTS = "without-effects"

# How a request to a server can end, beside timeout, cancelled, too-large, not-granted
# and outcome-unknown.
UNKNOWN_HOST = "unknown-host"
ADDRESS_REFUSED = "address-refused"
CONNECTION_FAILED = "connection-failed"
TLS_FAILED = "tls-failed"
CONNECTION_LOST = "connection-lost"
BAD_RESPONSE = "bad-response"

# How a statement of SQL can end, beside not-granted and too-large.
INVALID_STATEMENT = "invalid-statement"
CONSTRAINT = "constraint"
TOO_COSTLY = "too-costly"
DATABASE_FULL = "database-full"

# How a model can end, beside timeout, too-large, not-granted and cancelled; a language model also
# as a server can.
UNKNOWN_MODEL = "unknown-model"
BAD_TENSOR = "bad-tensor"
CONTEXT_OVERFLOW = "context-overflow"
BAD_ANSWER = "bad-answer"
MODEL_FAILED = "model-failed"
BAD_MODEL = "bad-model"

# Why a call can be refused.
INVALID_REQUEST = "invalid-request"
MAILBOX_FULL = "mailbox-full"
TOO_LARGE = "too-large"
STATE_FULL = "state-full"
INVALID_NAME = "invalid-name"
INVALID_CONFIG = "invalid-config"
NOT_GRANTED = "not-granted"
FORBIDDEN = "forbidden"
UNAVAILABLE_IN_INIT = "unavailable-in-init"
NO_REQUEST = "no-request"
REQUEST_CLOSED = "request-closed"
UNKNOWN_REQUEST = "unknown-request"
REQUEST_PENDING = "request-pending"
UNKNOWN_KIND = "unknown-kind"
ALREADY_EXISTS = "already-exists"
TOO_MANY = "too-many"
UNKNOWN_TOOL = "unknown-tool"
INVALID_ARGUMENTS = "invalid-arguments"
TOOL_FAILED = "tool-failed"
BUDGET = "budget"

# Why a kind is not swapped, beside unknown-kind, too-costly and forbidden.
UNKNOWN_ALTERNATIVE = "unknown-alternative"
ALREADY_RUNNING = "already-running"
CANNOT_BEGIN = "cannot-begin"
CANNOT_MIGRATE = "cannot-migrate"

# Why a store refuses, beside too-large.
QUOTA_EXCEEDED = "quota-exceeded"
NOT_A_NUMBER = "not-a-number"


def refusal(code: str, detail: str = "") -> Err:
    """The WIT record `fault { code, detail }` in the error case of a result."""
    return Err((code, detail))


CANCELLATION = refusal(CANCELLED, "cancelled by the asker")
"""How a request ends for its asker, at once, when it cancels it."""
