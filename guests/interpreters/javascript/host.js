// The host's functions by interface: `host["agent/messaging"].send(...)`.
import { IMPORTS } from "interpreter/contract.js";
import { bind } from "interpreter/marshal.js";

export const host = Object.create(null);
for (const [name, functions] of Object.entries(IMPORTS)) {
  host[name] = Object.create(null);
  for (const [known, description] of Object.entries(functions)) host[name][known] = bind(description);
}
