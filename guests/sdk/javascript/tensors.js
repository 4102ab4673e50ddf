// Values of one kind in row-major order, with a shape: what models of tensors take and give.
const KINDS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  boolean: Array,
  text: Array,
};
const ELEMENTS = Object.keys(KINDS);
// What their values are to the language; of all others whole numbers.
const TYPES = { float32: "number", float64: "number", boolean: "boolean", text: "string" };
// What a typed array of whole numbers of 16 bits is not, if nobody says so.
const HALVES = ["float16", "bfloat16"];
const MAX_LENGTH = 2 ** 32 - 1;

const sizeOf = (shape) => shape.reduce((product, length) => product * length, 1);
const isOf = (element, values) => ArrayBuffer.isView(values) && values instanceof KINDS[element];
const isRow = (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

// A tensor: `.element`, `.shape`, and `.values`, flat: a typed array, or an array of truth values or texts.
export class Tensor {
  // `values` may be any array of as many values as the shape has.
  constructor(element, shape, values) {
    if (!ELEMENTS.includes(element)) {
      throw new TypeError(`${String(element)} is no element of tensors; there are ${ELEMENTS.join(", ")}`);
    }
    this.element = element;
    this.shape = Array.from(shape);
    if (!this.shape.every((it) => Number.isInteger(it) && it >= 0 && it <= MAX_LENGTH)) {
      throw new RangeError(`[${this.shape.join(", ")}] is no shape`);
    }
    if (sizeOf(this.shape) !== values.length) {
      throw new RangeError(`a shape of [${this.shape.join(", ")}] has ${sizeOf(this.shape)} values, not ${values.length}`);
    }
    const rows = isRow(values) ? [values] : [Array.from(values)];
    this.values = isOf(element, values) ? values : filled("a tensor", element, rows, values.length);
  }

  get length() {
    return this.values.length;
  }

  // Arrays in arrays, one level for each dimension; the value itself where there is none.
  toList() {
    const all = typeof this.values[0] === "bigint" ? Array.from(this.values, whole) : Array.from(this.values);
    let rows = all;
    let count = all.length;
    for (let n = this.shape.length - 1; n > 0; n--) {
      const length = this.shape[n];
      count = length ? count / length : sizeOf(this.shape.slice(0, n));
      const inner = rows;
      rows = Array.from({ length: count }, (_, row) => inner.slice(row * length, (row + 1) * length));
    }
    return this.shape.length ? rows : rows[0];
  }

  // The value of a tensor that has one.
  item() {
    if (this.values.length !== 1) throw new RangeError(`the tensor has ${this.values.length} values`);
    return whole(this.values[0]);
  }

  toJSON() {
    return this.toList();
  }
}

// A number of 64 bits is a number as far as it fits into one. QuickJS errs where it compares large BigInts with numbers.
const [LOWEST, HIGHEST] = [BigInt(Number.MIN_SAFE_INTEGER), BigInt(Number.MAX_SAFE_INTEGER)];
const whole = (value) => (typeof value === "bigint" && value >= LOWEST && value <= HIGHEST ? Number(value) : value);

// The tensor of an array: a typed one says what it holds; of arrays in arrays that has to be known.
export function tensorOf(name, value, element) {
  if (ArrayBuffer.isView(value)) {
    const own = ELEMENTS.find((it) => isOf(it, value) && !HALVES.includes(it));
    if (own === undefined) throw new TypeError(`${name}: a ${value.constructor?.name} is no tensor`);
    return new Tensor(own, [value.length], value);
  }
  const shape = [];
  let rows = [[value]];
  while (rows.length && isRow(rows[0][0])) {
    rows = rows.flatMap((row) => Array.from(row));
    const { length } = rows[0];
    if (!rows.every((row) => isRow(row) && row.length === length)) throw new RangeError(`${name}: rows of different lengths`);
    shape.push(length);
  }
  return new Tensor(element, shape, filled(name, element, rows, sizeOf(shape)));
}

function filled(name, element, rows, count) {
  const made = new KINDS[element](count);
  const type = TYPES[element];
  let at = 0;
  for (const row of rows) {
    // What the language does by itself is a third of the price of a loop.
    if (isOf(element, row) || (type === "number" && row.every(Number.isFinite))) made.set(row, at);
    else if (type === undefined) putWhole(made, at, row, name, element);
    else {
      for (let n = 0; n < row.length; n++) {
        const value = row[n];
        if (typeof value !== type) throw unfit(name, element, value);
        made[at + n] = value;
      }
    }
    at += row.length;
  }
  return made;
}

// Whole numbers. What does not fit is cut to the bits that do, and so no longer itself.
function putWhole(made, at, row, name, element) {
  const isLong = element === "int64" || element === "uint64";
  for (let n = 0; n < row.length; n++) {
    const value = row[n];
    if (typeof value !== "number" && typeof value !== "bigint") throw unfit(name, element, value);
    const given = isLong ? long(value) : Number(value);
    made[at + n] = given;
    if (made[at + n] !== given) throw unfit(name, element, value);
  }
}

// A number with a fraction is nothing that there is: 2 ** 64 is no number of 64 bits.
const long = (value) => (typeof value === "bigint" || Number.isInteger(value) ? BigInt(value) : 2n ** 64n);

function unfit(name, element, value) {
  const isNumber = typeof value === "bigint" || Number.isInteger(value);
  const Wrong = isNumber && !(element in TYPES) ? RangeError : TypeError;
  return new Wrong(`${name}: ${typeof value} ${String(value)} where there must be ${element}`);
}
