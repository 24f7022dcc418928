/**
 * The body of a training thread. Training computes for seconds without a pause; here it keeps nobody else waiting. The plugin is
 * opened inside the thread through the same host, because a function cannot cross.
 */
import { parentPort, workerData } from "node:worker_threads";
import { isAppError } from "@ballast/core";
import type { PluginHost } from "@ballast/plugin-sdk";
import { scoreOnnx } from "./score-onnx.ts";
import type { ThreadMessage, ThreadResult, ThreadTask } from "./thread-messages.ts";

/** Least milliseconds between two progress messages. */
const PROGRESS_EVERY_MS = 100;

function send(message: ThreadMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function train(task: ThreadTask): Promise<ThreadResult> {
  const module = (await import(task.plugins.module)) as {
    openPluginHost(options: unknown): Promise<PluginHost>;
  };
  const host = await module.openPluginHost(task.plugins.options);
  let last = 0;
  const { predict, ...result } = await host.trainer(task.trainer).train({
    ...{ task: task.task, train: task.train, params: task.params, seed: task.seed },
    ...(task.validation ? { validation: task.validation } : {}),
    onProgress(progress) {
      const now = performance.now();
      if (now - last < PROGRESS_EVERY_MS && progress.done < progress.total) return;
      last = now;
      send({ kind: "progress", progress });
    },
  });
  const testPredictions = predict(task.test);
  const onnxPredictions = await scoreOnnx(result.onnx, task.test, task);
  return { ...result, testPredictions, onnxPredictions };
}

try {
  const result = await train(workerData as ThreadTask);
  send({ kind: "result", result });
} catch (error) {
  const known = isAppError(error);
  send({
    kind: "error",
    code: known ? error.code : null,
    message: error instanceof Error ? error.message : String(error),
    details: known ? error.details : {},
  });
}
