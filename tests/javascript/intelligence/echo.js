import { on } from "wasm-agent";

on("list", (message) => Array.isArray(message.json().vector) && message.json().vector.length);
