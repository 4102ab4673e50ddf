"""Libraries that tell their makers of their use, unless they are told not to before they load.

Imported before ONNX Runtime is, wherever that is: from 1.32 on it makes a number for the machine
and files in the user's cache as it loads, and sends them where there is a network. What switches
that off afterwards (`disable_telemetry_events`) comes too late for the files.
"""

from __future__ import annotations

from wasm_engine.host.environment import put

put("ORT_DISABLE_TELEMETRY", "1")
