import { Worker } from "node:worker_threads";
import { AppError, ERROR_STATUS, type ErrorCode } from "@ballast/core";
import type { TrainingProgress, TrainingTable } from "@ballast/plugin-sdk";
import type { ThreadMessage, ThreadResult, ThreadTask } from "./thread-messages.ts";

export interface ThreadOptions {
  onProgress?: (progress: TrainingProgress) => void;
  /** Stops the thread; the promise rejects with `unavailable`. */
  signal?: AbortSignal;
  /** Longest the thread may run, milliseconds. */
  timeoutMs: number;
}

/**
 * Trains in a worker thread of its own. The tables' buffers are moved there and are empty here afterwards.
 * @throws AppError the trainer's own; `unprocessable` for anything else it throws or when the thread dies, `deadline_exceeded`
 * after `timeoutMs`, `unavailable` when `signal` aborts
 */
export function trainInThread(task: ThreadTask, options: ThreadOptions): Promise<ThreadResult> {
  const tables = [task.train, task.validation, task.test].filter((table) => table !== null);
  const worker = new Worker(new URL("./training-thread.ts", import.meta.url), {
    workerData: task,
    transferList: buffersOf(tables),
    // A test runner's own flags have no place in the thread.
    execArgv: [],
  });
  return new Promise<ThreadResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(new AppError("deadline_exceeded", `Training took longer than ${options.timeoutMs} ms and was stopped.`));
    }, options.timeoutMs);
    const stop = () => fail(new AppError("unavailable", "Training was stopped; it starts again with the worker."));
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", stop);
    };
    const fail = (error: AppError) => {
      settle();
      reject(error);
      void worker.terminate();
    };
    worker.on("message", (message: ThreadMessage) => {
      if (message.kind === "progress") return options.onProgress?.(message.progress);
      settle();
      if (message.kind === "result") return resolve(message.result);
      reject(fromThread(message));
    });
    worker.on("error", (error) => fail(new AppError("unprocessable", `The training thread died: ${String(error)}`)));
    worker.on("exit", (code) => {
      settle();
      // Without effect when an answer came first.
      reject(new AppError("unprocessable", `The training thread ended without an answer (exit code ${code}).`));
    });
    if (options.signal?.aborted) stop();
    else options.signal?.addEventListener("abort", stop, { once: true });
  });
}

function fromThread(message: Extract<ThreadMessage, { kind: "error" }>): AppError {
  const known = message.code !== null && message.code in ERROR_STATUS;
  return new AppError(known ? (message.code as ErrorCode) : "unprocessable", message.message, {
    details: message.details,
  });
}

/** Every distinct buffer of the tables: one named twice would make the transfer throw. */
function buffersOf(tables: Partial<TrainingTable>[]): ArrayBuffer[] {
  const arrays = tables.flatMap((table) => [...(table.features ?? []), ...(table.label ? [table.label] : [])]);
  const buffers = new Set(arrays.map((array) => array.buffer));
  return [...buffers].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}
