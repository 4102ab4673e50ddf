// Asks models of each kind; what came out goes to the log, a line for each thing.
import { ask, chat, config, embeddings, Fault, log, models, on, sleep } from "wasm-agent";

const { Tensor } = models;
const json = (value) => JSON.stringify(value);

// What the last of these comes to: a fault by its code and detail, an error of the language by its name.
async function tried(work) {
  try {
    return await work();
  } catch (error) {
    return error instanceof Fault ? `${error.code} | ${error.detail}` : `${error.name}: ${error.message}`;
  }
}

on("elements", async () => {
  const given = {
    float: [1.5, -0, NaN, Infinity],
    double: Float64Array.of(0.1),
    float16: new Tensor("float16", [2], [0x3c00, 0xffff]),
    bfloat16: new Tensor("bfloat16", [1], Uint16Array.of(0x3f80)),
    int8: Int8Array.of(-128, 127),
    int16: [-32768, 32767],
    int32: Int32Array.of(-2147483648, 2147483647),
    int64: BigInt64Array.of(-(2n ** 63n), 7n),
    uint8: Uint8Array.of(0, 255),
    uint16: [0, 65535],
    uint32: new Uint32Array([1, 4294967295]).subarray(1),
    uint64: [2n ** 64n - 1n, 5],
    bool: [true, false],
    scalar: 2.5,
  };
  const found = await models.run("every", given);
  for (const [name, tensor] of Object.entries(found)) {
    const { element, shape, values } = tensor;
    log.info(name, element, shape, values.constructor.name, Array.from(values, String).join());
  }
  log.info("list", found.int64_out.toList(), found.scalar_out.item(), found.bool_out.length, json(found.int8_out));
});

on("mixed", async () => {
  const { inputs, outputs, portable, digest } = models.describe("mixed");
  log.info("takes", Object.keys(inputs), inputs.b, inputs.x.shape, Object.keys(outputs), portable, digest.length);
  const x = [Float32Array.of(1, 2), [3, 4], new Float64Array([5, 6])];
  const { same, no, sum } = await models.run("mixed", new Map([["words", ["é", ""]], ["yes", true], ["x", x]]));
  log.info("mixed", same.toList(), no.item(), sum.shape, sum.toList());
  const none = await models.run("mixed", { words: [], yes: false, x: new Tensor("float32", [0, 2], []), b: [0, 1] });
  log.info("none", json([none.same, none.no, none.sum]), none.sum.shape);
});

on("together", async () => {
  const row = (n) => [Array.from({ length: 64 }, () => n)];
  const asked = [1, 2, 3].map((n) => models.start("mlp", { x: row(n) }));
  const [texts, alone] = await Promise.all([embeddings.embed("texts", ["a cat", "the dog", "a cat"]), models.run("mlp", { x: row(2) })]);
  const all = await Promise.all(asked);
  log.info("together", all.map((it) => it.y.shape), json(all[1].y) === json(alone.y), json(all[0].y) !== json(alone.y));
  log.info("texts", texts.length, texts[0].constructor.name, texts[0].length, json([...texts[0]]) === json([...texts[2]]));
  log.info("vector", texts[0].join());
  log.info("sizes", embeddings.dimensions("texts"), await embeddings.embed("texts", []));
  log.info("echoed", (await ask("echo", "list", { vector: texts[1] })).json());
  const cancelled = models.start("mlp", { x: row(0) });
  cancelled.cancel();
  log.info("cancelled", await tried(() => cancelled));
});

on("refused", async () => {
  const x = [[1, 2]];
  const calls = [
    () => models.run("mlp", { x }),
    () => models.run("mlp", { x: new Tensor("int32", [1, 2], [1, 2]) }),
    () => models.run("mlp", { z: Float32Array.of(1) }),
    () => models.run("every", { float: [1] }),
    () => models.run("gather", { i: [9] }),
    () => models.start("gather", { i: [9] }),
    () => models.start("mlp", { x }),
    () => models.run("texts", { x: Float32Array.of(1) }),
    () => models.describe("nobody"),
    () => embeddings.embed("mlp", ["x"]),
    () => embeddings.dimensions("nobody"),
    () => chat.complete("nobody", [chat.user("x")]),
    () => chat.complete("writer", [chat.system("x")]),
    () => chat.complete("writer", [chat.user("x")], { schema: { pattern: "x" } }),
    () => chat.complete("writer", [chat.user("slow")]),
    () => chat.complete("writer", [chat.user("Is it so?")], { schema: { type: "object" } }),
  ];
  for (const call of calls) log.info("refused", (await tried(call)) ?? "not at all");
  log.info("goes on", (await models.run("mlp", { x: new Tensor("float32", [1, 64], new Float32Array(64)) })).y.toList()[0][0]);
});

on("wrong", async () => {
  const calls = [
    () => models.run("mlp", { z: [1] }),
    () => models.run("mlp", { x: [[1], [2, 3]] }),
    () => models.run("mlp", { x: [["1"]] }),
    () => models.run("mixed", { words: [1] }),
    () => models.run("every", { int8: [128] }),
    () => models.run("every", { int64: [2n ** 63n] }),
    () => models.run("every", { uint16: [0.5] }),
    () => models.run("every", { bool: [1] }),
    () => models.run("mlp", { x: new Uint8ClampedArray(1) }),
    () => new Tensor("float33", [], [1]),
    () => new Tensor("float32", [2, 2], [1, 2, 3]),
    () => new Tensor("float32", [-1], []),
    () => new Tensor("float32", [2], [1, 2]).item(),
    () => models.run("mlp", { x: [1] }, { timeout: -1 }),
    () => embeddings.embed("texts", [1]),
    () => embeddings.embed("texts", ["\ud800"]),
    () => chat.complete("writer", [{ role: "nobody", content: "x" }]),
    () => chat.complete("writer", [chat.user(1)]),
    () => chat.complete("writer", [chat.user("x")], { top_p: 1 }),
    () => chat.complete("writer", [chat.user("x")], { temperature: "hot" }),
    () => chat.complete("writer", [chat.user("x")], { most: 2 ** 32 }),
    () => chat.complete("writer", [chat.user("x")], { seed: -1n }),
    () => chat.complete("writer", [chat.user("x")], { stop: [1] }),
    () => chat.complete("writer", [chat.user("x")], { choice: 3 }),
  ];
  for (const call of calls) log.info("wrong", (await tried(call)) ?? "not at all");
});

on("question", async (message) => {
  const look = chat.toolSpec("look", "What the weather is like.", { type: "object" });
  const turns = [chat.system("You know the weather."), chat.user(message.text)];
  let answer = await chat.complete("writer", turns, { tools: [look] });
  while (answer.calls.length) {
    log.info("called", answer.calls[0].id, answer.calls[0].name, answer.calls[0].json(), answer.finish);
    turns.push(answer.turn(), ...answer.calls.map((it) => chat.tool(it.id, { rain: true })));
    answer = await chat.complete("writer", turns, { tools: [look] });
  }
  log.info("answered", answer.content === answer.text, answer.text, answer.finish, answer.usage);
});

on("options", async () => {
  const given = {
    tools: [{ name: "look" }, chat.toolSpec("find", "Finds.", '{"type":"object"}')],
    choice: "find",
    schema: { type: "object", required: ["ok"] },
    most: 99,
    temperature: 0.1,
    topP: 0.7,
    topK: 5,
    seed: 2n ** 64n - 1n,
    stop: new Set(["END", "\n"]),
    timeout: 1500,
  };
  const answer = await chat.complete("writer", [chat.user("Is it?"), chat.assistant("What?"), { role: "user", content: "that" }], given);
  log.info("options", answer.json(), chat.describe("writer"));
  const seeds = [7, undefined, null].map((seed) => chat.complete("writer", [chat.user("seed")], { seed, temperature: 0 }));
  log.info("seeds", (await Promise.all(seeds)).map((it) => it.content));
  let ticks = 0;
  await Promise.all([chat.complete("writer", [chat.user("x")]), sleep(5).then(() => (ticks += 1))]);
  log.info("beside", ticks, config().kind);
});
