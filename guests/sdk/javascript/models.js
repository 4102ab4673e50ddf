// Models of tensors: those that the manifest grants compute on the machine of the world.
//
//   const { scores } = await models.run("classifier", { x: [[0.5, 1.5]] });
//   log.info(scores.toList());
import { host } from "interpreter/host.js";
import { awaited } from "wasm-agent/loop.js";
import { Tensor, tensorOf } from "wasm-agent/tensors.js";
import { optionalSpan } from "wasm-agent/values.js";

export { Tensor } from "wasm-agent/tensors.js";

const asked = host["inference/models"];

// What a model takes and gives: `{digest, portable, inputs, outputs}`, the last two by name.
export function describe(model) {
  const told = asked.describe(model);
  return { ...told, inputs: byName(told.inputs), outputs: byName(told.outputs) };
}

// Has a model compute; a promise of what it gives, tensors by name. An input is a `Tensor`, a typed array, or arrays
// in arrays, one level for each dimension, of what the model takes there. A small model answers at once; while a larger
// one computes, the agent waits in the call.
export async function run(model, inputs, { timeout } = {}) {
  return byName(asked.run(model, tensorsOf(model, inputs), optionalSpan(timeout)), tensorFrom);
}

// The same, and the agent goes on: for several at once, each of which takes a step. It can be cancelled.
export function start(model, inputs, { timeout } = {}) {
  const number = asked.start(model, tensorsOf(model, inputs), optionalSpan(timeout));
  return awaited(number, (it) => byName(asked.take(it), tensorFrom));
}

// Names that models have for things are no names of the language's: there is nothing else in the object.
function byName(rows, made = (it) => it) {
  const found = Object.create(null);
  for (const row of rows) found[row.name] = made(row);
  return found;
}

const tensorFrom = ({ shape, data }) => new Tensor(data.tag, shape, data.val);

function tensorsOf(model, inputs) {
  const entries = inputs instanceof Map ? [...inputs] : Object.entries(inputs);
  const saysIt = (value) => value instanceof Tensor || ArrayBuffer.isView(value);
  const slots = entries.every(([, value]) => saysIt(value)) ? {} : describe(model).inputs;
  return entries.map(([name, value]) => {
    if (!saysIt(value) && !(name in slots)) {
      throw new TypeError(`the model has no input ${name}; there are ${Object.keys(slots).join(", ")}`);
    }
    const tensor = value instanceof Tensor ? value : tensorOf(name, value, slots[name]?.element);
    return { name, shape: tensor.shape, data: { tag: tensor.element, val: tensor.values } };
  });
}
