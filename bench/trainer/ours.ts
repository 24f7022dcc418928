/**
 * The trainer in a process of its own: answers each JSON line with one. Its largest resident set covers loading the
 * table, training and the ONNX export; ONNX Runtime is loaded only for the parity check, after that was read.
 */

import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { TrainResult } from "@ballast/plugin-sdk";
import plugin from "@ballast/plugin-trainer-gbdt";
import { readTable, type TableFile } from "./table-file.ts";

export type Request =
  | { do: "load"; train: TableFile }
  | { do: "fit"; trees: number }
  /** Scores a table by the trainer and by ONNX Runtime; writes the trainer's predictions to `out`. */
  | { do: "score"; test: TableFile; out: string };

const trainer = plugin.trainers?.[0];
if (!trainer) throw new Error("The plugin contributes no trainer.");
let table: ReturnType<typeof readTable> | undefined;
let result: TrainResult | undefined;

async function largestDifference(model: TrainResult, test: ReturnType<typeof readTable>, ours: Float32Array) {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(model.onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const width = test.features.length;
  const chunk = 20_000;
  let worst = 0;
  for (let start = 0; start < test.rows; start += chunk) {
    const rows = Math.min(chunk, test.rows - start);
    const input = new Float32Array(rows * width);
    test.features.forEach((column, j) => {
      for (let i = 0; i < rows; i++) input[i * width + j] = column[start + i] as number;
    });
    const output = await session.run({ features: new Tensor("float32", input, [rows, width]) });
    const theirs = output.probability?.data as Float32Array;
    for (let i = 0; i < rows; i++) {
      const difference = Math.abs((theirs[i] as number) - (ours[start + i] as number));
      // Written so that NaN counts as the worst, not as no difference.
      if (!(difference <= worst)) worst = difference;
    }
  }
  return worst;
}

async function answer(request: Request): Promise<unknown> {
  if (request.do === "load") {
    table = readTable(request.train);
    return { rows: table.rows };
  }
  if (request.do === "fit") {
    if (!table) throw new Error("Load a table first.");
    const started = performance.now();
    result = await trainer?.train({ task: "binary", train: table, params: { maxTrees: request.trees }, seed: 1 });
    const seconds = (performance.now() - started) / 1000;
    return { seconds, maxRssMiB: process.resourceUsage().maxRSS / 1024 };
  }
  if (!result) throw new Error("Fit a model first.");
  const test = readTable(request.test);
  const predicted = result.predict(test);
  writeFileSync(request.out, predicted);
  return { maxDifference: await largestDifference(result, test, predicted), rows: test.rows };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
