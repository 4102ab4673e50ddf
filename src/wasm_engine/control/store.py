"""The component store, as the operator uses it: add, pull, list, remove."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from wasm_engine.concepts.errors import BadComponent, Misuse
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.names import is_kind
from wasm_engine.concepts.oci import Remote
from wasm_engine.concepts.references import Reference
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.reports import Report
from wasm_engine.control.verdicts import read_beside
from wasm_engine.host import component_store
from wasm_engine.host.component_store import Stored
from wasm_engine.host.oci_layout import is_layout, read_layout
from wasm_engine.host.standard_components import standard_path
from wasm_engine.world import load_components

MAX_SIZE = 256 << 20
"""Bytes of a component."""


@dataclass(frozen=True, slots=True)
class StoredReport(Report):
    """A component that is kept here.

    Attributes:
        reference: `name@sha256:digest`, as manifests name it.
        name: What it is called here.
        digest: SHA-256 of its bytes.
        size: Bytes.
        origin: Where it came from.
        signed: Whether a signature came with it.
        file: Where its bytes are.
    """

    reference: str
    name: str
    digest: str
    size: int
    origin: str
    signed: bool
    file: str

    @classmethod
    def of(cls, stored: Stored) -> StoredReport:
        """The report of one."""
        reference, size, origin, signed = stored
        file = str(component_store.path_of(reference))
        name, digest = reference
        return cls(str(reference), name, digest, size, origin, signed, file)


@dataclass(frozen=True, slots=True)
class StoreReport(Report):
    """The components that are kept here, by name and digest."""

    components: tuple[StoredReport, ...]


def add(
    path: Path, name: str = "", *, tag: str = "", observer: Observer = UNOBSERVED
) -> StoredReport:
    """Keeps a component: of a file, or of a folder that is an OCI layout.

    A signature that lies beside a file (`FILE.sig`) is kept with it.

    Args:
        path: The file or folder.
        name: What it is called from now on; the file's name if not given.
        tag: Which one, where a layout holds several.
        observer: Told what happens.

    Raises:
        Misuse: It cannot be read, or its name is none.
        BadComponent: It is no component.
        HostFault: The machine failed.
    """
    signature = None
    if path.is_dir():
        if not is_layout(path):
            raise Misuse(f"{path}: a folder that is no OCI layout: it has no file oci-layout")
        data = read_layout(path, tag, MAX_SIZE)
    elif tag:
        raise Misuse(f"{path}: is a file; only what is in an OCI layout has a tag")
    else:
        data, signature = read(path), read_beside(path)
    return _keep(name or _name_of(path.name), data, str(path.absolute()), signature, observer)


def pull(remote: str, name: str = "", *, observer: Observer = UNOBSERVED) -> StoredReport:
    """Keeps a component of an OCI registry: `host/path:tag` or `host/path@sha256:...`.

    Raises:
        Misuse: There is none, or the package that asks servers is missing.
        BadComponent: It is no component.
        HostFault: The registry cannot be reached, or the machine failed.
    """
    try:
        found = Remote.parse(remote)
    except Wrong as wrong:
        raise Misuse(str(wrong)) from None
    try:
        from wasm_engine.host.oci_registry import Registry  # noqa: PLC0415 - it needs an extra
    except ModuleNotFoundError:
        message = "to pull from a registry, the package urllib3 is needed"
        raise Misuse(message, hint="pip install 'wasm-engine[http]'") from None
    observer.note(f"pulling {remote}")
    data = Registry(found).pull(MAX_SIZE)
    return _keep(name or _name_of(found.path), data, remote, None, observer)


def listed() -> StoreReport:
    """The components that are kept here."""
    return StoreReport(tuple(map(StoredReport.of, component_store.listed())))


def remove(text: str) -> StoredReport:
    """Keeps a component no longer.

    Args:
        text: `name@sha256:digest`, or a name that stands for just one.

    Raises:
        Misuse: There is no such component, or several are called so.
    """
    kept = component_store.listed()
    for stored in kept:
        if str(stored.reference) == text:
            break
    else:
        stored = _only(text, [it for it in kept if it.reference.name == text])
    report = StoredReport.of(stored)
    component_store.remove(stored.reference)
    return report


def place(text: str) -> Path:
    """The file that somebody means: a path, a standard component, or a kept one's reference.

    Raises:
        Misuse: Nothing is kept under that reference.
    """
    reference = Reference.parse(text)
    if reference is None:
        return standard_path(text) or Path(text)
    if not component_store.is_kept(reference):
        message = f"no component {reference} is kept here"
        raise Misuse(message, code="no-such-component", hint="wasm-engine component list")
    return component_store.path_of(reference)


def read(file: Path) -> bytes:
    """The bytes of a component's file.

    Raises:
        BadComponent: It cannot be read, or is too large.
    """
    try:
        if file.exists() and not file.is_file():
            raise BadComponent(f"{file}: not a file")
        if file.stat().st_size > MAX_SIZE:
            raise BadComponent(f"{file}: too large to be a component ({MAX_SIZE} bytes at most)")
        return file.read_bytes()
    except OSError as error:
        raise BadComponent(f"{file}: cannot be read: {error.strerror}") from None


def _keep(
    name: str, data: bytes, origin: str, signature: bytes | None, observer: Observer
) -> StoredReport:
    if not is_kind(name):
        rule = "small letters, digits and . _ -"
        raise Misuse(f"{shown(name)} cannot name a component: {rule}", hint="give one by --name")
    load_components([(origin, data)], observer.note)  # whatever is kept is a component
    return StoredReport.of(component_store.add(name, data, origin, signature))


def _name_of(text: str) -> str:
    """What something is called that nobody gave a name: the last part of where it came from."""
    name = text.rpartition("/")[2].lower().removesuffix(".wasm")
    return re.sub(r"[^a-z0-9._-]+", "-", name).strip("._-")


def _only(text: str, found: list[Stored]) -> Stored:
    if len(found) == 1:
        return found[0]
    if not found:
        message = f"no component {shown(text)} is kept here"
        raise Misuse(message, code="no-such-component", hint="wasm-engine component list")
    choices = "\n".join(f"  {it.reference}" for it in found)
    raise Misuse(f"{len(found)} components are called {shown(text)}; say which:\n{choices}")
