"""Policies in Cedar (cedarpolicy.com), decided by the `cedarpy` package; loaded where one is used.

A request's principal is an `Agent` within its `Kind`, its action one of `ACTIONS`; what it is done
to is an entity named by the target, and `context.labels` holds the labels of what the agent knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong, nearest, shown
from wasm_engine.concepts.url_patterns import is_plain
from wasm_engine.concepts.web import Url
from wasm_engine.policy.actions import ACTIONS, RESOURCES, URL_ATTRIBUTES, Asked
from wasm_engine.policy.cedar_looks import Looks
from wasm_engine.policy.cedar_text import statements

MOST_KEPT = 4_096
"""Answers that are kept, and agents in Cedar's own form."""
_AGENT = "kind: String, component: String, signer: String"


class CedarPolicy:
    """The policies of one text.

    Args:
        text: Cedar.
        file: What mistakes are told under.

    Attributes:
        text: As it was given.
        engine: Name and version of what decides; part of what a run holds, for it decides in it.

    Raises:
        Misuse: It is not Cedar, names what there is not, or the package is missing.
    """

    def __init__(self, text: str, file: str = "policy.cedar") -> None:
        self.text = text
        self._cedar = _package()
        self.engine = _engine()
        try:
            self.statements = statements(text)
        except Wrong as wrong:
            raise Misuse(f"{file}:{wrong}", code="bad-policy") from None
        try:
            self._policies = self._cedar.PolicySet.from_str(text)
        except ValueError as error:
            raise Misuse(self._not_cedar(file, str(error)), code="bad-policy") from None
        told = json.loads(self._cedar.policies_to_json_str(text))["staticPolicies"]
        self._names = self._named(told)
        self._looks = Looks.of(told.values())
        self._agents: dict[tuple[str, ...], Any] = {}
        self._answers: dict[tuple[Any, ...], str | None] = {}

    def refuses(self, asked: Asked) -> str | None:
        """The rule by which that is refused, or None.

        A policy that cannot be decided (it looks at what is not there) lets nothing pass. What
        differs only in what no policy looks at has one answer.
        """
        attributes = _attributes(asked)
        context = _known(asked)
        who = (asked.agent, asked.kind, asked.component, asked.signer)
        key = (who, asked.action, asked.labels, *self._seen(asked.target, attributes, context))
        if key in self._answers:
            return self._answers[key]
        if len(self._answers) >= MOST_KEPT:
            self._answers.clear()
        answer = self._answers[key] = self._ask(asked, self._agent(who), attributes, context)
        return answer

    def _seen(
        self, target: str, attributes: Mapping[str, Any], context: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        """What of a question the policies look at."""
        resource, known = self._looks
        return (
            target if resource is None else _held(attributes, resource),
            _held(context, context.keys() if known is None else known),
        )

    def _ask(
        self, asked: Asked, agent: Any, attributes: Mapping[str, Any], context: Mapping[str, Any]
    ) -> str | None:
        kind = ACTIONS[asked.action].resource
        request = {
            "principal": {"type": "Agent", "id": asked.agent},
            "action": {"type": "Action", "id": asked.action},
            "resource": {"type": kind, "id": asked.target},
            "context": {"labels": sorted(asked.labels), **context},
        }
        entities = agent.with_added_json_str(_target(kind, asked.target, attributes))
        answer = self._cedar.is_authorized(request, self._policies, entities)
        if answer.diagnostics.errors:
            return "a policy that cannot be decided"
        if answer.allowed:
            return None
        reasons = sorted(self._names.get(reason, reason) for reason in answer.diagnostics.reasons)
        return ", ".join(reasons) if reasons else "no policy permits it"

    def _agent(self, who: tuple[str, ...]) -> Any:
        """An agent, in Cedar's own form."""
        if who not in self._agents:
            if len(self._agents) >= MOST_KEPT:
                self._agents.clear()
            address, kind, component, signer = who
            agent = {
                "uid": {"type": "Agent", "id": address},
                "attrs": {"kind": kind, "component": component, "signer": signer},
                "parents": [{"type": "Kind", "id": kind}],
            }
            self._agents[who] = self._cedar.Entities.from_json_str(json.dumps([agent]))
        return self._agents[who]

    def _named(self, told: Mapping[str, Any]) -> dict[str, str]:
        """What each policy is called: by its @id, or by its line."""
        return {
            key: row.get("annotations", {}).get("id") or f"the policy in line {self._line(key)}"
            for key, row in told.items()
        }

    def _line(self, key: str) -> int:
        number = key.removeprefix("policy")
        at = int(number) if number.isdecimal() else 0
        return self.statements[at].line if at < len(self.statements) else 1

    def _not_cedar(self, file: str, said: str) -> str:
        """The first statement that cannot be read alone is the one that is wrong."""
        for statement in self.statements:
            try:
                self._cedar.PolicySet.from_str(statement.text)
            except ValueError as error:
                return f"{file}:{statement.line}: {error}"
        return f"{file}:1: {said}"

    def mistakes(self, file: str, known: Mapping[str, list[str]]) -> list[str]:
        """What is wrong with it in a world: names that there are not, what can never match.

        Args:
            file: What mistakes are told under.
            known: Names of the world: under `Agent` and `Kind` those of kinds, under `Label`, ...
        """
        found = []
        checked = self._cedar.validate_policies(self.text, schema())
        for error in checked.errors:
            said = error.error.removeprefix(f"for policy `{error.policy_id}`, ")
            found.append(f"{file}:{self._line(error.policy_id)}: {_helped(said)}")
        told = json.loads(self._cedar.policies_to_json_str(self.text))["staticPolicies"]
        for key, row in told.items():
            found += [
                f"{file}:{self._line_of(key, name)}: no {kind.lower()} is called {shown(name)}"
                f"{nearest(name, known[kind])}"
                for kind, name in _names_in(row)
                if kind in known and not _is_known(kind, name, known[kind])
            ]
        return list(dict.fromkeys(found))

    def _line_of(self, key: str, word: str) -> int:
        """The line of a policy in which a word stands."""
        number = key.removeprefix("policy")
        at = int(number) if number.isdecimal() else 0
        if at >= len(self.statements):
            return 1
        before, found, _ = self.statements[at].text.partition(f'"{word}"')
        return self.statements[at].line + (before.count("\n") if found else 0)


def schema() -> str:
    """The Cedar schema that policies are checked against."""
    lines = ["entity Kind;", f"entity Agent in [Kind] {{ {_AGENT} }};"]
    for resource in RESOURCES:
        if resource == "Url":
            fields = ", ".join(f"{name}: {ty}" for name, ty in URL_ATTRIBUTES.items())
            lines.append(f"entity Url {{ {fields} }};")
        elif resource == "Address":
            lines.append("entity Address in [Kind];")
        elif resource != "Kind":
            lines.append(f"entity {resource};")
    for name, action in ACTIONS.items():
        fields = ", ".join(f"{key}: {ty}" for key, ty in action.context.items())
        context = f"labels: Set<String>{', ' if fields else ''}{fields}"
        lines.append(
            f'action "{name}" appliesTo {{ principal: [Agent], resource: [{action.resource}], '
            f"context: {{ {context} }} }};"
        )
    return "\n".join(lines) + "\n"


def _known(asked: Asked) -> dict[str, Any]:
    """The context of an action: all of it is always there, and nothing else."""
    empty: dict[str, Any] = {"String": "", "Set<String>": []}
    found = {}
    for name, ty in ACTIONS[asked.action].context.items():
        value = asked.context.get(name, empty[ty])
        found[name] = sorted(value) if isinstance(value, list | tuple | frozenset) else value
    return found


def _held(values: Mapping[str, Any], names: Iterable[str]) -> tuple[Any, ...]:
    """Those of the values that there are, in one order, to be compared."""
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name in sorted(names)
        if (value := values.get(name)) is not None
    )


def _target(kind: str, target: str, attributes: Mapping[str, Any]) -> str:
    """What something is done to, as an entity, in JSON."""
    within = [{"type": "Kind", "id": target.partition("/")[0]}] if kind == "Address" else []
    entity = {"uid": {"type": kind, "id": target}, "attrs": attributes, "parents": within}
    return json.dumps([entity])


def _attributes(asked: Asked) -> dict[str, Any]:
    """What policies can ask of what something is done to."""
    return _url_attributes(asked.target) if ACTIONS[asked.action].resource == "Url" else {}


def _url_attributes(target: str) -> dict[str, Any]:
    try:
        url = Url.parse(target)
    except Wrong:
        return {"scheme": "", "host": "", "port": 0, "path": ""}
    found: dict[str, Any] = {"scheme": url.scheme, "host": url.host, "port": url.port}
    path = url.target.partition("?")[0]
    if is_plain(path):  # else a policy that looks at it cannot be decided
        found["path"] = path
    return found


def _names_in(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The entities that a policy names, and the labels that it looks for."""
    stack: list[Any] = [row]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += reversed(value)
        elif isinstance(value, dict):
            if isinstance(value.get("type"), str) and isinstance(value.get("id"), str):
                yield value["type"], value["id"]
            for word in ("contains", "containsAny", "containsAll"):
                sides = value.get(word)
                if isinstance(sides, dict) and _is_labels(sides.get("left")):
                    yield from (("Label", name) for name in _texts(sides.get("right")))
            stack += reversed(list(value.values()))


def _is_labels(value: Any) -> bool:
    inner = value.get(".") if isinstance(value, dict) else None
    return isinstance(inner, dict) and inner.get("attr") == "labels"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("Value"), str):
            yield value["Value"]
        for inner in value.get("Set", []):
            yield from _texts(inner)


def _is_known(kind: str, name: str, known: list[str]) -> bool:
    word = name.partition("/")[0] if kind in {"Agent", "Address"} else name
    return word in known


def _helped(said: str) -> str:
    """A mistake of Cedar's with the nearest right name."""
    for prefix, names in (
        ('unrecognized action `Action::"', ACTIONS),
        ("unrecognized entity type `", RESOURCES),
    ):
        if said.startswith(prefix):
            word = said.removeprefix(prefix).rstrip('`"')
            return said + nearest(word, names)
    return said


def _package() -> Any:
    try:
        import cedarpy  # noqa: PLC0415 - an extra, loaded where a policy in Cedar is used
    except ModuleNotFoundError as error:
        message = (
            "a policy in Cedar is in force, and the package cedarpy, which decides, is missing"
        )
        raise Misuse(message, code="no-cedar", hint="pip install 'wasm-engine[policy]'") from error
    return cedarpy


def _engine() -> str:
    from importlib.metadata import version  # noqa: PLC0415

    return f"cedarpy {version('cedarpy')}"
