"""No files and no network for a process, by Landlock: what it has not opened yet stays closed."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Final

_CREATE, _RESTRICT = 444, 446  # on every machine
_VERSION: Final = 1
_NO_NEW_PRIVILEGES: Final = 38
_FILES: Final = (0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF)
"""All rights on files that there are, by version of the interface."""
_NETWORK: Final = 0b11
_SCOPES: Final = 0b11


def rules(version: int) -> bytes:
    """What is handled, and so refused, as the kernel's structure of that version."""
    files = _FILES[min(version, len(_FILES)) - 1]
    if version < 4:  # the version that brought the network
        return struct.pack("<Q", files)
    if version < 6:  # the version that brought scopes: signals, abstract sockets
        return struct.pack("<QQ", files, _NETWORK)
    return struct.pack("<QQQ", files, _NETWORK, _SCOPES)


def restrict() -> str:
    """Takes from this process what Landlock can take; an empty string, or why that cannot be."""
    libc = ctypes.CDLL(None, use_errno=True)
    call = libc["syscall"]
    call.restype = ctypes.c_long
    call.argtypes = [ctypes.c_long, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong]
    version = call(_CREATE, None, 0, _VERSION)
    if version < 1:
        return f"landlock: {os.strerror(ctypes.get_errno())}"
    told = rules(version)
    ruleset = call(_CREATE, told, len(told), 0)
    if ruleset < 0:
        return f"landlock: {os.strerror(ctypes.get_errno())}"
    try:
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            return f"no_new_privs: {os.strerror(ctypes.get_errno())}"
        apply = libc["syscall"]
        apply.restype, apply.argtypes = ctypes.c_long, [ctypes.c_long, ctypes.c_int, ctypes.c_uint]
        if apply(_RESTRICT, ruleset, 0):
            return f"landlock: {os.strerror(ctypes.get_errno())}"
    finally:
        os.close(ruleset)
    return ""
