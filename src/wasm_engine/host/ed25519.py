"""Signatures of Ed25519, by the package `cryptography`: an extra, imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong

if TYPE_CHECKING:
    from types import ModuleType

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class SigningKey:
    """A private key.

    Attributes:
        public: The 32 bytes of its public key.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public: bytes = key.public_key().public_bytes_raw()

    @classmethod
    def new(cls) -> SigningKey:
        """A key that nobody has had before: of this machine's entropy.

        Raises:
            Misuse: The package that makes it is not installed.
        """
        return cls(_ed25519().Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, data: bytes) -> SigningKey:
        """Reads a private key in PEM (PKCS #8), as this program and `openssl genpkey` write it.

        Raises:
            Wrong: It is none, or has a passphrase.
            Misuse: The package that reads it is not installed.
        """
        ed25519 = _ed25519()
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (an extra)
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            load_pem_private_key,
        )

        try:
            key = load_pem_private_key(data, password=None)
        except TypeError:
            raise Wrong("it has a passphrase, which this program does not ask for") from None
        except (ValueError, UnsupportedAlgorithm):
            raise Wrong("it is not a private key in PEM") from None
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise Wrong("it is a private key, but not one of Ed25519")
        return cls(key)

    def pem(self) -> bytes:
        """The key in PEM (PKCS #8), in the clear."""
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 (an extra)

        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def sign(self, data: bytes) -> bytes:
        """The signature of some bytes: 64 bytes, the same each time."""
        return self._key.sign(data)


def is_signature(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether a signature of some bytes was made with the private key of a public one.

    Raises:
        Misuse: The package that tells it is not installed.
    """
    ed25519 = _ed25519()
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 (an extra)

    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _ed25519() -> ModuleType:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 (an extra)
    except ImportError:
        message = "signatures need the package cryptography, which is not installed"
        raise Misuse(
            message, code="no-signing", hint="pip install 'wasm-engine[signing]'"
        ) from None
    return ed25519
