// Something done for the agent, from its beginning to the fault that it ended with, if any.
import { own, rejections } from "interpreter/marshal.js";
import { Fault, isFromHost } from "wasm-agent/faults.js";
import { finish, forget } from "wasm-agent/loop.js";

const MAX_CHARACTERS = 8192;
const OURS = /\((?:wasm-agent|interpreter)\/|\(native\)/;

// What scripts may have replaced by the time that it is needed.
const clear = Function.prototype.call.bind(Map.prototype.clear);
const forEach = Function.prototype.call.bind(Map.prototype.forEach);

// Does it (an async function), and what promises leave to do; answers the fault for the host, or null;
// `otherwise` is the code of what was thrown that has none.
export function attempt(work, otherwise = "error") {
  clear(rejections);
  try {
    finish(work());
    forEach(rejections, (reason) => {
      throw reason;
    });
    return null;
  } catch (error) {
    return fault(error, otherwise);
  } finally {
    clear(rejections);
    forget();
  }
}

function fault(error, otherwise) {
  const wellFormed = (text) => `${text}`.toWellFormed();
  try {
    if (error instanceof Fault) {
      // What the agent threw says all it wants to say; what the world gave it did not expect.
      const detail = isFromHost(error) ? described(error) : error.detail;
      return { code: wellFormed(error.code), detail: wellFormed(detail) };
    }
    return { code: otherwise, detail: wellFormed(described(error)) };
  } catch {
    return { code: otherwise, detail: "something was thrown that cannot be told" };
  }
}

// Where it went wrong, told with the agent's own file, line and source text; what it was comes last.
function described(error) {
  const parts = [];
  if (error instanceof Error && error.cause !== undefined) parts.push(described(error.cause), "that was the cause of:");
  const frames = error instanceof Error ? framesOf(error) : [];
  if (frames.length) parts.push(...excerpt(frames), ...frames);
  parts.push(error instanceof Error ? `${error.name}: ${error.message}` : thrown(error));
  return shortened(parts.join("\n"));
}

// QuickJS throws nothing at all where it has no memory for an error.
function thrown(value) {
  const text = String(value);
  return text === "[uninitialized]" ? "InternalError: out of memory" : `thrown: ${text}`;
}

function framesOf(error) {
  const lines = `${error.stack ?? ""}`.split("\n");
  return lines.filter((line) => line.trim().startsWith("at ") && !OURS.test(line));
}

// The innermost line of the agent's, with a mark beneath.
function excerpt(frames) {
  for (const frame of frames) {
    const [, file, line, column] = /\(?([^\s()]+):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    if (file === own.name) {
      const text = own.source.split("\n")[line - 1] ?? "";
      const indent = text.length - text.trimStart().length;
      const mark = " ".repeat(Math.max(0, Math.min(column - 1, text.length) - indent));
      return [`${file}:${line}:${column}`, `    ${text.trim()}`, `    ${mark}^`];
    }
  }
  return [];
}

export function shortened(text) {
  if (text.length <= MAX_CHARACTERS) return text;
  const half = MAX_CHARACTERS / 2;
  return `${text.slice(0, half)}\n  ... ${text.length - 2 * half} characters left out ...\n${text.slice(-half)}`;
}
