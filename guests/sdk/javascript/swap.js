// Lets kinds of agents run something else: the alternatives that the manifest names for them.
import { host } from "interpreter/host.js";

const swaps = host["swap/swap"];

// From the next step on agents of a kind run an alternative, or "source"; answers how many go over at once. What ran
// before comes back if a message fails before `keepOld` went well; 0: never.
export const to = (kind, name, { keepOld } = {}) => swaps.swap(kind, name, keepOld);

// What agents of a kind run: `{name, digest, onTrial}`; no name where the operator swapped in something else.
export const running = (kind) => swaps.running(kind);
