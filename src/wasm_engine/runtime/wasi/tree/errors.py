"""The one exception of the file tree; a guest sees it as an `error-code`."""

from __future__ import annotations


class FsError(Exception):
    """An operation that cannot be done.

    Attributes:
        code: A case of wasi:filesystem's `error-code`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
