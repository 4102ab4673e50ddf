// Keeps what agents share: buckets of keys and values, of those that the manifest grants.
import { host } from "interpreter/host.js";
import { decode, encode } from "interpreter/marshal.js";
import { bytesOf, isBytes, toJson } from "wasm-agent/values.js";

const [store, atomics, batch] = ["keyvalue/store", "keyvalue/atomics", "keyvalue/batch"].map((name) => host[name]);
const BATCH = 1000;
const handles = new Map();

const data = (value) => (isBytes(value) ? bytesOf(value) : encode(toJson(value)));

// What others wrote and is no JSON comes as bytes.
function value(found) {
  try {
    return JSON.parse(decode(found, true));
  } catch {
    return found;
  }
}

function* pieces(items) {
  for (let begin = 0; begin < items.length; begin += BATCH) yield items.slice(begin, begin + BATCH);
}

// A bucket, shared with other agents. What is read is as it was when the step began.
class Bucket {
  #handle;

  constructor(name, handle) {
    this.name = name;
    this.#handle = handle;
  }

  get(key, otherwise = undefined) {
    const found = this.getBytes(key);
    return found === undefined ? otherwise : value(found);
  }

  getBytes(key) {
    return store["bucket.get"](this.#handle, key) ?? undefined;
  }

  set(key, given) {
    store["bucket.set"](this.#handle, key, data(given));
  }

  has(key) {
    return store["bucket.exists"](this.#handle, key);
  }

  delete(key) {
    store["bucket.delete"](this.#handle, key);
  }

  // All keys, a page at a time.
  *keys() {
    let cursor = null;
    do {
      const page = store["bucket.listKeys"](this.#handle, cursor);
      yield* page.keys;
      cursor = page.cursor;
    } while (cursor !== null);
  }

  // The values of those keys that are there, as a Map.
  getMany(keys) {
    const found = new Map();
    for (const some of pieces([...keys])) {
      for (const pair of batch.getMany(this.#handle, some)) if (pair !== null) found.set(pair[0], value(pair[1]));
    }
    return found;
  }

  // Puts many values at once, from a Map or an object.
  setMany(given) {
    const entries = given instanceof Map ? [...given] : Object.entries(given);
    for (const some of pieces(entries)) batch.setMany(this.#handle, some.map(([key, it]) => [key, data(it)]));
  }

  deleteMany(keys) {
    for (const some of pieces([...keys])) batch.deleteMany(this.#handle, some);
  }

  // Adds to the number under a key (0 where there is none); answers the sum.
  increment(key, delta = 1) {
    return Number(atomics.increment(this.#handle, key, BigInt.asIntN(64, BigInt(delta))));
  }

  // Puts `change(value)` in the place of a value (undefined where there is none); answers what was put.
  // Where somebody else changed it meanwhile, `change` is called again with what is there then.
  change(key, change) {
    let cas = atomics["cas.new"](this.#handle, key);
    for (;;) {
      const found = atomics["cas.current"](cas);
      const wanted = change(found === null ? undefined : value(found));
      try {
        atomics.swap(cas, data(wanted));
        return wanted;
      } catch (fault) {
        if (fault.handle === undefined) throw fault;
        cas = fault.handle;
      }
    }
  }
}

// The bucket of that name.
export function open(name) {
  if (!handles.has(name)) handles.set(name, store.open(name));
  return new Bucket(name, handles.get(name));
}
