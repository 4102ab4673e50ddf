// Labels of what the agent knows: which there are, and taking one off, on the record.
import { host } from "interpreter/host.js";

// The labels of what this agent knows so far, in order.
export const labels = host["flow/flow"].labels;

// From here on, what the agent knows does not carry the label; what it reads later may again.
export const declassify = host["flow/flow"].declassify;
