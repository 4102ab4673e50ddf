"""The agent's log: `log.info(...)`, and the standard `logging` beneath the same roof."""

from __future__ import annotations

import logging

from wasm_agent.contract import log as _log


class Log:
    """Writes to the agent's log. Takes values like `print`: `log.info("found", 3, "passages")`."""

    def debug(self, *values: object) -> None:
        """For the author of the agent."""
        _write(_log.Level.DEBUG, values)

    def info(self, *values: object) -> None:
        """What happens."""
        _write(_log.Level.INFO, values)

    def warning(self, *values: object) -> None:
        """What somebody should look at."""
        _write(_log.Level.WARNING, values)

    def error(self, *values: object) -> None:
        """What went wrong."""
        _write(_log.Level.ERROR, values)


class _Bridge(logging.Handler):
    """Carries records of the standard `logging` to the agent's log."""

    def emit(self, record: logging.LogRecord) -> None:
        level = _log.Level.DEBUG
        if record.levelno >= logging.ERROR:
            level = _log.Level.ERROR
        elif record.levelno >= logging.WARNING:
            level = _log.Level.WARNING
        elif record.levelno >= logging.INFO:
            level = _log.Level.INFO
        _write(level, (self.format(record),))


def bridge_logging() -> None:
    """Makes the root of the standard `logging` write here, from level INFO on."""
    logging.root.handlers[:] = [_Bridge()]
    logging.root.setLevel(logging.INFO)


def _write(level: _log.Level, values: tuple[object, ...]) -> None:
    text = " ".join(map(str, values))
    if not text.isascii():
        # A log line must never fail: half a surrogate pair is shown escaped.
        text = text.encode(errors="backslashreplace").decode()
    _log.write(level, text)


log = Log()
