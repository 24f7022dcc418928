import { AppError } from "@ballast/core";
import type { TrainingTable } from "@ballast/plugin-sdk";
import { InferenceSession, Tensor } from "onnxruntime-node";

const BATCH_ROWS = 4_096;

/**
 * Predictions of an ONNX model for column-major features, one per row, by ONNX Runtime on one thread. NaN goes in as NaN.
 * @throws AppError `unprocessable` when the model cannot be run or its output is not float32 of one number per row
 */
export async function scoreOnnx(
  onnx: Uint8Array,
  table: Pick<TrainingTable, "rows" | "features">,
  names: { tensor: string; output: string },
): Promise<Float32Array> {
  const width = table.features.length;
  const out = new Float32Array(table.rows);
  try {
    const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    for (let start = 0; start < table.rows; start += BATCH_ROWS) {
      const n = Math.min(BATCH_ROWS, table.rows - start);
      const data = new Float32Array(n * width);
      for (let j = 0; j < width; j++) {
        const column = table.features[j] as Float32Array;
        for (let i = 0; i < n; i++) data[i * width + j] = column[start + i] as number;
      }
      const fed = { [names.tensor]: new Tensor("float32", data, [n, width]) };
      const answer = (await session.run(fed, [names.output]))[names.output];
      if (!(answer?.data instanceof Float32Array) || answer.data.length !== n) {
        throw new Error(`output "${names.output}" is not float32 with one number per row`);
      }
      out.set(answer.data, start);
    }
    await session.release();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("unprocessable", `The trained ONNX model cannot be run: ${reason}`, { cause: error });
  }
  return out;
}

/** Largest |a − b|; +∞ when a pair cannot be compared, so that a NaN never passes for parity. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
