// What goes on while an agent waits: requests that are open, timers, and what promises left to do.
import { host } from "interpreter/host.js";
import { job } from "interpreter/marshal.js";
import { Fault } from "wasm-agent/faults.js";
import { span } from "wasm-agent/values.js";

const messaging = host["agent/messaging"];
const clock = host["clocks/monotonic-clock"];
const pollable = host["io/poll"];
const then = Function.prototype.call.bind(Promise.prototype.then);

let open = new Map();
let timers = new Map();
let lastTimer = 0;

// A promise of what a request ends with; `take` fetches it. It can be cancelled.
export function awaited(number, take) {
  const promise = new Promise((resolve, reject) => open.set(number, { take, resolve, reject }));
  promise.cancel = () => {
    if (open.has(number)) messaging.cancelRequest(number);
  };
  return promise;
}

export function setTimer(work, after, values, again) {
  if (typeof work !== "function") throw new TypeError("a timer calls a function");
  const delay = span(Math.max(0, Number(after) || 0));
  lastTimer += 1;
  timers.set(lastTimer, { due: clock.now() + delay, delay, work: () => work(...values), again });
  return lastTimer;
}

export const clearTimer = (number) => void timers.delete(number);

// Runs everything until a promise of the language's own is settled; throws its reason, if it has one.
export function finish(promise) {
  let outcome = null;
  then(promise, () => (outcome = {}), (reason) => (outcome = { reason, failed: true }));
  do {
    while (job());
  } while (outcome === null && wake());
  if (outcome === null) {
    throw new Fault("stuck", "it waits for a promise that no reply and no timer will settle");
  }
  if (outcome.failed) throw outcome.reason;
}

// Nobody waits any more for what is open.
export function forget() {
  open = new Map();
  timers = new Map();
}

// Lets one thing happen that was waited for; whether there was one.
function wake() {
  const [number, timer] = firstTimer();
  if (open.size && (timer === undefined || clock.now() < timer.due)) {
    settle(messaging.waitAny([...open.keys()]));
    return true;
  }
  if (timer === undefined) return false;
  const now = clock.now();
  if (now < timer.due) {
    const handle = clock.subscribeDuration(timer.due - now);
    pollable["pollable.block"](handle);
    pollable["pollable.drop"](handle);
  }
  if (timer.again) timer.due += timer.delay || 1n;
  else timers.delete(number);
  timer.work();
  return true;
}

function firstTimer() {
  let first = [];
  for (const entry of timers) if (first.length === 0 || entry[1].due < first[1].due) first = entry;
  return first;
}

function settle(number) {
  const { take, resolve, reject } = open.get(number);
  open.delete(number);
  try {
    resolve(take(number));
  } catch (fault) {
    reject(fault);
  }
}
