// The first script: a function that is called with what `engine.wat` offers, and answers what it needs.
(function (invoke, text, bytes, view, utf8, bytesOf, freeUtf8, allocate, free, job, script, evaluate, block, directory) {
  "use strict";
  const places = new Map(Object.entries(JSON.parse(directory)));
  const rejections = new Map();
  const own = { name: null, source: null };
  let app = null;

  // A module of ours may import any other of ours; the agent's has the SDK, and nothing else.
  function normalize(base, name) {
    const fromAgent = base === own.name;
    if (name === "wasm-agent") return "wasm-agent/index.js";
    if (!fromAgent && name.startsWith("./")) return base.slice(0, base.lastIndexOf("/") + 1) + name.slice(2);
    if (!fromAgent && (places.has(name) || name === own.name)) return name;
    throw new ReferenceError(
      `cannot import '${name}': what runs here is one file, and has the module 'wasm-agent'; ` +
        "bundle what else it needs into it (docs/javascript-agents.md)",
    );
  }

  function load(name) {
    if (name === own.name) return own.source;
    return script(...places.get(name));
  }

  function begin() {
    globalThis.__host = {
      invoke, text, bytes, view, utf8, bytesOf, freeUtf8, allocate, free, job, evaluate, block, own, rejections,
    };
    let failure = null;
    import("interpreter/app.js").then((found) => (app = found), (error) => (failure = error));
    while (app === null && failure === null && job());
    if (app === null) throw failure;
  }

  function rejected(promise, reason, handled) {
    if (handled) rejections.delete(promise);
    else rejections.set(promise, reason);
  }

  return [begin, () => app.init(), () => app.handle(), () => app.run(), normalize, load, rejected];
});
