"""Write an agent in Python: handle messages, ask others, remember things.

    from wasm_agent import on, state

    @on("greet")
    def greet(message):
        state["count"] = state.get("count", 0) + 1
        return f"Hello {message.sender}, you are number {state['count']}."

What lies where: `values` what may be sent, `messages` what arrives, `handlers` who takes it,
`sending` and `requests` what goes out, `http` servers, `human` people, `chat` language models,
`models` and `embeddings` those of tensors and vectors, `secrets` what stands for them in requests,
`memory` the durable state, `keyvalue` and `blobstore` what agents share, `sql` databases, `flow`
labels, `surroundings` who and when I am, `kin` other agents, `swap` what kinds of them run, `tools`
and `toolbox` functions of other components, `logs`, `faults`. The rest carries these: `contract` is
the way to the host, `activation` runs one message, `entropy` and `eventloop` put the world beneath
`random` and `asyncio`, `tracebacks` says where it went wrong.
"""

from wasm_agent import blobstore as blobstore
from wasm_agent import chat as chat
from wasm_agent import code as code
from wasm_agent import embeddings as embeddings
from wasm_agent import flow as flow
from wasm_agent import http as http
from wasm_agent import human as human
from wasm_agent import keyvalue as keyvalue
from wasm_agent import models as models
from wasm_agent import sql as sql
from wasm_agent import swap as swap
from wasm_agent import tools as tools
from wasm_agent.faults import (
    AddressRefused,
    AlreadyExists,
    AlreadyRunning,
    BadAnswer,
    BadModel,
    BadResponse,
    BadTensor,
    BudgetSpent,
    Cancelled,
    CannotBegin,
    CannotMigrate,
    ConnectionFailed,
    ConnectionLost,
    Constraint,
    ContextOverflow,
    DatabaseFull,
    Deadlock,
    Failed,
    Fault,
    Forbidden,
    HttpStatus,
    InvalidArguments,
    InvalidConfig,
    InvalidName,
    InvalidRequest,
    InvalidStatement,
    MailboxFull,
    ModelFailed,
    NoReply,
    NoRequest,
    NotANumber,
    NotGranted,
    OutcomeUnknown,
    QuotaExceeded,
    RequestClosed,
    RequestPending,
    StateFull,
    Stopped,
    Timeout,
    TlsFailed,
    TooCostly,
    TooLarge,
    ToolFailed,
    TooMany,
    UnavailableInInit,
    UnknownAddress,
    UnknownAlternative,
    UnknownHost,
    UnknownKind,
    UnknownModel,
    UnknownRequest,
    UnknownTool,
    WithoutEffects,
)
from wasm_agent.handlers import on
from wasm_agent.kin import spawn, stop, watch
from wasm_agent.logs import log
from wasm_agent.memory import state
from wasm_agent.messages import Message
from wasm_agent.requests import Request, ask, ask_all, gather, start, wait_any
from wasm_agent.secrets import secret
from wasm_agent.sending import cancel, publish, reply, reply_to, schedule, send
from wasm_agent.surroundings import config, context, now
from wasm_agent.toolbox import Tool, available_tools, call_tool
from wasm_agent.values import Reply

__all__ = [
    "AddressRefused",
    "AlreadyExists",
    "AlreadyRunning",
    "BadAnswer",
    "BadModel",
    "BadResponse",
    "BadTensor",
    "BudgetSpent",
    "Cancelled",
    "CannotBegin",
    "CannotMigrate",
    "ConnectionFailed",
    "ConnectionLost",
    "Constraint",
    "ContextOverflow",
    "DatabaseFull",
    "Deadlock",
    "Failed",
    "Fault",
    "Forbidden",
    "HttpStatus",
    "InvalidArguments",
    "InvalidConfig",
    "InvalidName",
    "InvalidRequest",
    "InvalidStatement",
    "MailboxFull",
    "Message",
    "ModelFailed",
    "NoReply",
    "NoRequest",
    "NotANumber",
    "NotGranted",
    "OutcomeUnknown",
    "QuotaExceeded",
    "Reply",
    "Request",
    "RequestClosed",
    "RequestPending",
    "StateFull",
    "Stopped",
    "Timeout",
    "TlsFailed",
    "TooCostly",
    "TooLarge",
    "TooMany",
    "Tool",
    "ToolFailed",
    "UnavailableInInit",
    "UnknownAddress",
    "UnknownAlternative",
    "UnknownHost",
    "UnknownKind",
    "UnknownModel",
    "UnknownRequest",
    "UnknownTool",
    "WithoutEffects",
    "ask",
    "ask_all",
    "available_tools",
    "call_tool",
    "cancel",
    "config",
    "context",
    "gather",
    "log",
    "now",
    "on",
    "publish",
    "reply",
    "reply_to",
    "schedule",
    "secret",
    "send",
    "spawn",
    "start",
    "state",
    "stop",
    "wait_any",
    "watch",
]
