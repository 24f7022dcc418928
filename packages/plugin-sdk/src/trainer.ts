/**
 * A training table, column-major. Every feature column is Float32 of length `rows`; NaN is "missing".
 * `label` is 0 or 1 for `binary`, any finite number for `regression`. Rows come in time order.
 */
export interface TrainingTable {
  rows: number;
  featureNames: string[];
  /** `features[j][i]` is feature j of row i. */
  features: Float32Array[];
  label: Float32Array;
}

export interface TrainingProgress {
  /** Completed and planned boosting rounds, epochs or the like. */
  done: number;
  total: number;
  /** Validation loss after `done`, if there is a validation table. */
  loss?: number;
}

export interface TrainRequest {
  task: "binary" | "regression";
  train: TrainingTable;
  /** Later in time than `train`; used for early stopping only. */
  validation?: TrainingTable;
  /** Validated by the trainer; an unknown or out-of-range key is an error that names it. */
  params: Record<string, number | string | boolean>;
  seed: number;
  onProgress?: (progress: TrainingProgress) => void;
  signal?: AbortSignal;
}

export interface TrainResult {
  /** The ONNX model: input `features` float32 [-1, k], output `probability` or `prediction` float32 [-1, 1]. */
  onnx: Uint8Array;
  /** Parameters as used, defaults filled in. */
  params: Record<string, number | string | boolean>;
  metrics: Record<string, number>;
  /** Work done and the most that could have been done, in the trainer's metered unit. */
  usage: { unit: string; quantity: number; worstCase: number };
  featureImportance: { feature: string; gain: number }[];
  /** The trainer's own predictions for a table, the oracle for ONNX parity. */
  predict(table: Pick<TrainingTable, "rows" | "features">): Float32Array;
}

/** Trains a model. Deterministic for equal input, params and seed. */
export interface Trainer {
  id: string;
  title: string;
  /** The most work a request can cost, known before it starts: what a budget reserves. */
  estimate(request: { rows: number; features: number; params: TrainRequest["params"] }): {
    unit: string;
    worstCase: number;
  };
  train(request: TrainRequest): Promise<TrainResult>;
}
