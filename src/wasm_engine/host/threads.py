"""Threads and locks: the one place that touches `threading`."""

from __future__ import annotations

import threading

Lock = threading.Lock
