import type { TrainRequest } from "@ballast/plugin-sdk";

/** A loss: where scores start, how each row pulls on its score, and what a set of scores costs. */
export interface Objective {
  /** No row's hessian is above this. */
  maxRowHessian: number;
  /** The constant score of least loss, rounded to float32. */
  baseScore(label: Float32Array): number;
  /** Writes gradient and hessian of each row, interleaved. */
  gradients(scores: Float64Array, label: Float32Array, out: Float32Array): void;
  /** Mean loss per row. */
  loss(scores: Float32Array | Float64Array, label: Float32Array): number;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** Logistic loss in nats; scores are log-odds. g = p − y, h = p(1 − p). */
const LOGISTIC: Objective = {
  maxRowHessian: 0.25,
  baseScore(label) {
    const share = mean(label);
    return Math.fround(Math.log(share / (1 - share)));
  },
  gradients(scores, label, out) {
    for (let i = 0, k = 0; i < label.length; i++, k += 2) {
      const p = 1 / (1 + Math.exp(-(scores[i] as number)));
      out[k] = p - (label[i] as number);
      out[k + 1] = p * (1 - p);
    }
  },
  loss(scores, label) {
    let sum = 0;
    for (let i = 0; i < label.length; i++) {
      const s = scores[i] as number;
      // log(1 + e^s) − y·s, written so that no large exponential is taken.
      sum += Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s))) - (label[i] as number) * s;
    }
    return sum / label.length;
  },
};

/** Half the squared error; scores are predictions. g = s − y, h = 1. */
const SQUARED_ERROR: Objective = {
  maxRowHessian: 1,
  baseScore: (label) => Math.fround(mean(label)),
  gradients(scores, label, out) {
    for (let i = 0, k = 0; i < label.length; i++, k += 2) {
      out[k] = (scores[i] as number) - (label[i] as number);
      out[k + 1] = 1;
    }
  },
  loss(scores, label) {
    let sum = 0;
    for (let i = 0; i < label.length; i++) sum += ((scores[i] as number) - (label[i] as number)) ** 2;
    return sum / label.length / 2;
  },
};

export const OBJECTIVES: Record<TrainRequest["task"], Objective> = { binary: LOGISTIC, regression: SQUARED_ERROR };
