import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { AppError, createLogger, toAppError } from "@ballast/core";
import { type ModelSpec, type ModelSpeed, specKey } from "./model-spec.ts";
import type { WorkerReply, WorkerRequest } from "./worker.ts";

type Body<R extends WorkerRequest = WorkerRequest> = R extends WorkerRequest ? Omit<R, "id"> : never;

export interface RunLimits {
  /** A shadow's batch waits until no live one does. */
  shadow: boolean;
  /** Longest that the run may take once it has begun, milliseconds. */
  limitMs: number;
}

interface Task {
  body: Body;
  limitMs: number;
  resolve(reply: WorkerReply): void;
  reject(error: AppError): void;
}

interface Member {
  child: ChildProcess;
  bornAt: number;
  task: Task | null;
  /** When the task's run began; infinite while it waits for a model that is being loaded. */
  beganAt: number;
  /** Models being loaded or let go, the oldest request first. */
  directs: ModelSpec[];
  /** When it last answered anything, or was first asked to load something. */
  repliedAt: number;
}

const log = createLogger("gateway");
const NO_MODEL: ModelSpec = { digest: "", tensor: "", output: "", width: 0 };
/** Longest that a process may be busy with loading alone and answer nothing. */
const LOAD_LIMIT_MS = 60_000;
/** A model whose run was ended is not run for this many times as long: it must not take the pool from the others. */
const PAUSE_AFTER_RUN = 2;
/** And one whose loading was ended is not loaded again for this long. */
const PAUSE_AFTER_LOAD_MS = 600_000;
const WATCH_EVERY_MS = 250;
/** A process that ended sooner would end again: the next is started after a pause. */
const SHORT_LIFE_MS = 1_000;

/**
 * Processes that run models. A free one takes the oldest live batch, or the oldest shadow batch where none is live. ONNX
 * Runtime computes inside one native call, which nothing ends but the end of its process: so a run over its limit costs a
 * process, and the gateway goes on.
 */
export class WorkerPool {
  readonly #members: Member[] = [];
  readonly #live: Task[] = [];
  readonly #shadow: Task[] = [];
  readonly #models = new Map<string, { spec: ModelSpec; path: string }>();
  /** Until when models that had to be ended are left alone, by `specKey`. */
  readonly #pausedUntil = new Map<string, number>();
  readonly #watch: NodeJS.Timeout;
  #nextId = 1;
  #closed = false;

  constructor(processes: number) {
    for (let i = 0; i < processes; i++) this.#members.push(this.#spawn());
    this.#watch = setInterval(() => this.#endOverruns(), WATCH_EVERY_MS).unref();
  }

  /** Batches waiting for a process. */
  get waiting(): number {
    return this.#live.length + this.#shadow.length;
  }

  /** True while a model is left alone because it had to be ended. */
  isPaused(spec: ModelSpec): boolean {
    if (this.#pausedUntil.size === 0) return false;
    return performance.now() < (this.#pausedUntil.get(specKey(spec)) ?? 0);
  }

  /** Loads and warms a model in every process; resolves to how fast it was in the fastest, for other work only slows it down. */
  async load(spec: ModelSpec, path: string): Promise<ModelSpeed> {
    this.#refusePaused(spec);
    const replies = await Promise.all(this.#members.map((member) => this.#direct(member, { op: "load", spec, path })));
    this.#models.set(specKey(spec), { spec, path });
    return {
      medianMs: Math.min(...replies.map(({ speed }) => speed?.medianMs ?? 0)),
      inlineRows: Math.max(...replies.map(({ speed }) => speed?.inlineRows ?? 0)),
    };
  }

  async unload(spec: ModelSpec): Promise<void> {
    this.#models.delete(specKey(spec));
    await Promise.all(this.#members.map((member) => this.#direct(member, { op: "unload", spec })));
  }

  /**
   * Runs a batch; the features are copied to the process. `deadline_exceeded` for a run over its limit, and `unavailable` for a
   * while after that.
   */
  async run(
    spec: ModelSpec,
    features: Float32Array<ArrayBuffer>,
    rows: number,
    { shadow, limitMs }: RunLimits,
  ): Promise<Float32Array> {
    this.#refusePaused(spec);
    return new Promise((resolve, reject) => {
      const task: Task = {
        body: { op: "run", spec, features, rows },
        limitMs,
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
    clearInterval(this.#watch);
    await Promise.all(
      this.#members.filter(isAlive).map(async ({ child }) => {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }),
    );
  }

  #dispatch(): void {
    for (const member of this.#members) {
      if (member.task !== null) continue;
      const task = this.#live.shift() ?? this.#shadow.shift();
      if (!task) return;
      member.task = task;
      member.beganAt = member.directs.length > 0 ? Number.POSITIVE_INFINITY : performance.now();
      send(member, { id: 0, ...task.body });
    }
  }

  #endOverruns(): void {
    const now = performance.now();
    for (const member of this.#members) {
      const { task, directs } = member;
      const isRunning = task !== null && task !== BUSY && member.beganAt <= now;
      if (isRunning && now - member.beganAt >= task.limitMs) {
        const seconds = Math.round(task.limitMs / 1000);
        task.reject(
          new AppError("deadline_exceeded", `The model did not answer within ${seconds} s; its run was ended.`),
        );
        this.#end(member, task.body.spec, PAUSE_AFTER_RUN * task.limitMs);
      } else if (!isRunning && directs[0] && now - member.repliedAt >= LOAD_LIMIT_MS) {
        this.#end(member, directs[0], PAUSE_AFTER_LOAD_MS);
      }
    }
  }

  /** Ends a process for what a model does in it, and leaves the model alone for a while. */
  #end(member: Member, { digest, ...rest }: ModelSpec, pauseMs: number): void {
    log.error("a model did not end in time and was stopped, its process with it", { digest, pauseMs });
    this.#pausedUntil.set(specKey({ digest, ...rest }), performance.now() + pauseMs);
    member.task = BUSY;
    member.child.kill("SIGKILL");
  }

  #refusePaused(spec: ModelSpec): void {
    if (this.isPaused(spec))
      throw new AppError(
        "unavailable",
        "The model did not end in time and had to be stopped: it is not run for a while.",
      );
  }

  /** Sends a request past the queues. */
  #direct(member: Member, body: Body): Promise<WorkerReply> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const { child, directs } = member;
      const stop = () => {
        directs.splice(directs.indexOf(body.spec), 1);
        // Its run may have begun unsaid, as the last thing it waited for ended.
        if (directs.length === 0) member.beganAt = Math.min(member.beganAt, performance.now());
        child.off("message", onMessage);
        child.off("exit", onExit);
      };
      const onMessage = (reply: WorkerReply) => {
        if (reply.id !== id) return;
        stop();
        if (reply.error === undefined) resolve(reply);
        else reject(new AppError("unprocessable", `The model cannot be run: ${reply.error}`));
      };
      const onExit = () => {
        stop();
        reject(new AppError("unavailable", "The inference process ended while loading a model."));
      };
      if (directs.length === 0) member.repliedAt = performance.now();
      directs.push(body.spec);
      child.on("message", onMessage);
      child.on("exit", onExit);
      if (isAlive(member)) send(member, { id, ...body });
      else onExit();
    });
  }

  #spawn(): Member {
    const child = fork(new URL("./worker.ts", import.meta.url), {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // It has no use for the gateway's secrets, nor for a test runner's flags.
      env: {},
      execArgv: [],
    });
    child.setMaxListeners(0);
    const member: Member = { child, bornAt: performance.now(), task: null, beganAt: 0, directs: [], repliedAt: 0 };
    child.on("message", (reply: WorkerReply) => {
      member.repliedAt = performance.now();
      if (reply.id !== 0 || member.task === null || member.task === BUSY) return;
      if (reply.began) {
        member.beganAt = performance.now();
        return;
      }
      const { task } = member;
      member.task = null;
      if (reply.error === undefined) task.resolve(reply);
      else task.reject(new AppError("internal", `The model failed: ${reply.error}`));
      this.#dispatch();
    });
    child.on("exit", () => this.#replace(member));
    // One that could not be started has no "exit".
    child.on("error", () => {
      if (child.pid === undefined) this.#replace(member);
    });
    return member;
  }

  #replace(member: Member): void {
    if (this.#closed) return;
    member.task?.reject(new AppError("internal", "The inference process ended during the run."));
    member.task = BUSY;
    const pause = Math.max(0, SHORT_LIFE_MS - (performance.now() - member.bornAt));
    setTimeout(() => {
      if (this.#closed) return;
      const fresh = this.#spawn();
      fresh.task = BUSY;
      this.#members.splice(this.#members.indexOf(member), 1, fresh);
      this.#catchUp(fresh).then(() => {
        if (!isAlive(fresh)) return;
        fresh.task = null;
        this.#dispatch();
      });
    }, pause);
  }

  /** Loads what its sisters have. */
  async #catchUp(fresh: Member): Promise<void> {
    for (const { spec, path } of [...this.#models.values()]) {
      await this.#direct(fresh, { op: "load", spec, path }).catch((error: unknown) => {
        log.warn("a model was not loaded again", { digest: spec.digest, error: toAppError(error) });
      });
    }
  }
}

function isAlive({ child }: Member): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Keeps a process from being given batches. */
const BUSY: Task = {
  body: { op: "unload", spec: NO_MODEL },
  limitMs: Number.POSITIVE_INFINITY,
  resolve: () => {},
  reject: () => {},
};

/** What cannot be sent is answered by the process's end, which follows. */
function send({ child }: Member, request: WorkerRequest): void {
  if (child.connected) child.send(request, () => {});
}
