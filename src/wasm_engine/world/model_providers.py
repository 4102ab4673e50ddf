"""Language models as this machine has them: servers that its operator named, folders."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.agents.manifest import Model
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.concepts.references import Reference
from wasm_engine.host import model_store
from wasm_engine.host.chat_provider import Provider
from wasm_engine.host.model_files import digest_at
from wasm_engine.policy.model_servers import ModelServer
from wasm_engine.policy.scrubbing import Scrubber
from wasm_engine.world.operator_policy import operator_policy, policy_file
from wasm_engine.world.secrets import secret_value

# Loaded where they are needed: a world that asks no model does without the libraries beneath them.


def named_server(server: str, world: str) -> ModelServer:
    """What the operator says of a server.

    Args:
        server: What the operator calls it.
        world: Name of the world: it may have secrets of its own.

    Raises:
        Refused: Nothing, or the secret that it is shown is not there.
    """
    it = {it.name: it for it in operator_policy().servers}.get(server)
    if it is None:
        raise Refused(
            f"this world asks the server {server!r}, and the operator named none of that name",
            code="no-server",
            hint=f'{policy_file()}: [servers.{server}] with url = "http://127.0.0.1:8080/v1"',
        )
    if it.secret is not None and secret_value(it.secret, world) is None:
        raise Refused(
            f"this machine does not have the secret {it.secret} that the server {server} is shown",
            code="no-secret",
            hint=f"wasm-engine secret set {it.secret}",
        )
    return it


def server_model(server: str, called: str, retries: int, world: str) -> Provider:
    """A model of a server that the operator named.

    Args:
        server: What the operator calls it.
        called: What the server calls the model.
        retries: How often it is asked again.
        world: Name of the world: it may have secrets of its own.

    Raises:
        Refused: The operator named none, or the secret that it is shown is not there.
        Misuse: There is nothing here to ask it with.
    """
    it = named_server(server, world)
    secret = it.secret
    try:
        from wasm_engine.host.chat_server import ServerModel  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = "this world asks a server, and the package urllib3, which does that, is missing"
        hint = "pip install 'wasm-engine[http]'"
        raise Misuse(message, code="no-http-client", hint=hint) from error
    shown = (lambda: None) if secret is None else (lambda: secret_value(secret, world))
    return ServerModel(it.url, called, shown, retries, holds=_holds)


def _holds(text: str, secret: str) -> bool:
    """Whether a secret is in a text, in one of the spellings in which servers say it again."""
    data = text.encode()
    return Scrubber([secret]).bytes(data) != data


def folder_model(model: Model, folder: str | None) -> Provider:
    """A model of a folder, by ONNX Runtime GenAI.

    Args:
        model: What it is.
        folder: Where it is on this machine, or None: nobody knows.

    Raises:
        Misuse: It is not here, is another one than the manifest says, or the package that runs it
            is not here.
    """
    kept = Reference.parse(model.folder)
    if kept is not None:
        folder = str(model_store.verify(kept))
    if folder is None:
        message = f"nobody knows where the folder of the model {model.name} is on this machine"
        raise Misuse(message, code="no-model", hint="go on with the run where it began")
    try:
        from wasm_engine.host.chat_genai import GenaiModel  # noqa: PLC0415
    except ImportError as error:
        message = (
            f"the model {model.name} lies in a folder, and the package onnxruntime-genai, which "
            "runs it, is missing"
        )
        hint = "pip install 'wasm-engine[genai]'"
        raise Misuse(message, code="no-model", hint=hint) from error
    if model.digest is not None:
        digest = f"sha256:{digest_at(Path(folder))}"
        if digest != model.digest:
            message = f"the model {model.name} is not {model.digest}, but {digest}"
            raise Misuse(message, code="other-model", hint=f"it lies at {folder}")
    return GenaiModel(folder, model.name, model.device, model.threads)
