/** The thread that runs a candidate's model through its gates. */
import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { GateMessage, GateTask } from "./gate-messages.ts";
import { latencyGate, loadModel, parityWithItself, parityWithSample } from "./onnx-gates.ts";

const tell = (message: GateMessage) => parentPort?.postMessage(message);
const { path, serving, ranges, sample, sloMs } = workerData as GateTask;
try {
  const model = await loadModel(await readFile(path), serving);
  const result = sample ? await parityWithSample(model, sample) : await parityWithItself(model, ranges);
  tell({ kind: "result", result });
  tell({ kind: "result", result: await latencyGate(model, ranges, sloMs) });
} catch (error) {
  tell({ kind: "cannot_run", message: error instanceof Error ? error.message : String(error) });
}
