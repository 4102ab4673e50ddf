// Files that the agent can see: its own in /agent, and the folders that the manifest mounts.
import { host } from "interpreter/host.js";
import { decode } from "interpreter/marshal.js";
import { Fault } from "wasm-agent/faults.js";

const files = host["filesystem/types"];
const PIECE = 1n << 18n;

function opened(path, flags) {
  const [[root]] = host["filesystem/preopens"].getDirectories();
  try {
    const place = `${path}`.replace(/^\/+/, "") || ".";
    return files["descriptor.openAt"](root, ["symlink-follow"], place, flags, ["read"]);
  } catch (error) {
    throw told(error, path);
  } finally {
    files["descriptor.drop"](root);
  }
}

function told(error, path) {
  const why = typeof error.reason === "string" ? error.reason : "failed";
  return new Fault(why, `${path} cannot be read`);
}

// The bytes of a file.
export function readBytes(path) {
  const file = opened(path, []);
  const pieces = [];
  let at = 0n;
  try {
    for (let end = false; !end; ) {
      const [piece, last] = files["descriptor.read"](file, PIECE, at);
      pieces.push(piece);
      at += BigInt(piece.length);
      end = last || piece.length === 0;
    }
  } catch (error) {
    throw told(error, path);
  } finally {
    files["descriptor.drop"](file);
  }
  const whole = new Uint8Array(Number(at));
  let begin = 0;
  for (const piece of pieces) {
    whole.set(piece, begin);
    begin += piece.length;
  }
  return whole;
}

// The text of a file in UTF-8.
export const readText = (path) => decode(readBytes(path), true);

// The names in a folder, in the order of their bytes.
export function list(path) {
  const folder = opened(path, ["directory"]);
  const names = [];
  try {
    const stream = files["descriptor.readDirectory"](folder);
    for (;;) {
      const entry = files["directoryEntryStream.readDirectoryEntry"](stream);
      if (entry === null) break;
      names.push(entry.name);
    }
    files["directoryEntryStream.drop"](stream);
  } catch (error) {
    throw told(error, path);
  } finally {
    files["descriptor.drop"](folder);
  }
  return names;
}
