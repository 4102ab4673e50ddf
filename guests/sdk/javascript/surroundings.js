// Who and when I am: address, world, step, world time, configuration.
import { host } from "interpreter/host.js";

const told = host["agent/context"];

export const context = {
  get address() {
    return told.selfAddress();
  },
  get world() {
    return told.worldName();
  },
  get step() {
    return Number(told.step());
  },
};

// The agent's configuration from the manifest, as a value. While the file is loaded: its kind's.
export const config = () => JSON.parse(told.config() || "{}");

// World time. `new Date()` tells the same.
export const now = () => new Date(Number(told.now() / 1_000_000n));
