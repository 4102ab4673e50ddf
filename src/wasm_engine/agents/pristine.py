"""Instances of one kind of agent as they are before their first message, without making each anew.

The first one is made, and an image is kept of it. After it, an instance is one that was used before
and taken back to the image, or a new one that is laid over it; where neither can be done, each is
made as the first. A guest cannot tell which: memory, globals, handles, files and fuel are the same.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from msgspec import MsgspecError, Struct
from msgspec.msgpack import Decoder

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import Bug, EngineError, GuestFailure, HostFault, NotCapturable
from wasm_engine.runtime.guest import Guest
from wasm_engine.runtime.instance import Image, Instance, Limits, Linked, Parts

_FORMAT = 1
_NOT_OURS = (
    GuestFailure, AssertionError, AttributeError, LookupError, TypeError, ValueError,
)  # fmt: skip
"""What comes of restoring what was never captured: it may be in a file that somebody made."""


class Policy(Struct):
    """What is done for speed, and nothing else; tests change it.

    Attributes:
        images: Whether images are made at all.
        idle: Instances of a kind that are kept for the next message.
        dear: Fuel, or host work: an instance that takes more to begin is laid over an image rather
            than made anew.
        large: The same of bytes of memory.
    """

    images: bool = True
    idle: int = 16
    dear: int = 1_000_000
    large: int = 1 << 20


POLICY = Policy()
_ALL: weakref.WeakSet[Pristine] = weakref.WeakSet()


class _Beginning(Struct, frozen=True):
    """What instances of the kind are in the beginning.

    Attributes:
        image: The guest's side.
        host: The host's side, frozen; None where it is as for any new instance.
        cheap: Whether to make another the long way takes no longer than to lay it over the image.
    """

    image: Image
    host: Any
    cheap: bool


class _Captured(Struct, array_like=True, forbid_unknown_fields=True):
    """What is kept of an instance: how it differs from its beginning, and the host's side."""

    format: int
    beginning: bytes
    sizes: list[int]
    values: list[tuple[int, int]]
    pages: list[tuple[int, int, bytes]]
    host: Any


_decode = Decoder(_Captured).decode


class Pristine:
    """Makes instances of one kind, and takes them back.

    Args:
        linked: Makes instances.
        limits: Their limits.
        guest: Makes the host's side of a new one.
        make: Makes an instance the long way, ready for its first message; answers it, and the fuel
            or work that it took.
        returning: Whether instances are released after a message, and so can be used again.
    """

    def __init__(
        self,
        linked: Linked,
        limits: Limits,
        guest: Callable[[], Guest],
        make: Callable[[], tuple[Instance, int]],
        *,
        returning: bool,
    ) -> None:
        self._linked = linked
        self._limits = limits
        self._guest = guest
        self._make = make
        self._returning = returning
        self._made = 0
        self._idle: list[Instance] = []
        self._beginning: _Beginning | None = None
        self._impossible = linked.keeping.capture if not linked.keeping.rewritten else ""
        _ALL.add(self)

    def take(self) -> Instance:
        """An instance as it is before its first message.

        Raises:
            GuestFailure: The guest failed while it was initialised.
            HostFault: The machine could not give what the limits promise.
        """
        try:
            instance = self._idle.pop()
        except IndexError:
            pass
        else:
            instance.watch()
            return instance
        try:
            return self._another()
        except HostFault as fault:
            if fault.code != "instance-limit" or not any(it.idle for it in _ALL):
                raise
        for other in list(_ALL):
            other.drain()
        return self._another()

    def release(self, instance: Instance) -> None:
        """Takes an instance whose message has ended well; keeps it for the next, or closes it."""
        if not self._taken_back(instance):
            instance.close()

    def capture(self, instance: Instance) -> bytes | None:
        """What an instance is, at rest; None where that cannot be said.

        Canonical bytes: the same for the same, however the instance came to be.
        """
        try:
            beginning = self._known()
            if beginning is None or self._linked.keeping.capture:
                return None
            sizes, values, pages = instance.difference(beginning.image)
            guest: Guest = instance.guest
            host = guest.freeze()
        except NotCapturable:
            return None
        return canonical.encode([_FORMAT, beginning.image.digest, sizes, values, pages, host])

    def restore(self, data: bytes) -> Instance:
        """An instance that is what the captured one was.

        Raises:
            NotCapturable: It was captured of a guest that begins otherwise, or never.
            HostFault: The machine could not give what the limits promise.
        """
        beginning = self._known()
        if beginning is None or not self.fits(data):
            message = "it was captured of a guest that begins otherwise"
            raise NotCapturable(message)
        captured, guest = _decode(data), self._guest()
        parts = Parts(captured.sizes, captured.values, captured.pages)
        try:
            guest.thaw(captured.host)
            return self._linked.restore(guest, self._limits, beginning.image, parts)
        except _NOT_OURS as error:
            message = "no instance of it can have been what was captured"
            raise NotCapturable(message) from error

    def fits(self, data: bytes) -> bool:
        """Whether what was captured is of a guest that begins as instances here do."""
        beginning = self._known()
        try:
            captured = _decode(data)
        except MsgspecError:
            return False
        known = (captured.format, captured.beginning)
        return beginning is not None and known == (_FORMAT, beginning.image.digest)

    @property
    def idle(self) -> int:
        """How many instances are kept for later."""
        return len(self._idle)

    def drain(self) -> None:
        """Closes the instances that are kept for later."""
        while self._idle:
            self._idle.pop().close()

    def _another(self) -> Instance:
        beginning = self._beginning
        if beginning is not None and POLICY.images and not beginning.cheap:
            return self._linked.restore(self._thawed(beginning), self._limits, beginning.image)
        instance, took = self._make()
        dear = _is_dear(instance, took)
        if POLICY.images and (self._returning or (dear and self._made)):
            self._remember(instance, dear=dear)
        self._made += 1
        return instance

    def _thawed(self, beginning: _Beginning) -> Guest:
        guest = self._guest()
        if beginning.host is not None:
            guest.thaw(beginning.host)
        return guest

    def _known(self) -> _Beginning | None:
        """The beginning; found out where it is not known yet."""
        if self._beginning is None and POLICY.images and not self._impossible:
            instance, took = self._make()
            try:
                self._remember(instance, dear=_is_dear(instance, took))
            finally:
                instance.close()
        return self._beginning

    def _remember(self, instance: Instance, *, dear: bool) -> None:
        """Makes an image of a new instance, or takes the one that there is for its own."""
        if self._impossible:
            return
        guest: Guest = instance.guest
        try:
            if self._beginning is not None:
                instance.adopt(self._beginning.image)
            else:
                host = guest.freeze() if guest.touched else None
                cheap = not dear or bool(self._linked.keeping.capture)
                self._beginning = _Beginning(instance.capture(), host, cheap)
        except NotCapturable as reason:
            self._impossible = str(reason)
        guest.touched = False

    def _taken_back(self, instance: Instance) -> bool:
        beginning = self._beginning
        if beginning is None or not POLICY.images or len(self._idle) >= POLICY.idle:
            return False
        guest: Guest = instance.guest
        replaced = self._thawed(beginning) if guest.touched else None
        try:
            if not instance.rollback(beginning.image, replaced):
                return False
        except Bug:
            raise
        except (EngineError, OSError):
            return False
        guest = instance.guest
        guest.rest()
        guest.agent = guest.world = None
        self._idle.append(instance)
        return True


def _is_dear(instance: Instance, took: int) -> bool:
    return took > POLICY.dear or sum(instance.memory_sizes()) > POLICY.large
