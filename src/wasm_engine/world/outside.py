"""What carries out the effects of a world."""

from __future__ import annotations

from collections.abc import Callable

from wasm_engine.agents.manifest import Kind, Manifest
from wasm_engine.concepts.chat import CHAT
from wasm_engine.concepts.effect import HTTP, MODELS, REDIS, SQL, Issued
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.redirects import Request
from wasm_engine.host.outside import AtOnce, OutsideWorkers, Performer
from wasm_engine.host.reach import Reach
from wasm_engine.policy.effects import may_follow, may_repeat
from wasm_engine.world.language_models import OutsideModels
from wasm_engine.world.models import WorldModels
from wasm_engine.world.secrets import Edge


def outside_of(
    manifest: Manifest,
    judged: Callable[[], bool],
    models: OutsideModels | None,
    local: WorldModels,
) -> OutsideWorkers | None:
    """What carries out a world's effects; None for a world that may have none.

    Whether the operator lets it ask the servers that it names is decided before.

    Args:
        manifest: The world's.
        judged: Whether there is a policy, or are labels, by which requests are judged.
        models: Its language models; None where it has none.
        local: Those that compute on this machine.

    Raises:
        Misuse: It may ask servers, and there is nothing here to ask them with.
    """
    performers: dict[str, Performer] = {}
    if any(kind.http.origins for kind in manifest.agents):
        performers[HTTP] = _http(manifest, judged)
    if any(bucket.redis is not None for bucket in manifest.keyvalue):
        performers[REDIS] = _redis()
    at_once: dict[str, AtOnce] = {}
    parting: list[Callable[[], None]] = []
    if models is not None:
        performers[CHAT], at_once[CHAT] = models.perform, models.at_once
        parting.append(models.close)
    if local.is_used:
        performers[MODELS] = local.perform
    if any(it.address is not None for it in manifest.sql):
        from wasm_engine.world.outside_databases import OutsideDatabases  # noqa: PLC0415

        databases = OutsideDatabases(manifest)
        performers[SQL] = databases.perform
        parting.append(databases.close)
    if not performers:
        return None

    def lane(issued: Issued) -> tuple[str, int] | None:
        if issued.capability == CHAT and models is not None:
            return models.lane(issued)
        return local.lane(issued)

    return OutsideWorkers(performers, at_once=at_once, lane=lane, parting=lambda: _part(parting))


def _part(parting: list[Callable[[], None]]) -> None:
    for close in parting:
        close()


# Loaded where they are needed: a world without effects does without the libraries beneath them.


def _http(manifest: Manifest, judged: Callable[[], bool]) -> Performer:
    try:
        from wasm_engine.host.http_client import HttpClient  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = "this world asks servers, and the package urllib3, which does that, is missing"
        raise Misuse(
            message, code="no-http-client", hint="pip install 'wasm-engine[http]'"
        ) from error
    perform = HttpClient(reach=reaching(manifest, judged)).perform
    if not manifest.secrets:
        return perform
    alone = HttpClient(reach=reaching(manifest, lambda: True)).perform
    return Edge(manifest, perform, alone).perform


def _redis() -> Performer:
    try:
        from wasm_engine.host.redis_client import RedisClient  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = "a bucket of this world lies in Redis, and the package redis is missing"
        raise Misuse(
            message, code="no-redis-client", hint="pip install 'wasm-engine[redis]'"
        ) from error
    return RedisClient().perform


def reaching(manifest: Manifest, judged: Callable[[], bool]) -> Callable[[Issued], Reach]:
    """Where each effect may get to, as the manifest of its agent's kind says.

    Where requests are judged no redirect is followed: the judge is in the world, and what leads
    elsewhere has to come by it again, as another request of the agent's.
    """

    def reach(issued: Issued) -> Reach:
        kind = _kind_of(manifest, issued)
        if kind is None:
            return Reach()
        terms, first = kind.http, issued.arguments[:2]

        def leads(onward: Request) -> bool:
            names = (name for name, _ in onward.headers)
            then = (onward.method, onward.url.text)
            return not terms.objection(onward.method, onward.url, names) and may_follow(
                first, then, kind.http_idempotent
            )

        return Reach(kind.networks, 0 if judged() else kind.http_redirects, leads)

    return reach


def repeatable(manifest: Manifest) -> Callable[[Issued], bool]:
    """Whether an effect whose outcome is unknown may be sent again, as its kind's manifest says."""
    marking = {it.name for it in manifest.sql if it.marks}
    # Whoever is not asked again when it did not answer is not asked again after a crash, either.
    asked_once = {it.name for it in manifest.models if it.server and not it.retries}

    def may(issued: Issued) -> bool:
        if issued.capability in (REDIS, MODELS):  # one knows a repetition by its key
            return True
        if issued.capability == CHAT:
            return issued.arguments[0] not in asked_once
        if issued.capability == SQL:
            name, _, _, writes = issued.arguments
            return not writes or name in marking
        kind = _kind_of(manifest, issued)
        method, url = issued.arguments[:2]
        return kind is not None and may_repeat(method, url, kind.http_idempotent)

    return may


def _kind_of(manifest: Manifest, issued: Issued) -> Kind | None:
    return manifest.kind(issued.agent.partition("/")[0])
