"""Where this machine keeps what outlives a run: compiled code, interpreters, policy."""

from __future__ import annotations

import os
from pathlib import Path

_NAME = "wasm-engine"


def _folder(variable: str, default: str, inside: str) -> Path:
    own = os.environ.get("WASM_ENGINE_HOME", "")
    if own:
        return Path(own).absolute() / inside
    base = os.environ.get(variable, "")
    if base and Path(base).is_absolute():
        return Path(base) / _NAME
    return _home() / default / _NAME


def _home() -> Path:
    home = os.environ.get("HOME", "")
    try:
        return Path(home).absolute() if home else Path.home()
    except RuntimeError:  # a user without a name: has the home that containers give it
        return Path("/")


def cache_folder() -> Path:
    """What can be made anew: `$WASM_ENGINE_HOME/cache`, or below `$XDG_CACHE_HOME`."""
    return _folder("XDG_CACHE_HOME", ".cache", "cache")


def data_folder() -> Path:
    """What is worth keeping: `$WASM_ENGINE_HOME/data`, or below `$XDG_DATA_HOME`."""
    return _folder("XDG_DATA_HOME", ".local/share", "data")


def config_folder() -> Path:
    """What the operator wrote: `$WASM_ENGINE_HOME/config`, or below `$XDG_CONFIG_HOME`."""
    return _folder("XDG_CONFIG_HOME", ".config", "config")
