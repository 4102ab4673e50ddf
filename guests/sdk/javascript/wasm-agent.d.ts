/**
 * What a `.js` agent imports as "wasm-agent". Spans of time are milliseconds of world time.
 *
 *     /// <reference path="guests/sdk/javascript/wasm-agent.d.ts" />
 */
declare module "wasm-agent" {
  /** Text, bytes, or anything that JSON knows; maps become objects, sets and typed arrays within a value arrays. */
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

  /** Language models that the manifest grants: docs/chat.md. */
  export namespace chat {
    interface Call {
      /** Names it within the conversation; `tool` answers it by this. */
      readonly id: string;
      readonly name: string;
      /** JSON, as the model wrote it: it may not be JSON at all. */
      readonly arguments: string;
      json(): any;
    }
    interface Turn {
      role: "system" | "user" | "assistant" | "tool";
      content?: string;
      calls?: Iterable<Pick<Call, "id" | "name" | "arguments">>;
      answers?: string | null;
    }
    interface ToolSpec {
      name: string;
      description?: string;
      /** JSON Schema of its arguments, an object. */
      parameters?: object | string;
    }
    interface Answer extends Content {
      readonly content: string;
      readonly calls: Call[];
      readonly finish: "stop" | "length" | "calls" | "refused";
      /** Tokens; 0 where the answer was given before. */
      readonly usage: { readonly prompt: number; readonly answer: number };
      /** The answer as a turn of the conversation that goes on. */
      turn(): Turn;
    }
    interface Options {
      tools?: Iterable<ToolSpec>;
      /** `none`, `required`, or the name of the one to be called; else the model decides. */
      choice?: string | null;
      /** JSON Schema that the answer has to fit; `answer.json()` is then its value. */
      schema?: object | string | null;
      /** Most tokens of the answer; never more than the manifest says. */
      most?: number | null;
      temperature?: number | null;
      topP?: number | null;
      topK?: number | null;
      /** Without it, the world's entropy decides. */
      seed?: number | bigint | null;
      /** The answer ends before any of these. */
      stop?: Iterable<string>;
      /** Real time, never longer than the manifest says. */
      timeout?: number | null;
    }
    function system(content: string): Turn;
    function user(content: string): Turn;
    function assistant(content: string, calls?: Iterable<Call>): Turn;
    /** Text as it is, anything else as JSON. */
    function tool(id: string, result: Value): Turn;
    function toolSpec(name: string, description: string, parameters: object | string): ToolSpec;
    function complete(model: string, turns: Iterable<Turn>, options?: Options): Pending<Answer>;
    /** Tokens: of a conversation with its answer, and most of an answer. */
    function describe(model: string): { readonly context: number; readonly most: number };
  }

  /** Models of tensors that the manifest grants: docs/models.md. */
  export namespace models {
    type Element =
      | "float32" | "float64" | "float16" | "bfloat16" | "int8" | "int16" | "int32" | "int64"
      | "uint8" | "uint16" | "uint32" | "uint64" | "boolean" | "text";
    type TypedArray =
      | Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | BigInt64Array
      | Uint8Array | Uint16Array | Uint32Array | BigUint64Array;
    type Scalar = number | bigint | boolean | string;
    type Nested = Scalar | TypedArray | Nested[];
    /** Values in row-major order. */
    class Tensor {
      constructor(element: Element, shape: Iterable<number>, values: ArrayLike<Scalar>);
      readonly element: Element;
      /** Empty for one value by itself. */
      readonly shape: number[];
      /** Flat; numbers of `float16` and `bfloat16` are their 16 bits. */
      readonly values: TypedArray | boolean[] | string[];
      readonly length: number;
      /** Arrays in arrays, one level for each dimension. */
      toList(): any;
      /** The value of a tensor that has one. */
      item(): any;
      toJSON(): any;
    }
    interface Slot {
      readonly name: string;
      readonly element: Element;
      /** null where any length is taken. */
      readonly shape: (number | null)[];
      readonly optional: boolean;
    }
    interface Description {
      readonly digest: string;
      /** Whether its results are the same bits on each machine of this architecture. */
      readonly portable: boolean;
      readonly inputs: Record<string, Slot>;
      readonly outputs: Record<string, Slot>;
    }
    type Inputs = Record<string, Tensor | Nested> | Map<string, Tensor | Nested>;
    function describe(model: string): Description;
    /** `timeout`: real time, never longer than the manifest allows. */
    function run(model: string, inputs: Inputs, options?: { timeout?: number }): Promise<Record<string, Tensor>>;
    /** The same, for several at once. */
    function start(model: string, inputs: Inputs, options?: { timeout?: number }): Pending<Record<string, Tensor>>;
  }

  /** Models that turn texts into vectors: docs/models.md. */
  export namespace embeddings {
    function dimensions(model: string): number;
    function embed(model: string, texts: Iterable<string>): Promise<Float32Array[]>;
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
