import type { TrainingProgress, TrainingTable, TrainRequest, TrainResult } from "@ballast/plugin-sdk";

/** How the thread opens the plugins for itself: import `module`, call its `openPluginHost(options)`. */
export interface ThreadPluginSource {
  module: string;
  options: unknown;
}

/** What a training thread is started with. Buffers of the tables are transferred, not copied. */
export interface ThreadTask {
  plugins: ThreadPluginSource;
  trainer: string;
  task: TrainRequest["task"];
  train: TrainingTable;
  validation: TrainingTable | null;
  /** Held-out rows to predict with the trainer and with ONNX Runtime. */
  test: Pick<TrainingTable, "rows" | "features">;
  params: TrainRequest["params"];
  seed: number;
  tensor: string;
  output: string;
}

/** A finished training: the trainer's answer without its closure, and both predictions for every held-out row. */
export interface ThreadResult extends Omit<TrainResult, "predict"> {
  testPredictions: Float32Array;
  onnxPredictions: Float32Array;
}

export type ThreadMessage =
  | { kind: "progress"; progress: TrainingProgress }
  | { kind: "result"; result: ThreadResult }
  | { kind: "error"; code: string | null; message: string; details: Record<string, unknown> };
