import { AppError } from "@ballast/core";
import type { InferenceSession, Tensor } from "onnxruntime-node";

/** What is needed to run a model on feature rows. */
export interface ModelSpec {
  /** SHA-256 of the ONNX file. */
  digest: string;
  /** Input tensor, float32 [n, width]. */
  tensor: string;
  /** Output tensor with one number a row. */
  output: string;
  /** Features per row. */
  width: number;
}

/** How fast a model was when it was loaded. */
export interface ModelSpeed {
  /** Median time of a one-row run, milliseconds. */
  medianMs: number;
  /** Rows that one run on the serving thread may have; 0 for a model that must not run there. */
  inlineRows: number;
}

/** One key per distinct way of running a file. */
export function specKey(spec: ModelSpec): string {
  return `${spec.digest}/${spec.tensor}/${spec.output}/${spec.width}`;
}

/** One thread per run: ORT's own threads spin and starve the rest of a small machine. */
export const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: "all",
};

/** The predictions in a run's results, float64 down to float32. `unprocessable` where they are not one number a row. */
export function predictionsOf(results: Record<string, Tensor>, spec: ModelSpec, rows: number): Float32Array {
  const tensor = results[spec.output];
  const data = tensor?.data;
  if (!(data instanceof Float32Array || data instanceof Float64Array) || data.length !== rows) {
    throw new AppError(
      "unprocessable",
      `Output "${spec.output}" of the model has ${data?.length ?? 0} ${tensor?.type ?? ""} values for ${rows} rows; one float a row is needed.`,
    );
  }
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
