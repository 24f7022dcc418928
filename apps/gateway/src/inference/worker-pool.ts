import { Worker } from "node:worker_threads";
import { AppError } from "@ballast/core";
import { type ModelSpec, type ModelSpeed, specKey } from "./model-spec.ts";
import type { WorkerReply, WorkerRequest } from "./worker.ts";

type Body<R extends WorkerRequest = WorkerRequest> = R extends WorkerRequest ? Omit<R, "id"> : never;

interface Task {
  body: Body;
  resolve(reply: WorkerReply): void;
  reject(error: AppError): void;
}

interface Thread {
  worker: Worker;
  task: Task | null;
}

const NO_MODEL: ModelSpec = { digest: "", tensor: "", output: "", width: 0 };

/** Threads that run models. A free thread takes the oldest live batch, or the oldest shadow batch where none is live. */
export class WorkerPool {
  readonly #threads: Thread[] = [];
  readonly #live: Task[] = [];
  readonly #shadow: Task[] = [];
  readonly #models = new Map<string, { spec: ModelSpec; path: string }>();
  #nextId = 1;
  #closed = false;

  constructor(threads: number) {
    for (let i = 0; i < threads; i++) this.#threads.push(this.#spawn());
  }

  /** Batches waiting for a thread. */
  get waiting(): number {
    return this.#live.length + this.#shadow.length;
  }

  /** Loads and warms a model on every thread; resolves to how fast it was on the fastest, for other work only slows it down. */
  async load(spec: ModelSpec, path: string): Promise<ModelSpeed> {
    const replies = await Promise.all(this.#threads.map((thread) => this.#direct(thread, { op: "load", spec, path })));
    this.#models.set(specKey(spec), { spec, path });
    return {
      medianMs: Math.min(...replies.map(({ speed }) => speed?.medianMs ?? 0)),
      inlineRows: Math.max(...replies.map(({ speed }) => speed?.inlineRows ?? 0)),
    };
  }

  async unload(spec: ModelSpec): Promise<void> {
    this.#models.delete(specKey(spec));
    await Promise.all(this.#threads.map((thread) => this.#direct(thread, { op: "unload", spec })));
  }

  /** Runs a batch; the features are copied to the thread. */
  run(spec: ModelSpec, features: Float32Array<ArrayBuffer>, rows: number, shadow: boolean): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      const task: Task = {
        body: { op: "run", spec, features, rows },
        resolve: (reply) =>
          reply.y ? resolve(reply.y) : reject(new AppError("internal", "The model gave no answer.")),
        reject,
      };
      (shadow ? this.#shadow : this.#live).push(task);
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #dispatch(): void {
    for (const thread of this.#threads) {
      if (thread.task !== null) continue;
      const task = this.#live.shift() ?? this.#shadow.shift();
      if (!task) return;
      thread.task = task;
      thread.worker.postMessage({ id: 0, ...task.body });
    }
  }

  /** Sends a request past the queues. */
  #direct(thread: Thread, body: Body): Promise<WorkerReply> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const { worker } = thread;
      const stop = () => {
        worker.off("message", onMessage);
        worker.off("exit", onExit);
      };
      const onMessage = (reply: WorkerReply) => {
        if (reply.id !== id) return;
        stop();
        if (reply.error === undefined) resolve(reply);
        else reject(new AppError("unprocessable", `The model cannot be run: ${reply.error}`));
      };
      const onExit = () => {
        stop();
        reject(new AppError("unavailable", "The inference thread ended while loading a model."));
      };
      worker.on("message", onMessage);
      worker.on("exit", onExit);
      worker.postMessage({ id, ...body });
    });
  }

  #spawn(): Thread {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    worker.setMaxListeners(0);
    const thread: Thread = { worker, task: null };
    worker.on("message", (reply: WorkerReply) => {
      if (reply.id !== 0 || thread.task === null) return;
      const { task } = thread;
      thread.task = null;
      if (reply.error === undefined) task.resolve(reply);
      else task.reject(new AppError("internal", `The model failed: ${reply.error}`));
      this.#dispatch();
    });
    // An uncaught error ends the thread; "exit" follows and replaces it.
    worker.on("error", () => {});
    worker.on("exit", () => this.#replace(thread));
    return thread;
  }

  #replace(thread: Thread): void {
    if (this.#closed) return;
    thread.task?.reject(new AppError("internal", "The inference thread ended during the run."));
    const fresh = this.#spawn();
    // Busy until it has loaded what its sisters have.
    fresh.task = { body: { op: "unload", spec: NO_MODEL }, resolve: () => {}, reject: () => {} };
    this.#threads.splice(this.#threads.indexOf(thread), 1, fresh);
    const loads = [...this.#models.values()].map(({ spec, path }) => this.#direct(fresh, { op: "load", spec, path }));
    Promise.allSettled(loads).then(() => {
      fresh.task = null;
      this.#dispatch();
    });
  }
}
