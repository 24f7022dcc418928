/**
 * The process in which a candidate's model runs for the first time. ONNX Runtime computes inside one native call: a thread in it cannot
 * be ended, not even by leaving the process, so the model runs in a thread, and this one is free to kill the whole.
 */
import { Worker } from "node:worker_threads";
import type { GateMessage, GateTask } from "./gate-messages.ts";

const tell = (message: GateMessage) => process.send?.(message);

// Who asked is gone, or has heard enough.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
// Ctrl-C goes to the whole group; who asked ends this process itself.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.once("message", (task: GateTask) => {
  const thread = new Worker(new URL("./gate-thread.ts", import.meta.url), { workerData: task });
  thread.on("message", tell);
  thread.on("error", (error) => tell({ kind: "cannot_run", message: String(error) }));
  thread.on("exit", () => tell({ kind: "done" }));
});
