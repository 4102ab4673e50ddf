// A message that arrived, and which one is being handled.
import { host } from "interpreter/host.js";
import { Fault } from "wasm-agent/faults.js";
import { Content, toBody } from "wasm-agent/values.js";

const messaging = host["agent/messaging"];
const beginnings = [];
let current = null;

// Something to be done before each message.
export const beginning = (work) => void beginnings.push(work);

export function beginMessage(received) {
  for (const work of beginnings) work();
  current = new Message(received);
  return current;
}

export const endMessage = () => void (current = null);

// What another agent sent: `.text`, `.bytes` and `.json()` are its body.
export class Message extends Content {
  #deferred = false;

  constructor(received) {
    super(received.body);
    this.id = Number(received.id);
    this.sender = received.sender;
    this.topic = received.topic;
    // Where a name occurs twice, the first counts.
    this.headers = Object.fromEntries(received.headers.reverse());
    this.request = received.request === null ? null : Number(received.request);
    this.answered = false;
  }

  // Answers it: the same as returning the value from the function that handles it.
  reply(value) {
    if (this.request === null) {
      throw new Fault("no-request", `${this.sender} does not wait for a reply to '${this.topic}'`);
    }
    if (this === current) {
      messaging.reply(toBody(value));
      this.answered = true;
    } else if (this.#deferred) {
      messaging.replyTo(BigInt(this.request), toBody(value));
    } else {
      throw new Fault("request-closed", `message ${this.id} was handled before; defer() keeps a request open`);
    }
  }

  // Keeps the request open when the function returns; its number is for `replyTo` later.
  defer() {
    const number = Number(messaging.defer());
    this.#deferred = true;
    return number;
  }
}
