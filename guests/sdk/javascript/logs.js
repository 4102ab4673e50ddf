// The agent's log: `log.info("found", 3, "passages")`; `console` writes there, too.
import { host } from "interpreter/host.js";

const write = host["agent/log"].write;
const DEPTH = 4;

// A value as people read it.
export function shown(value, depth = 0, above = []) {
  if (typeof value === "string") return depth ? JSON.stringify(value) : value;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name || "anonymous"}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return depth ? `[${String(value)}]` : `${String(value)}\n${value.stack ?? ""}`.trimEnd();
  if (value instanceof Date || value instanceof RegExp) return String(value);
  if (above.includes(value)) return "[circular]";
  if (depth >= DEPTH) return Array.isArray(value) ? "[array]" : "[object]";
  const inner = (it) => shown(it, depth + 1, [...above, value]);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return `[${Array.from(value, inner).join(", ")}]`;
  if (value instanceof Set) return `Set {${Array.from(value, inner).join(", ")}}`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const name = value.constructor?.name;
  return `${name && name !== "Object" ? `${name} ` : ""}{${entries.map(([key, it]) => `${shown(key)}: ${inner(it)}`).join(", ")}}`;
}

const writer = (level) => (...values) => {
  write(level, values.map((it) => shown(it)).join(" ").toWellFormed());
};

export const log = {
  debug: writer("debug"),
  info: writer("info"),
  warning: writer("warning"),
  error: writer("error"),
};
