// Why something was refused or failed.

// A refusal or a failure with a stable code: see docs/faults.md.
export class Fault extends Error {
  constructor(code, detail = "", options = undefined) {
    super(detail ? `${code}: ${detail}` : `${code}`, options);
    Object.defineProperty(this, "name", { value: "Fault", configurable: true, writable: true });
    this.code = `${code}`;
    this.detail = `${detail}`;
  }
}

const fromHost = new WeakSet();

// The fault for what the host says; errors of the key-value store have a form of their own.
export function refusal(reason) {
  const fault = reason && typeof reason === "object" && "code" in reason
    ? new Fault(reason.code, reason.detail)
    : ofStore(reason);
  fromHost.add(fault);
  return fault;
}

// Whether the world gave it, and no `throw` of the agent made it.
export const isFromHost = (error) => fromHost.has(error);

function ofStore(reason) {
  const error = reason && reason.tag === "store-error" ? reason.val : reason;
  if (error && error.tag === "access-denied") return new Fault("not-granted", "the bucket is not granted");
  if (error && error.tag === "other") {
    const [code, ...rest] = error.val.split(": ");
    return new Fault(code, rest.join(": "));
  }
  if (error && error.tag === "cas-failed") return Object.assign(new Fault("changed"), { handle: error.val });
  if (typeof error === "string") return Object.assign(new Fault("failed", error), { reason: error });
  return new Fault("failed", "there is no such store");
}
