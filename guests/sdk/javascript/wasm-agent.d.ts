/**
 * What a `.js` agent imports as "wasm-agent". Spans of time are milliseconds of world time.
 *
 *     /// <reference path="guests/sdk/javascript/wasm-agent.d.ts" />
 */
declare module "wasm-agent" {
  /** Text, bytes, or anything that JSON knows; maps become objects, sets arrays. */
  export type Value = unknown;
  export type Bytes = Uint8Array;
  export type Headers = Record<string, string>;

  /** A body that arrived. */
  export interface Content {
    readonly text: string;
    readonly bytes: Bytes;
    json(): any;
  }

  /** What another agent sent. */
  export interface Message extends Content {
    /** Its place in the order of the world. */
    readonly id: number;
    /** Who sent it, not to be forged; `operator` is outside the world, `world` the world itself. */
    readonly sender: string;
    readonly topic: string;
    readonly headers: Headers;
    /** A number where the sender waits for a reply, else null. */
    readonly request: number | null;
    readonly answered: boolean;
    /** Answers at once; the same as returning the value. */
    reply(value: Value): void;
    /** Keeps the request open; its number is for `replyTo` later. */
    defer(): number;
  }

  export interface Reply extends Content {}

  /** What a handler returns, if neither null nor undefined, is the reply. */
  export type Handler = (message: Message) => Value | Promise<Value>;

  /** Makes the last argument the function that handles these topics: "a", "a/*" or "*". */
  export function on(topic: string, ...topicsAndHandler: [...string[], Handler]): void;

  /** A request on its way. */
  export interface Pending<T> extends Promise<T> {
    /** Ends it with the fault `cancelled`. */
    cancel(): void;
  }

  export interface SendOptions {
    headers?: Headers;
  }
  export interface AskOptions extends SendOptions {
    timeout?: number;
  }

  export function send(to: string, topic: string, value?: Value, options?: SendOptions): void;
  export function publish(topic: string, value?: Value, options?: SendOptions): void;
  export function ask(to: string, topic: string, value?: Value, options?: AskOptions): Pending<Reply>;
  export function askAll(addresses: Iterable<string>, topic: string, value?: Value, options?: AskOptions): Promise<Reply[]>;
  export function reply(value: Value): void;
  export function replyTo(request: number, value: Value): void;
  /** Sends to oneself after a span; the number is for `cancel`. */
  export function schedule(after: number, topic: string, value?: Value): number;
  /** False where it is gone already. */
  export function cancel(scheduled: number): boolean;
  export function sleep(milliseconds: number): Promise<void>;

  /** What the agent remembers; a value read is a copy. */
  export const state: {
    get(key: string, otherwise?: any): any;
    set(key: string, value: Value): void;
    has(key: string): boolean;
    delete(key: string): void;
    /** In the order of their UTF-8 bytes. */
    keys(prefix?: string): string[];
    getText(key: string, otherwise?: string): string | undefined;
    setText(key: string, text: string): void;
    clear(): void;
  };

  export const context: { readonly address: string; readonly world: string; readonly step: number };
  /** The agent's configuration from the manifest. */
  export function config(): any;
  export function now(): Date;

  /** The address of the new agent, `kind/key`. */
  export function spawn(kind: string, key: string, config?: Value): string;
  export function stop(agent: string): void;
  /** What became of it arrives on topic `exit`. */
  export function watch(agent: string): void;

  export interface Tool {
    readonly name: string;
    readonly description: string;
    readonly inputSchema: any;
    readonly outputSchema: any;
  }
  export function availableTools(): Tool[];
  export function callTool(name: string, args?: Record<string, Value>): any;

  /** A refusal or a failure with a stable code: docs/faults.md. */
  export class Fault extends Error {
    constructor(code: string, detail?: string, options?: ErrorOptions);
    readonly code: string;
    readonly detail: string;
  }

  export const log: Record<"debug" | "info" | "warning" | "error", (...values: unknown[]) => void>;

  export interface Response extends Content {
    readonly status: number;
    readonly ok: boolean;
    readonly headers: {
      get(name: string): string | null;
      getAll(name: string): string[];
      has(name: string): boolean;
      [Symbol.iterator](): Iterator<[string, string]>;
    };
    /** Itself, or the fault `http-status`. */
    expectOk(): Response;
  }
  export interface FetchOptions {
    method?: string;
    headers?: Headers;
    body?: Value;
    /** Real time, never longer than the manifest allows. */
    timeout?: number;
  }
  export function fetch(url: string, options?: FetchOptions): Pending<Response>;

  /** Text that stands for a secret in requests to servers. */
  export function secret(name: string): string;

  export namespace human {
    interface Decision {
      readonly approved: boolean;
      readonly comment: string;
      readonly by: string;
    }
    function ask(role: string, question: string, options?: { choices?: Iterable<string>; timeout?: number }): Pending<string>;
    function approve(role: string, what: string, options?: { details?: Value; timeout?: number }): Pending<Decision>;
  }

  export namespace swap {
    interface Running {
      /** `source`, or the name of an alternative; empty where the operator swapped in something else. */
      readonly name: string;
      readonly digest: string;
      readonly onTrial: boolean;
    }
    /** From the next step on agents of a kind run that; answers how many go over at once. */
    function to(kind: string, name: string, options?: { keepOld?: number }): number;
    function running(kind: string): Running;
  }

  export namespace sql {
    type Cell = number | string | boolean | Bytes | bigint | null;
    type Rows = Record<string, Cell>[] & { readonly columns: string[] };
    interface Database {
      readonly name: string;
      query(statement: string, ...parameters: Cell[]): Rows;
      first(statement: string, ...parameters: Cell[]): Record<string, Cell> | null;
      execute(statement: string, ...parameters: Cell[]): number;
      batch(...statements: [string, ...Cell[]][]): { readonly rows: Rows; readonly changed: number }[];
    }
    function open(name: string): Database;
  }

  export namespace keyvalue {
    interface Bucket {
      readonly name: string;
      get(key: string, otherwise?: any): any;
      getBytes(key: string): Bytes | undefined;
      set(key: string, value: Value): void;
      has(key: string): boolean;
      delete(key: string): void;
      keys(): Iterable<string>;
      getMany(keys: Iterable<string>): Map<string, any>;
      setMany(values: Map<string, Value> | Record<string, Value>): void;
      deleteMany(keys: Iterable<string>): void;
      increment(key: string, delta?: number | bigint): number;
      change(key: string, change: (value: any) => Value): Value;
    }
    function open(name: string): Bucket;
  }

  /** Running source code that was written just now; docs/code.md. */
  export namespace code {
    /** Runs it once, in memory of its own; it finds `input`. */
    function run(source: string, input?: any, options?: { tool?: string }): { readonly value: any; readonly printed: string };
    /** Makes an agent of what its configuration holds under `source`. */
    function host(): void;
  }

  export namespace flow {
    function labels(): string[];
    function declassify(label: string): void;
  }

  /** Files that the agent can see: its own in /agent, and mounted folders. */
  export namespace files {
    function readText(path: string): string;
    function readBytes(path: string): Bytes;
    function list(path: string): string[];
  }
}
