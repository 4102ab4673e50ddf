"""Locks, for the layers above; threads are those of `workers`."""

from __future__ import annotations

import threading

Lock = threading.Lock
