"""Secrets of a world: references for its agents, the secrets themselves at its edge."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from wasm_engine.agents.manifest import Manifest
from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import HttpArguments, Issued, Outcome
from wasm_engine.concepts.errors import Bug, EngineError, Refused
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Headers
from wasm_engine.concepts.secrets import References, Secret, reference_to
from wasm_engine.host import secret_store
from wasm_engine.host.environment import variable
from wasm_engine.host.outside import Cancellation, Performer
from wasm_engine.policy.scrubbing import Scrubber
from wasm_engine.policy.secret_use import Filled, filled
from wasm_engine.world.operator_policy import operator_policy

_PLAIN = frozenset({"", "identity"})


def references(manifest: Manifest) -> References:
    """What stands for the secrets of a world, in it."""
    return References({it.name: _reference(manifest, it.name) for it in manifest.secrets})


def _reference(manifest: Manifest, name: str) -> str:
    return reference_to(name, manifest.world.name, manifest.world.seed)


def unset(manifest: Manifest) -> list[str]:
    """Names of secrets that a world uses, and that this machine does not have."""
    world = manifest.world.name
    return [name for name in manifest.secrets_needed() if secret_value(name, world) is None]


def require_values(manifest: Manifest) -> None:
    """Lets a world pass whose secrets are all there.

    Raises:
        Refused: One is not.
    """
    lacking = unset(manifest)
    if lacking:
        listed = ", ".join(lacking)
        raise Refused(
            f"this machine does not have the secrets that this world uses: {listed}",
            code="no-secret",
            hint="; ".join(f"wasm-engine secret set {name}" for name in lacking),
        )


def secret_value(name: str, world: str) -> str | None:
    """A secret as the operator keeps it: in the store, or in a variable that the policy names."""
    found = secret_store.find(name, world)
    if found is None:
        source = dict(operator_policy().secrets).get(name)
        found = variable(source) if source else None
    return found or None


class Edge:
    """Puts secrets into requests on their way out, and takes them out of what comes back.

    They are read when the first request goes out: only who sends something needs them.

    Args:
        manifest: The world's.
        perform: What carries requests out.
        alone: The same, along no redirect: a server that gets a secret passes it on to nobody.
    """

    def __init__(self, manifest: Manifest, perform: Performer, alone: Performer) -> None:
        self._manifest = manifest
        self._perform = perform
        self._alone = alone

    def perform(self, issued: Issued, cancellation: Cancellation) -> Outcome:
        """Carries one request out, with the secrets that it may have.

        Raises:
            Refused: A secret was taken away since the run began.
            HostFault: This machine failed.
        """
        kind = self._manifest.kind(issued.agent.partition("/")[0])
        granted = () if kind is None else kind.secrets
        made = filled(issued.arguments, self._secrets, granted)
        if isinstance(made, Err):
            return made
        outcome = self._carried_out(issued, made, cancellation)
        if isinstance(outcome, Err):
            return outcome
        if made.used and _is_encoded(outcome[1]):
            detail = "it is compressed, although a secret was sent and no compression accepted"
            return refusal(faults.BAD_RESPONSE, detail)
        return self._scrubber.response(outcome)

    def _carried_out(self, issued: Issued, made: Filled, cancellation: Cancellation) -> Outcome:
        perform = self._alone if made.used else self._perform
        arguments = _uncompressed(made.arguments) if made.used else made.arguments
        try:
            return perform(issued._replace(arguments=arguments), cancellation)
        except (EngineError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its text is not for logs
            name = type(error).__name__
            message = f"a request with secrets failed in our own code: {name}"
            raise Bug(message) from None

    @cached_property
    def _secrets(self) -> Sequence[Secret]:
        manifest, needed = self._manifest, self._manifest.secrets_granted()
        require_values(manifest)
        return [
            Secret(
                it.name,
                _reference(manifest, it.name),
                (secret_value(it.name, manifest.world.name) or "") if it.name in needed else "",
                it.for_,
                it.in_,
            )
            for it in manifest.secrets
        ]

    @cached_property
    def _scrubber(self) -> Scrubber:
        return Scrubber(secret.value for secret in self._secrets if secret.value)


def _uncompressed(arguments: HttpArguments) -> HttpArguments:
    """A request whose answer comes as it is: what is compressed could not be searched."""
    method, url, headers, body, timeout, most = arguments
    kept = [row for row in headers if row[0].lower() != "accept-encoding"]
    return method, url, [*kept, ("Accept-Encoding", "identity")], body, timeout, most


def _is_encoded(headers: Headers) -> bool:
    encodings = (value for name, value in headers if name.lower() == "content-encoding")
    return any(value.strip().lower() not in _PLAIN for value in encodings)
