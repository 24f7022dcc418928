import { AppError, toAppError } from "@ballast/core";
import { encodeInferResponse, quote } from "@ballast/inference-protocol";
import type { AnswerPieces, Role } from "./deployment-plan.ts";
import type { PredictionJob } from "./prediction-job.ts";
import { errorPayload, predictionPayload } from "./prediction-record.ts";
import type { Project } from "./project.ts";

/**
 * Journals the requests of one run in a single append, then answers them: nobody gets an answer that a killed process
 * could forget. If the append fails, every caller is told (507 where the disk is full) and nothing was journalled.
 */
export function finishPredictions(project: Project, jobs: PredictionJob[]): void {
  const now = performance.now();
  const payloads: string[] = [];
  for (const job of jobs) {
    if (job.error === null && !allFinite(job.y)) {
      job.error = new AppError("internal", "The model's output is not a finite number.", {
        publicMessage: "The model's output is not a finite number.",
      });
    }
    const us = Math.round((now - job.startedAt) * 1000);
    if (job.error !== null || job.y === null) payloads.push(errorPayload(job, job.error?.code ?? "internal", us));
    else for (let row = 0; row < job.rows; row++) payloads.push(predictionPayload(job, row, job.y[row] as number, us));
  }
  try {
    project.journal.append(payloads);
    for (const { times, at } of jobs) project.journal.noteAsked(times[times.length - 1] as number, at);
  } catch (error) {
    const failure = toAppError(error);
    for (const job of jobs) {
      job.error = failure;
    }
  }
  for (const job of jobs) {
    const { metrics } = job.arm;
    const seconds = (now - job.startedAt) / 1000;
    metrics[job.role].latency.observe(seconds);
    if (job.error !== null || job.y === null) {
      const error = job.error ?? new AppError("internal", "The model gave no answer.");
      metrics[job.role].requests(error.status).add();
      job.reply.failed(error);
      continue;
    }
    metrics[job.role].ok.add();
    metrics[job.role].rows.add(job.rows);
    job.reply.answered(responseJson(job, job.y));
    // After the answer: scoring beside it can't delay or fail this caller.
    if (job.shadows.length > 0) project.shadows.add(project, job);
  }
}

function allFinite(y: Float32Array | null): boolean {
  if (y === null) return false;
  for (let i = 0; i < y.length; i++) if (!Number.isFinite(y[i])) return false;
  return true;
}

/** The pieces of {@link oneRowAnswer} that do not change from request to request. */
export function answerPieces(deployment: string, version: number, output: string, role: Role): AnswerPieces {
  return {
    head: `{"model_name":${quote(deployment)},"model_version":"${version}",`,
    middle: `"parameters":{"variant":"${role}","prediction_id":"`,
    tail: `"},"outputs":[{"name":${quote(output)},"datatype":"FP32","shape":[1,1],"data":[`,
  };
}

/** `encodeInferResponse` for the usual case: one row, its prediction id in `parameters.prediction_id`. */
function oneRowAnswer(job: PredictionJob, y: number): string {
  const { head, middle, tail } = job.arm.answerPieces[job.role];
  const id = job.requestId === null ? "" : `"id":${quote(job.requestId)},`;
  return `${head}${id}${middle}${job.ids[0]}${tail}${y}]}]}`;
}

/** Several rows: their prediction ids are the BYTES output `prediction_id`, in row order. */
function responseJson(job: PredictionJob, y: Float32Array): string {
  const { arm, role, rows, plan } = job;
  if (rows === 1) return oneRowAnswer(job, y[0] as number);
  return encodeInferResponse({
    modelName: plan.snapshot.name,
    modelVersion: String(arm.version.number),
    id: job.requestId,
    parameters: { variant: role },
    outputs: [
      { name: arm.version.serving.output, datatype: "FP32", shape: [rows, 1], data: y },
      { name: "prediction_id", datatype: "BYTES", shape: [rows], data: job.ids },
    ],
  });
}
