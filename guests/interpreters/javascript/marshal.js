// Values of WIT laid out as the canonical ABI has them: what goes into the host's functions, and what
// comes out. A shape is what is known of a type:
//
//   places  how many there are of it where it is passed piece by piece: places of 8 bytes in the block
//   size, align   of it in memory
//   lower(place, value), lift(place)   to and from places of the block
//   store(view, at, base, value), load(view, at)   to and from memory; the view begins at address base
import { TYPES } from "interpreter/contract.js";
import { refusal } from "wasm-agent/faults.js";

const host = globalThis.__host;
delete globalThis.__host;
const { invoke, text, bytes, view, utf8, bytesOf, freeUtf8, allocate, free, block } = host;
export const { own, rejections, job, evaluate } = host;

const SLOT = 8;
const MOST_PLACES = 16;
const RESULT = 512;
const EMPTY = new Uint8Array(0);
const area = new DataView(view(block, 1024));
let texts = [];
let blocks = [];
let kept = [];

// Scripts may replace what belongs to everybody: what runs after them (all but what is done once) takes
// neither iterators nor methods of arrays from them.

// What was lowered for a call, and is not needed after it.
function release() {
  for (let n = 0; n < texts.length; n++) freeUtf8(texts[n]);
  for (let n = 0; n < blocks.length; n++) free(blocks[n]);
  if (texts.length) texts = [];
  if (blocks.length) blocks = [];
  if (kept.length) kept = [];
}

const up = (at, align) => Math.ceil(at / align) * align;

// A number that is passed as it lies in memory.
function plain(size, get, put) {
  return {
    places: 1,
    size,
    align: size,
    load: get,
    store: (into, at, base, value) => put(into, at, value),
    lift: (place) => get(area, place * SLOT),
    lower: (place, value) => put(area, place * SLOT, value),
  };
}

// One that is passed as a whole number of 32 bits, whatever it takes in memory.
const small = (size, get, put) => ({
  ...plain(size, get, put),
  lower: (place, value) => area.setInt32(place * SLOT, Number(value), true),
});

const PLAIN = {
  bool: small(1, (from, at) => from.getUint8(at) !== 0, (into, at, it) => into.setUint8(at, it ? 1 : 0)),
  u8: small(1, (from, at) => from.getUint8(at), (into, at, it) => into.setUint8(at, it)),
  s8: small(1, (from, at) => from.getInt8(at), (into, at, it) => into.setInt8(at, it)),
  u16: small(2, (from, at) => from.getUint16(at, true), (into, at, it) => into.setUint16(at, it, true)),
  s16: small(2, (from, at) => from.getInt16(at, true), (into, at, it) => into.setInt16(at, it, true)),
  u32: small(4, (from, at) => from.getUint32(at, true), (into, at, it) => into.setUint32(at, it, true)),
  s32: small(4, (from, at) => from.getInt32(at, true), (into, at, it) => into.setInt32(at, it, true)),
  u64: plain(8, (from, at) => from.getBigUint64(at, true), (into, at, it) => into.setBigUint64(at, it, true)),
  s64: plain(8, (from, at) => from.getBigInt64(at, true), (into, at, it) => into.setBigInt64(at, it, true)),
  f32: plain(4, (from, at) => from.getFloat32(at, true), (into, at, it) => into.setFloat32(at, it, true)),
  f64: plain(8, (from, at) => from.getFloat64(at, true), (into, at, it) => into.setFloat64(at, it, true)),
};
PLAIN.handle = PLAIN.u32;

// Something whose address and size are passed, and which `take` and `give` bring over.
function pointed(give, take) {
  return {
    places: 2,
    size: 8,
    align: 4,
    load: (from, at) => take(from.getUint32(at, true), from.getUint32(at + 4, true)),
    store: (into, at, base, value) => give(value, base + at, base + at + 4),
    lift: (place) => take(area.getUint32(place * SLOT, true), area.getUint32((place + 1) * SLOT, true)),
    lower: (place, value) => give(value, block + place * SLOT, block + (place + 1) * SLOT),
  };
}

const isWhole = Function.prototype.call.bind(String.prototype.isWellFormed);

// Half of a surrogate pair is nothing that UTF-8 can express, and the host would end the instance.
function checked(value) {
  if (typeof value !== "string") throw new TypeError(`${typeof value} where there must be text`);
  if (!isWhole(value)) throw new TypeError("text with half of a surrogate pair, which is not Unicode");
  return value;
}

PLAIN.string = pointed(
  (value, at, size) => {
    texts[texts.length] = utf8(checked(value), at, size);
  },
  (at, size) => {
    if (size === 0) return "";
    const taken = text(at, size);
    free(at);
    return taken;
  },
);

const BYTES = pointed(
  (value, at, size) => {
    kept[kept.length] = value;
    bytesOf(value, at, size);
  },
  (at, size) => {
    if (size === 0) return EMPTY.slice();
    const taken = bytes(at, size);
    free(at);
    return taken;
  },
);

// Lists of numbers are typed arrays, which cross as the bytes that they are; any other array is made one.
const ARRAYS = {
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

function filled(Kind, values) {
  const made = new Kind(values.length);
  for (let n = 0; n < made.length; n++) made[n] = values[n];
  return made;
}

const numbers = (Kind) =>
  pointed(
    (values, at, size) => {
      const given = values instanceof Kind ? values : filled(Kind, values);
      const whole = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
      kept[kept.length] = whole;
      bytesOf(whole, at, size);
      // As many as there are bytes of, whatever the script made of its length.
      const count = new DataView(view(size, 4));
      count.setUint32(0, count.getUint32(0, true) / Kind.BYTES_PER_ELEMENT, true);
    },
    (at, count) => {
      if (count === 0) return new Kind(0);
      const taken = bytes(at, count * Kind.BYTES_PER_ELEMENT);
      free(at);
      return new Kind(taken.buffer);
    },
  );

function list(inner) {
  const step = up(inner.size, inner.align);
  return pointed(
    (values, at, size) => {
      const space = allocate(values.length * step + 8);
      blocks[blocks.length] = space;
      if (values.length) {
        const into = new DataView(view(space, values.length * step));
        for (let n = 0; n < values.length; n++) inner.store(into, n * step, space, values[n]);
      }
      const places = new DataView(view(at, 4));
      places.setUint32(0, space, true);
      new DataView(view(size, 4)).setUint32(0, values.length, true);
    },
    (at, count) => {
      if (count === 0) return [];
      const from = new DataView(view(at, count * step));
      const values = [];
      for (let n = 0; n < count; n++) values[n] = inner.load(from, n * step);
      free(at);
      return values;
    },
  );
}

// Several values one after another; `apart` and `together` make a JavaScript value of them.
function row(inner, apart, together) {
  let size = 0;
  let align = 1;
  const offsets = inner.map((it) => {
    const at = up(size, it.align);
    size = at + it.size;
    align = Math.max(align, it.align);
    return at;
  });
  let places = 0;
  const begins = inner.map((it) => {
    const at = places;
    places += it.places;
    return at;
  });
  return {
    places,
    size: up(size, align),
    align,
    load(from, at) {
      const values = [];
      for (let n = 0; n < inner.length; n++) values[n] = inner[n].load(from, at + offsets[n]);
      return together(values);
    },
    store(into, at, base, value) {
      const values = apart(value);
      for (let n = 0; n < inner.length; n++) inner[n].store(into, at + offsets[n], base, values[n]);
    },
    lift(place) {
      const values = [];
      for (let n = 0; n < inner.length; n++) values[n] = inner[n].lift(place + begins[n]);
      return together(values);
    },
    lower(place, value) {
      const values = apart(value);
      for (let n = 0; n < inner.length; n++) inner[n].lower(place + begins[n], values[n]);
    },
  };
}

// One of several cases, each with a value or none; `which` says which, `made` makes the value.
function choice(cases, which, payload, made) {
  const inner = cases.filter((it) => it !== null);
  const align = Math.max(1, ...inner.map((it) => it.align));
  const offset = up(1, align);
  const places = 1 + Math.max(0, ...inner.map((it) => it.places));
  return {
    places,
    align,
    size: up(offset + Math.max(0, ...inner.map((it) => it.size)), align),
    load(from, at) {
      const number = from.getUint8(at);
      return made(number, cases[number] && cases[number].load(from, at + offset));
    },
    store(into, at, base, value) {
      const number = which(value);
      into.setUint8(at, number);
      if (cases[number]) cases[number].store(into, at + offset, base, payload(value));
    },
    lift(place) {
      const number = area.getUint32(place * SLOT, true);
      return made(number, cases[number] && cases[number].lift(place + 1));
    },
    lower(place, value) {
      const number = which(value);
      area.setInt32(place * SLOT, number, true);
      // What a case needs less than another, of places or of their bits, is zero.
      for (let n = 1; n < places; n++) area.setBigUint64((place + n) * SLOT, 0n, true);
      if (cases[number]) cases[number].lower(place + 1, payload(value));
    },
  };
}

function named(names, which, made) {
  const inner = names.length > 8 ? PLAIN.u16 : PLAIN.u8;
  const small = { ...inner, align: inner.size };
  return {
    ...small,
    load: (from, at) => made(inner.load(from, at)),
    store: (into, at, base, value) => inner.store(into, at, base, which(value)),
    lift: (place) => made(area.getUint32(place * SLOT, true)),
    lower: (place, value) => inner.lower(place, which(value)),
  };
}

// The place of a name among those that there are: of another the host would end the instance.
function placeOf(names, name) {
  const found = names.indexOf(name);
  if (found < 0) throw new TypeError(`${String(name)} is none of ${names.join(", ")}`);
  return found;
}

// A type is known by its number, or by the word for it.
const shape = (type) => (typeof type === "string" ? PLAIN[type] : shapes[type]);

const optional = (type) => (type === null ? null : shape(type));

const FORMS = {
  list(inner) {
    if (inner === "u8") return BYTES;
    return ARRAYS[inner] ? numbers(ARRAYS[inner]) : list(shape(inner));
  },
  option: (inner) =>
    choice([null, shape(inner)], (it) => (it === null || it === undefined ? 0 : 1), (it) => it,
      (number, value) => (number ? value : null)),
  result: (ok, error) =>
    choice([optional(ok), optional(error)], (it) => (it.ok ? 0 : 1), (it) => it.value,
      (number, value) => ({ ok: number === 0, value })),
  tuple: (...inner) => row(inner.map(shape), (it) => it, (it) => it),
  record(fields) {
    const names = fields.map(([name]) => name);
    const apart = (value) => {
      const values = [];
      for (let n = 0; n < names.length; n++) values[n] = value[names[n]];
      return values;
    };
    const together = (values) => {
      const made = {};
      for (let n = 0; n < names.length; n++) made[names[n]] = values[n];
      return made;
    };
    return row(fields.map(([, inner]) => shape(inner)), apart, together);
  },
  variant(cases) {
    const names = cases.map(([name]) => name);
    return choice(cases.map(([, inner]) => optional(inner)), (it) => placeOf(names, it.tag),
      (it) => it.val, (number, val) => ({ tag: names[number], val }));
  },
  enum: (names) => named([], (it) => placeOf(names, it), (number) => names[number]),
  flags: (names) =>
    named(names, (given) => given.reduce((all, it) => all | (1 << placeOf(names, it)), 0),
      (number) => names.filter((_, n) => number & (1 << n))),
};

const shapes = [];
for (const [form, ...inner] of TYPES) shapes.push(FORMS[form](...inner));

// Parameters are passed piece by piece; where that would be too many, together, at one address.
function lowering(all) {
  if (all.places <= MOST_PLACES) return (values) => all.lower(0, values);
  return (values) => {
    const at = allocate(all.size);
    blocks[blocks.length] = at;
    all.store(new DataView(view(at, all.size)), 0, at, values);
    area.setUint32(0, at, true);
  };
}

// A function of the host: takes what its parameters are, answers its result or throws a refusal.
export function bind([number, parameters, result]) {
  const lower = lowering(shape(parameters));
  const out = optional(result);
  const refuses = typeof result === "number" && TYPES[result][0] === "result";
  return (...values) => {
    try {
      lower(values);
      invoke(number);
    } finally {
      release();
    }
    if (out === null) return undefined;
    const found = out.places > 1 ? out.load(area, RESULT) : out.lift(0);
    if (!refuses) return found;
    if (!found.ok) throw refusal(found.value);
    return found.value;
  };
}

// What an exported function was given.
export function given([parameters]) {
  const all = shape(parameters);
  if (all.places <= MOST_PLACES) return () => all.lift(0);
  return () => {
    const at = area.getUint32(0, true);
    const values = all.load(new DataView(view(at, all.size)), 0);
    free(at);
    return values;
  };
}

// Where an exported function leaves its result.
export function answer([, result]) {
  const out = shape(result);
  return (value) => {
    release();
    out.store(area, RESULT, block, value);
  };
}

const SPARE = 496;

// Text as bytes.
export function encode(value) {
  const at = utf8(checked(value), block + SPARE, block + SPARE + 4);
  const made = bytes(at, area.getUint32(SPARE + 4, true));
  freeUtf8(at);
  return made;
}

// Bytes as text; what is no UTF-8 becomes U+FFFD, or is refused.
export function decode(data, fatal) {
  const whole = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  if (whole.length === 0) return "";
  bytesOf(whole, block + SPARE, block + SPARE + 4);
  const made = text(area.getUint32(SPARE, true), whole.length);
  if (fatal) {
    const again = encode(made);
    if (again.length !== whole.length || again.some((it, n) => it !== whole[n])) {
      throw new TypeError("these bytes are not UTF-8");
    }
  }
  return made;
}
