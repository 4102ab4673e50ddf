// What goes out without waiting: messages, replies, timers.
import { host } from "interpreter/host.js";
import { number, optionalSpan, pairs, span, toBody } from "wasm-agent/values.js";

const messaging = host["agent/messaging"];

// What goes with a message beside its body.
export const options = ({ timeout, headers } = {}) => ({ timeout: optionalSpan(timeout), headers: pairs(headers) });

// Sends a message. It leaves when the handling of the current message ends well.
export const send = (to, topic, value, given) => messaging.send(to, topic, toBody(value), options(given));

// Sends a message to every agent that subscribed to the topic, but oneself.
export const publish = (topic, value, given) => messaging.publish(topic, toBody(value), options(given));

// Answers the message being handled, and goes on.
export const reply = (value) => messaging.reply(toBody(value));

// Answers an earlier request, by the number that `message.defer()` gave.
export const replyTo = (request, value) => messaging.replyTo(number(request), toBody(value));

// Sends a message to oneself after a span of world time, in milliseconds; the number calls it off.
export const schedule = (after, topic, value) => Number(messaging.schedule(span(after), topic, toBody(value)));

// Calls a scheduled message off. False where it is gone already.
export const cancel = (scheduled) => messaging.cancel(number(scheduled));
