"""The command line is tried on the operator API's own world."""

from tests.control.conftest import _private_home, kept, talk, world

__all__ = ["_private_home", "kept", "talk", "world"]
