"""The standard library that agents have: imported when the component is built, for good.

There are no library files at run time, so a module that the library itself would import later, at
the first call of some function, is named here too. What cannot work in the sandbox but is often
imported (threading, socket, subprocess) is there and refuses when used.
"""

from __future__ import annotations

import encodings
import gc
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

_TEXT = """
    base64 binascii codecs csv difflib encodings fnmatch gettext glob html html.entities
    html.parser json json.decoder json.encoder json.scanner json.tool locale pprint quopri re
    reprlib shlex string string.templatelib stringprep textwrap tokenize tomllib unicodedata
    configparser plistlib xml xml.dom xml.dom.minidom xml.dom.expatbuilder xml.etree.ElementTree
    xml.sax xml.sax.expatreader xml.sax.handler xml.sax.saxutils
"""
_NUMBERS = """
    array bisect calendar cmath colorsys datetime decimal fractions graphlib hashlib heapq hmac
    itertools math numbers operator random secrets statistics struct time timeit uuid zlib zoneinfo
    _pylong _strptime zoneinfo._zoneinfo
"""
_DATA = """
    abc collections collections.abc contextlib contextvars copy copyreg dataclasses enum functools
    gzip importlib.metadata importlib.resources importlib.readers io marshal mimetypes pathlib
    pickle pickletools queue shelve dbm.dumb dbm.sqlite3 shutil sqlite3 sqlite3.dump tarfile
    tempfile types typing weakref zipfile zipfile._path zipimport fileinput filecmp wave
"""
_PROGRAMS = """
    __future__ _colorize annotationlib argparse ast asyncio asyncio.taskgroups asyncio.timeouts
    atexit bdb builtins cmd code codeop concurrent.futures concurrent.futures.thread dis doctest
    errno gc getopt inspect keyword linecache logging logging.config logging.handlers opcode
    optparse os pdb pkgutil platform profile pstats runpy sched select selectors signal site stat
    string symtable sys sysconfig threading token trace traceback tracemalloc unittest
    unittest.async_case unittest.mock unittest._log warnings
"""
_NETWORK = """
    email email.generator email.message email.mime.application email.mime.base email.mime.multipart
    email.mime.text email.parser email.policy email.utils http http.client http.cookiejar
    http.cookies http.server imaplib ipaddress mailbox smtplib socket socketserver subprocess
    urllib urllib.error urllib.parse urllib.request urllib.response urllib.robotparser wsgiref
    xmlrpc xmlrpc.client
"""
_NOT_ENCODINGS = frozenset({"mbcs", "oem", "_win_cp_codecs", "bz2_codec"})
"""Encodings of other systems, or of modules that are not there."""


class _Absent:
    """The last finder: says why a module is not there."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuses what no other finder found.

        Raises:
            ModuleNotFoundError: Always.
        """
        del path, target
        message = (
            f"No module named {name!r}: a .py agent has Python's standard library, without the "
            "parts that need an operating system, and no installed packages (docs/python-agents.md)"
        )
        raise ModuleNotFoundError(message, name=name)


def settle() -> None:
    """Imports everything, and makes the result the state that every agent begins with."""
    names = f"{_TEXT} {_NUMBERS} {_DATA} {_PROGRAMS} {_NETWORK}".split()
    for name in names:
        importlib.import_module(name)
    _load_encodings()
    # The build's folders do not exist at run time: searching them would cost a host call each.
    sys.path[:] = []
    sys.path_importer_cache.clear()
    sys.meta_path.append(_Absent)
    # The collector need not look again at what will never be freed; it would touch, and so copy,
    # every page of the shared image.
    gc.collect()
    gc.freeze()


def _load_encodings() -> None:
    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in _NOT_ENCODINGS:
            importlib.import_module(f"encodings.{module.name}")
