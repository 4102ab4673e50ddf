"""Secrets that an agent may use and never sees: what stands for them in requests to servers."""

from __future__ import annotations

from wasm_agent.contract import call
from wasm_agent.contract import secrets as _host


def secret(name: str) -> str:
    """Text that stands for a secret, in a request to a server.

        http.get(url, headers={"authorization": f"Bearer {secret('api-key')}"})

    It goes out as the secret to the servers that the manifest names, and nowhere else.

    Args:
        name: A secret that the manifest grants.

    Raises:
        Fault: `NotGranted`.
    """
    reference: str = call(_host.reference, name)
    return reference
