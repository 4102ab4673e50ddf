"""Keys: those that this user signs with, and those that this machine's operator trusts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.names import is_kind
from wasm_engine.concepts.public_key import from_text, key_id, to_pem
from wasm_engine.control.reports import Report
from wasm_engine.host import key_files
from wasm_engine.host.ed25519 import SigningKey

NAME_RULE = "small letters, digits and . _ -"


@dataclass(frozen=True, slots=True)
class KeyReport(Report):
    """A key.

    Attributes:
        name: What it is called here.
        key: Its id: the first 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes.
        role: `own`: this user signs with it. `trusted`: the operator believes what it signs.
            `none`: it was trusted until now.
        file: Of the public key.
    """

    name: str
    key: str
    role: str
    file: str


@dataclass(frozen=True, slots=True)
class KeysReport(Report):
    """The keys of this machine: own ones first, each by name."""

    keys: tuple[KeyReport, ...]


class TrustedKey(NamedTuple):
    """A key that the operator trusts: its name here, its 32 bytes, its id."""

    name: str
    public: bytes
    id: str


def new(name: str, *, folder: str | Path | None = None) -> KeyReport:
    """Makes a key pair: `NAME.key`, which only its owner may read, and `NAME.pub`.

    Args:
        name: What it is called.
        folder: Where the files go; the data folder of this user if not given.

    Raises:
        Misuse: The name is none, or there is such a key already.
    """
    _require_name(name)
    key = SigningKey.new()
    place = Path(folder) if folder is not None else key_files.private_folder(key_files.own_folder())
    private, public = _files(place, name)
    if public.exists():
        raise Misuse(f"{public}: there is something already", hint="choose another name")
    key_files.write_new(private, key.pem(), secret=True)
    key_files.write_new(public, to_pem(key.public).encode(), secret=False)
    return KeyReport(name, key_id(key.public), "own", str(public))


def listed() -> KeysReport:
    """The keys that this user signs with, and those that the operator trusts."""
    own = key_files.own_folder()
    rows = []
    for name in key_files.names(own, key_files.PUBLIC):
        file = own / f"{name}{key_files.PUBLIC}"
        rows.append(KeyReport(name, key_id(_public(file)), "own", str(file)))
    rows += [KeyReport(k.name, k.id, "trusted", str(_trusted_file(k.name))) for k in trusted()]
    return KeysReport(tuple(rows))


def trust(file: str | Path, name: str) -> KeyReport:
    """Trusts a public key from now on, under a name that is given to it here.

    Args:
        file: The public key: PEM, or its 32 bytes in base64.
        name: What its owner is called on this machine: in policies, and in what is reported.

    Raises:
        Misuse: The file holds no public key, or the name is taken.
    """
    _require_name(name)
    public = _public(Path(file))
    for known in trusted():
        if known.name == name and known.public == public:
            return KeyReport(name, known.id, "trusted", str(_trusted_file(name)))
        if known.name == name:
            raise Misuse(
                f"another key is trusted as {name!r} already: {known.id}",
                hint=f"choose another name, or: wasm-engine keys distrust {name}",
            )
        if known.public == public:
            raise Misuse(
                f"this key ({known.id}) is trusted already, as {known.name!r}",
                hint=f"wasm-engine keys distrust {known.name}",
            )
    key_files.private_folder(key_files.trusted_folder())
    key_files.write_new(_trusted_file(name), to_pem(public).encode(), secret=False)
    return KeyReport(name, key_id(public), "trusted", str(_trusted_file(name)))


def distrust(name: str) -> KeyReport:
    """Trusts a key no longer.

    Raises:
        Misuse: None is trusted under that name.
    """
    for known in trusted():
        if known.name == name:
            _trusted_file(name).unlink()
            return KeyReport(name, known.id, "none", str(_trusted_file(name)))
    raise Misuse(f"no key is trusted as {shown(name)}", hint="`wasm-engine keys list` has all")


def trusted() -> tuple[TrustedKey, ...]:
    """The keys that this machine's operator trusts, by name.

    Raises:
        Misuse: One of the files holds none.
    """
    names = key_files.names(key_files.trusted_folder(), key_files.PUBLIC)
    keys = [(name, _public(_trusted_file(name))) for name in names]
    return tuple(TrustedKey(name, public, key_id(public)) for name, public in keys)


def given(file: str | Path) -> TrustedKey:
    """A public key that is trusted for now, by the name of its file."""
    public = _public(Path(file))
    return TrustedKey(Path(file).stem, public, key_id(public))


def signing_key(key: str | Path) -> SigningKey:
    """The private key to sign with.

    Args:
        key: The name of one of this user's, or a file with one.

    Raises:
        Misuse: There is none, others may read it, or it is no key of Ed25519.
    """
    path = Path(key)
    if is_kind(str(key)):
        own, _ = _files(key_files.own_folder(), str(key))
        if not own.exists() and not path.exists():
            raise Misuse(
                f"there is no key {shown(str(key))} to sign with",
                code="bad-key",
                hint=f"wasm-engine keys new {key}, or name the file of a private key",
            )
        path = own if own.exists() else path
    data = key_files.read_private(path)
    try:
        return SigningKey.from_pem(data)
    except Wrong as wrong:
        raise Misuse(f"{path}: not a key to sign with: {wrong}", code="bad-key") from None


def _public(path: Path) -> bytes:
    try:
        return from_text(key_files.read_public(path))
    except Wrong as wrong:
        raise Misuse(f"{path}: {wrong}", code="bad-key") from None


def _trusted_file(name: str) -> Path:
    return _files(key_files.trusted_folder(), name)[1]


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}{key_files.PRIVATE}", folder / f"{name}{key_files.PUBLIC}"


def _require_name(name: str) -> None:
    if not is_kind(name):
        raise Misuse(f"{shown(name)} cannot name a key: {NAME_RULE}", code="usage")
