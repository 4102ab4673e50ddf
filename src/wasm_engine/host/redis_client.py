"""Buckets in Redis: each is a hash of its name. What changes one leaves a mark beside it.

A change is one script, which Redis runs alone: it looks for the mark of the effect's key, and where
there is one answers as it did then; else it changes the bucket, and leaves the mark. So a change is
made once, however often it is sent, as long as Redis keeps its marks.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    OutOfMemoryError,
    RedisError,
)
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as TooLate
from redis.retry import Retry

from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import Issued, Outcome
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.keyvalue import LOOKS
from wasm_engine.concepts.redis_address import RedisAddress
from wasm_engine.host.environment import variable
from wasm_engine.host.outside import Cancellation

PASSWORD_VARIABLE = "WASM_ENGINE_REDIS_PASSWORD"  # noqa: S105 - where it is, not what it is
MARK: Final = "wasm-engine:done:"
KEPT: Final = 30 * 24 * 3600
"""Seconds that a mark is kept: how long after it was begun a change may be sent once more."""
_PATIENCE = 5.0
"""Seconds that one try may take."""
_TRIES = 3

_SCRIPT = """
local done = redis.call('GET', KEYS[2])
if done then return cmsgpack.unpack(done) end
local operation = ARGV[2]
local answer = {'ok'}
local function call(...)
  local found = redis.pcall(...)
  if type(found) == 'table' and found.err then
    answer = {'err', found.err}
  end
  return found
end
if operation == 'set' or operation == 'set-many' then
  for i = 3, #ARGV, 2 do call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
elseif operation == 'delete' or operation == 'delete-many' then
  for i = 3, #ARGV do call('HDEL', KEYS[1], ARGV[i]) end
elseif operation == 'increment' then
  call('HINCRBY', KEYS[1], ARGV[3], ARGV[4])
  if answer[1] == 'ok' then answer[2] = redis.call('HGET', KEYS[1], ARGV[3]) end
else
  local found = call('HGET', KEYS[1], ARGV[3])
  local same = found == ARGV[5]
  if ARGV[4] == 'absent' then same = not found end
  if answer[1] == 'ok' then
    if same then
      call('HSET', KEYS[1], ARGV[3], ARGV[6])
    elseif found then
      answer = {'differs', found}
    else
      answer = {'differs'}
    end
  end
end
redis.call('SET', KEYS[2], cmsgpack.pack(answer), 'EX', ARGV[1])
return answer
"""
"""KEYS: the bucket, the mark. ARGV: how long to keep it, the operation, its arguments."""

_NAMES = """
local found = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local names = {}
for i = 1, #found[2], 2 do names[#names + 1] = found[2][i] end
return {found[1], names}
"""
"""Older servers give names and values, which may be large: these stay there."""
_AT_A_TIME = 250
"""Names that Redis looks at for one answer, about."""

# What is said of each end: our own words, for these are kept in the run.
_SAYS = {
    faults.CONNECTION_FAILED: "Redis cannot be reached; nothing was sent",
    faults.CONNECTION_LOST: "the connection to Redis broke",
    faults.OUTCOME_UNKNOWN: "the connection to Redis broke; the change may have been made",
    faults.NOT_A_NUMBER: "the value under the key is no whole number, or the sum is beyond 64 bits",
    faults.NOT_GRANTED: "Redis wants another password, or does not let us",
    faults.QUOTA_EXCEEDED: "Redis has no memory left for it",
    faults.BAD_RESPONSE: "Redis refused: the bucket's name may be that of another kind of value",
}


class RedisClient:
    """Performs effects of the capability `redis`, and keeps connections.

    The password, where a server wants one, is the process's own: `WASM_ENGINE_REDIS_PASSWORD`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, Redis] = {}

    def perform(self, issued: Issued, cancellation: Cancellation) -> Outcome:
        """Carries an operation out, once; see the module."""
        del cancellation  # none takes long
        address, bucket, operation, *arguments = issued.arguments
        client = self._client(address)
        try:
            client.ping()
        except RedisError as error:
            return _failed(error, faults.CONNECTION_FAILED)
        for _ in range(_TRIES):
            try:
                if operation in LOOKS:
                    return _look(client, bucket, operation, arguments)
                return _change(client, bucket, operation, arguments, issued.key)
            except (LostConnection, TooLate) as error:
                lost: RedisError = error
            except RedisError as error:
                return _failed(error, faults.BAD_RESPONSE)
        unknown = operation not in LOOKS
        return _failed(lost, faults.OUTCOME_UNKNOWN if unknown else faults.CONNECTION_LOST)

    def _client(self, address: str) -> Redis:
        with self._lock:
            if address not in self._clients:
                at = RedisAddress.parse(address)
                self._clients[address] = Redis(
                    at.host,
                    at.port,
                    at.database,
                    password=variable(PASSWORD_VARIABLE) or None,
                    socket_timeout=_PATIENCE,
                    socket_connect_timeout=_PATIENCE,
                    retry=Retry(NoBackoff(), 0),  # what is sent again is sent again below
                )
            return self._clients[address]


def _look(client: Redis, bucket: str, operation: str, arguments: list[Any]) -> Outcome:
    match operation:
        case "get":
            return (client.hget(bucket, arguments[0]),)
        case "exists":
            return (bool(client.hexists(bucket, arguments[0])),)
        case "get-many":
            keys = arguments[0]
            values: Any = client.hmget(bucket, keys) if keys else []
            pairs = zip(keys, values, strict=True)
            return ([(key, value) for key, value in pairs if value is not None],)
    return _list_keys(client, bucket, arguments[0])


def _list_keys(client: Redis, bucket: str, cursor: str | None) -> Outcome:
    """A page of the hash's fields; those that are no text were not put there by a guest."""
    begin = cursor or "0"
    if not (begin.isascii() and begin.isdigit()):
        return refusal(faults.INVALID_REQUEST, "the cursor is none that a list of keys gave")
    after, found = client.eval(_NAMES, 1, bucket, begin, _AT_A_TIME)
    names = sorted({name for name in found if _is_text(name)})
    return [(name.decode(),) for name in names], None if int(after) == 0 else str(int(after))


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _change(client: Redis, bucket: str, operation: str, arguments: list[Any], key: str) -> Outcome:
    answer: Any = client.eval(
        _SCRIPT, 2, bucket, f"{MARK}{key}", KEPT, operation, *_given(operation, arguments)
    )
    match answer:
        case [b"err", text]:
            return _refused(text)
        case [b"differs", *found]:
            return ("differs", found[0] if found else None)
        case [b"ok", number]:
            return (int(number),)
    return ("swapped",) if operation == "swap" else (None,)


def _given(operation: str, arguments: list[Any]) -> list[Any]:
    """The arguments of an operation as the script takes them: flat, and of text and bytes."""
    match operation:
        case "set-many":
            return [part for pair in arguments[0] for part in pair]
        case "delete-many":
            return list(arguments[0])
        case "swap":
            name, expected, value = arguments
            return [name, "absent" if expected is None else "there", expected or b"", value]
    return arguments


def _refused(text: bytes) -> Err:
    if b"not an integer" in text or b"overflow" in text:
        return refusal(faults.NOT_A_NUMBER, _SAYS[faults.NOT_A_NUMBER])
    if text.startswith(b"OOM"):
        return refusal(faults.QUOTA_EXCEEDED, _SAYS[faults.QUOTA_EXCEEDED])
    return refusal(faults.BAD_RESPONSE, _SAYS[faults.BAD_RESPONSE])


def _failed(error: RedisError, code: str) -> Err:
    match error:
        case AuthenticationError() | AuthorizationError() | NoPermissionError():
            code = faults.NOT_GRANTED
        case OutOfMemoryError():
            code = faults.QUOTA_EXCEEDED
        case LostConnection() | TooLate():
            pass
        case _:
            code = faults.BAD_RESPONSE
    return refusal(code, _SAYS[code])
