// One handler for each thing that an agent may do; what came out goes to the log.
import {
  Fault, ask, askAll, availableTools, cancel, config, context, fetch, files, flow, human, log, now, on,
  publish, replyTo, schedule, secret, send, sleep, spawn, sql, state, stop, swap, watch,
} from "wasm-agent";

let loaded = 0;
loaded += 1;

function inner(list) {
  return list[0].text;
}

on("raise", () => {
  return inner([]);
});

on("refuse", () => {
  throw new Fault("my-code", "my detail");
});

on("cause", () => {
  throw new Error("outer", { cause: new TypeError("within") });
});

on("reject", async () => {
  await sleep(1);
  throw new RangeError("later");
});

on("float", () => {
  Promise.reject(new Error("nobody looked"));
});

on("stuck", () => new Promise(() => {}));

on("odd", () => {
  throw "only text \ud800";
});

on("identity", (message) => {
  log.info(context.address, context.world, config().who, message.sender, message.text);
});

on("clock", async () => {
  const readings = [now(), new Date(), new Date(Date.now())];
  log.info(readings.map((it) => it.toISOString().slice(0, 16)).join(" "));
  log.info(String(new Date(2025, 5, 1)), new Date().getTimezoneOffset());
  const before = performance.now();
  await sleep(3_600_000);
  log.info(Math.round((performance.now() - before) / 60_000), "minutes");
});

on("entropy", () => {
  const drawn = Array.from({ length: 1000 }, Math.random);
  const mean = drawn.reduce((sum, it) => sum + it) / drawn.length;
  log.info("drawn", drawn[0], drawn[1], crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(4))].join("."));
  log.info("spread", Math.min(...drawn) >= 0 && Math.max(...drawn) < 1 && mean > 0.45 && mean < 0.55);
});

on("ask", async () => {
  log.info((await ask("partner", "echo", { a: [1] })).json());
  log.info((await askAll(["partner", "partner"], "echo", "both")).map((it) => it.text));
  log.info((await ask("partner", "echo", Uint8Array.of(0, 255), { headers: { as: "bytes" } })).bytes);
  for (const topic of ["silent", "later"]) {
    try {
      await ask("partner", topic, "", { timeout: 5_000 });
    } catch (fault) {
      log.info(fault instanceof Fault, fault.code);
    }
  }
  const request = ask("partner", "later");
  request.cancel();
  log.info(await request.catch((fault) => fault.code));
});

on("defer", async () => {
  const request = ask("partner", "later");
  send("partner", "now");
  log.info((await request).text);
});

on("timers", async () => {
  const order = [];
  setTimeout((text) => order.push(text), 30, "third");
  setTimeout(() => order.push("first"), 10);
  const dropped = setTimeout(() => order.push("never"), 5);
  clearTimeout(dropped);
  const every = setInterval(() => order.push("tick") > 20 && clearInterval(every), 12);
  queueMicrotask(() => order.push("at once"));
  await sleep(40);
  clearInterval(every);
  log.info(order.join());
});

on("remember", () => {
  state.set("count", state.get("count", 0) + 1);
  state.set("bytes", Uint8Array.of(0));
  state.setText("plain", "no quotes");
  state.set("set", new Set([1, 2]));
  log.info(state.get("count"), state.get("bytes"), state.keys(), state.getText("plain"), state.get("set"));
  log.info(state.has("nothing"), state.get("nothing", "otherwise"), state.getText("count"));
  state.delete("plain");
  log.info(state.has("plain"), `loaded ${loaded}`);
  loaded += 1;
});

on("later", () => {
  const called = schedule(1_000, "alarm", "never");
  schedule(2_000, "alarm", "rings");
  log.info(cancel(called), cancel(called));
  publish("news", "to all");
});

on("alarm", (message) => log.info(message.text, message.sender));

on("kin", () => {
  const child = spawn("child", "one", { colour: "red" });
  watch(child);
  send(child, "hello");
  stop(child);
  log.info(child);
});

on("exit", (message) => log.info("gone", message.json().agent));

on("console", () => {
  console.log("one line,", "é", { a: [1, "x"], b: null }, new Map([["k", 1]]), 10n, undefined);
  console.warn("careful");
  console.error(new TypeError("told").message);
  const ring = {};
  ring.self = ring;
  console.log(ring);
});

on("text", () => {
  const bytes = new TextEncoder().encode("é€😀");
  log.info(bytes.length, new TextDecoder().decode(bytes), btoa("x"), structuredCloneIsThere());
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.of(255));
  } catch (error) {
    log.info(error.name, new TextDecoder().decode(Uint8Array.of(65, 255)));
  }
  try {
    send("partner", "echo", "half \ud800");
  } catch (error) {
    log.info(error.name, error.message);
  }
});

const structuredCloneIsThere = () => typeof structuredClone;

on("numbers", () => {
  const wrong = [() => schedule(-1, "x"), () => schedule(NaN, "x"), () => send(1, "x"), () => replyTo("y", 1)];
  for (const call of wrong) {
    try {
      call();
      log.info("no error");
    } catch (error) {
      log.info(error.name);
    }
  }
});

on("walls", () => {
  log.info(files.list("/agent"), files.readText("/agent/scenario.js").length > 1000);
  for (const path of ["/etc/passwd", "/proc", "/agent/nothing"]) {
    try {
      files.readBytes(path);
    } catch (fault) {
      log.info(path, fault.code);
    }
  }
  const names = ["require", "process", "fetch", "XMLHttpRequest", "WebSocket", "Worker", "std", "os", "__host"];
  log.info(names.filter((name) => name in globalThis));
  return import("interpreter/host.js").catch((error) => log.info(error.name));
});

on("database", () => {
  const books = sql.open("books");
  log.info(books.execute("INSERT INTO t(a, b) VALUES (?, ?)", 1, Uint8Array.of(1, 255)));
  books.execute("INSERT INTO t(a, b) VALUES (?, ?)", 2.5, "é");
  log.info(books.query("SELECT a, b FROM t ORDER BY a"), books.query("SELECT a FROM t").columns);
  log.info(books.batch(["DELETE FROM t WHERE a = ?", 1], ["SELECT a FROM t"]), books.first("SELECT b FROM t"));
  try {
    books.query("DROP TABLE t");
  } catch (fault) {
    log.info(fault.code);
  }
});

on("swap", () => {
  log.info("over", swap.to("child", "next"), swap.running("child").name, swap.running("child").onTrial);
  log.info("over", swap.to("child", "source", { keepOld: 0 }), swap.running("child").name);
  try {
    swap.to("child", "source");
  } catch (fault) {
    log.info(fault.code);
  }
});

on("ungranted", async () => {
  const calls = [
    () => fetch("https://example.com/", { method: "post", body: { a: 1 } }),
    () => human.ask("owner", "why?", { choices: ["a", "b"] }),
    () => human.approve("owner", "do it?", { details: { x: 1 } }),
    () => secret("key"),
    () => flow.declassify("private"),
    () => swap.to("partner", "source"),
  ];
  for (const call of calls) {
    try {
      await call();
    } catch (fault) {
      log.info("refused", fault.code);
    }
  }
  log.info("known", flow.labels(), availableTools());
});
