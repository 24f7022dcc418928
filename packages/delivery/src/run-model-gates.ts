import { fork } from "node:child_process";
import { AppError } from "@ballast/core";
import type { GateMessage, GateTask } from "./gate-messages.ts";
import type { GateResult } from "./gates.ts";

/** The gates that run the model, in their order. */
const GATES = ["onnx_parity", "latency"] as const;

const LEAST_LIMIT_MS = 60_000;
const MOST_LIMIT_MS = 600_000;
/** More single runs than the gates ask for together, batches taken for as many as they have rows. */
const RUNS = 1_400;
/** A process that is stopped from outside says nothing about the model. */
const STOPPED: readonly (NodeJS.Signals | null)[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Longest that the gates of a model may take: what one that just meets its objective needs, up to ten minutes. */
export const gateLimitMs = (sloMs: number) => Math.min(MOST_LIMIT_MS, LEAST_LIMIT_MS + RUNS * sloMs);

/**
 * Runs a model's gates in a process of their own, which is killed after `limitMs`: a candidate is untrusted, and may compute for ever
 * or take all memory. Whatever it does is the finding of the gates it did not get through.
 * @throws AppError `unavailable` when the process could not be started, or was stopped from outside: try again
 */
export async function runModelGates(task: GateTask, limitMs = gateLimitMs(task.sloMs)): Promise<GateResult[]> {
  const results: GateResult[] = [];
  const why = await new Promise<string | null>((resolve, reject) => {
    const child = fork(new URL("./gate-process.ts", import.meta.url), {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      // A test runner's own flags have no place in it.
      execArgv: [],
    });
    let end: { why: string | null } | null = null;
    const settle = (reason: string | null) => {
      end ??= { why: reason };
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => settle(`It was stopped after ${limitMs / 1000} s.`), limitMs);
    child.on("message", (message: GateMessage) => {
      if (message.kind === "result") results.push(message.result);
      else settle(message.kind === "done" ? null : `The model could not be run: ${message.message}`);
    });
    const fail = (words: string) => reject(new AppError("unavailable", `The gates' process ${words}.`));
    child.on("error", (error) => {
      clearTimeout(timer);
      fail(`could not be started: ${error.message}`);
    });
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (end) resolve(end.why);
      else if (STOPPED.includes(signal)) fail("was stopped");
      else resolve(`The process that ran the model died (${signal ?? `exit code ${code}`}).`);
    });
    child.send(task);
  });
  return GATES.map((gate) => {
    const own = results.find((result) => result.gate === gate);
    return own ?? { gate, passed: false, message: why ?? "The model gave no answer.", measured: {} };
  });
}
