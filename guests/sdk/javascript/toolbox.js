// Typed functions of other components that this agent was granted.
import { host } from "interpreter/host.js";
import { toJson } from "wasm-agent/values.js";

const tools = host["agent/tools"];
const parsed = (schema) => (schema ? JSON.parse(schema) : null);

export const availableTools = () =>
  tools.available().map((tool) => ({
    name: tool.name,
    description: tool.description,
    inputSchema: parsed(tool.inputSchema),
    outputSchema: parsed(tool.outputSchema),
  }));

// Calls a tool with named arguments, and gives the value of its result.
export const callTool = (name, given = {}) => JSON.parse(tools.call(name, toJson(given)));
