import { Worker } from "node:worker_threads";
import { AppError } from "@ballast/core";
import type { FileScan } from "./scan-file.ts";
import type { ScanReply, ScanRequest } from "./thread-messages.ts";

interface Waiting {
  resolve: (scan: FileScan | null) => void;
  reject: (error: Error) => void;
}

/** What a hostile file may make the thread keep; beyond it the thread ends, and the process goes on. */
const HEAP_MIB = 256;

/** A thread that scans, and who waits for it. */
export class ScanningThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  hasEnded = false;

  constructor(heapMiB = HEAP_MIB) {
    this.#worker = new Worker(new URL("./scan-thread.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
      // A test runner's own flags have no place in the thread.
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on("message", (reply: ScanReply) => this.#settle(reply));
    this.#worker.on("error", (error) => this.#end(String(error)));
    this.#worker.on("exit", (code) => this.#end(`exit code ${code}`));
  }

  scan(path: string, name: string): Promise<FileScan | null> {
    const request: ScanRequest = { id: ++this.#last, path, name };
    // It keeps the process alive while somebody waits, and only then.
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #settle(reply: ScanReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("scan" in reply) waiting?.resolve(reply.scan);
    else waiting?.reject(Object.assign(new Error(reply.message), reply.code === null ? {} : { code: reply.code }));
  }

  #end(reason: string): void {
    this.hasEnded = true;
    for (const { reject } of this.#waiting.values())
      reject(new AppError("unavailable", `The scan of the file was interrupted (${reason}). Send it again.`));
    this.#waiting.clear();
  }
}

let thread: ScanningThread | null = null;

/**
 * {@link scanFile} in a thread of its own, which starts with the first scan and stays: a scan computes for seconds without a pause worth
 * the name, and the process that receives files also answers predictions.
 * @throws AppError `unavailable` when the thread ends meanwhile (what it needs to know of a file is more than 256 MiB); what reading the file throws
 */
export function scanInThread(path: string, name: string): Promise<FileScan | null> {
  if (thread === null || thread.hasEnded) thread = new ScanningThread();
  return thread.scan(path, name);
}
