// Asks databases of the world in SQL, as far as the manifest lets the agent.
import { host } from "interpreter/host.js";
import { isBytes, bytesOf, toJson } from "wasm-agent/values.js";

const asked = host["sql/sql"];

// A value as the host's JSON has it.
function written(value) {
  if (isBytes(value)) return { hex: Array.from(bytesOf(value), (it) => it.toString(16).padStart(2, "0")).join("") };
  if (value === Infinity || value === -Infinity) return { real: value > 0 ? "inf" : "-inf" };
  if (typeof value === "bigint") return JSON.rawJSON ? JSON.rawJSON(`${value}`) : Number(value);
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
  throw new TypeError(`a value of type ${typeof value} is no value of SQL; give text, a number, bytes or null`);
}

function read(value) {
  if (value === null || typeof value !== "object") return value;
  if ("hex" in value) return Uint8Array.from(value.hex.match(/../g) ?? [], (it) => parseInt(it, 16));
  return value.real === "inf" ? Infinity : -Infinity;
}

// Rows as objects by the names of their columns; `.columns` lists those.
function rowsOf({ columns, rows }) {
  const made = rows.map((row) => {
    const found = {};
    columns.forEach((name, n) => (found[name] = read(row[n])));
    return found;
  });
  made.columns = columns;
  return made;
}

class Database {
  constructor(name) {
    this.name = name;
  }

  // Executes a statement; answers its rows. What goes into each `?` follows it.
  query(statement, ...parameters) {
    return rowsOf(JSON.parse(asked.query(this.name, statement, toJson(parameters.map(written)))));
  }

  // The first row of `query`, or null.
  first(statement, ...parameters) {
    return this.query(statement, ...parameters)[0] ?? null;
  }

  // Executes a statement; answers how many rows it inserted, updated or deleted.
  execute(statement, ...parameters) {
    return Number(asked.execute(this.name, statement, toJson(parameters.map(written))));
  }

  // Several statements, each `[statement, ...parameters]`, in one transaction: all of them, or none.
  batch(...statements) {
    const given = statements.map(([statement, ...parameters]) => [statement, parameters.map(written)]);
    return JSON.parse(asked.batch(this.name, toJson(given))).map((done) => ({
      rows: rowsOf(done),
      changed: done.changed,
    }));
  }
}

// A database of the world. Nothing is asked yet.
export const open = (name) => new Database(name);
