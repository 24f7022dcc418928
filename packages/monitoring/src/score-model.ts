import { AppError } from "@ballast/core";
import type { ServingSpec } from "@ballast/db";
import { InferenceSession, Tensor } from "onnxruntime-node";

const BATCH_ROWS = 4_096;

/**
 * A model's predictions for column-major features (NaN for missing), one per row, by ONNX Runtime on one thread: what the
 * prediction column is compared with. Throws `unprocessable` when the model cannot be run.
 */
export async function scoreModel(
  onnx: Uint8Array,
  features: readonly Float32Array[],
  rows: number,
  serving: Pick<ServingSpec, "tensor" | "output">,
): Promise<Float32Array> {
  const width = features.length;
  const out = new Float32Array(rows);
  try {
    const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    for (let start = 0; start < rows; start += BATCH_ROWS) {
      const n = Math.min(BATCH_ROWS, rows - start);
      const data = new Float32Array(n * width);
      features.forEach((column, j) => {
        for (let i = 0; i < n; i++) data[i * width + j] = column[start + i] as number;
      });
      const fed = { [serving.tensor]: new Tensor("float32", data, [n, width]) };
      const answer = (await session.run(fed, [serving.output]))[serving.output];
      if (answer === undefined || answer.data.length !== n)
        throw new Error(`"${serving.output}" is not one number per row`);
      out.set(Float32Array.from(answer.data as ArrayLike<number>), start);
    }
    await session.release();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("unprocessable", `The model cannot be scored for its reference: ${reason}`, { cause: error });
  }
  return out;
}
