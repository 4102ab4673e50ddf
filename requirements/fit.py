"""Says in one line what this Python lacks to make the project's .venv. Runs on any Python 3."""

import sys

FIRST, LAST = (3, 11), (3, 13)


def lack() -> "str | None":
    """What is missing, or None."""
    found = "{}.{}".format(*sys.version_info[:2])
    if not FIRST <= sys.version_info[:2] <= LAST:
        return (
            "wasm-engine runs on Python 3.11, 3.12 and 3.13, and this is Python "
            + found
            + ". Name another one: make demo PYTHON=python3.11"
        )
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        return (
            "this Python cannot make virtual environments. On Debian and Ubuntu: "
            "sudo apt-get install python" + found + "-venv"
        )
    return None


if __name__ == "__main__":
    message = lack()
    if message:
        sys.exit("setup: " + message)
