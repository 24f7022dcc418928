import type { ProcedureCase } from "./access-inputs.ts";

let made = 0;

/** Experiments, runs and logged models, as `CASES` has them. */
export const experiments: Record<string, ProcedureCase> = {
  "experiment.experiments": {},
  "experiment.search": {
    input: () => ({
      filter: "metrics.auc > 0 OR NOT params.a = 'b'",
      orderBy: [{ by: "metrics.auc" }],
      view: "all",
      limit: 5,
    }),
    filtered: ({ run }) => [{ filter: `run_id = '${run}'` }],
  },
  "experiment.columns": { input: () => ({}) },
  "experiment.complete": { input: () => ({ filter: "metrics.a", position: 9 }) },
  "experiment.chart": {
    input: ({ run }) => ({ runIds: [run], key: "auc", from: -5, to: 100, buckets: 50 }),
    filtered: ({ run }) => [{ runIds: [run], key: "auc" }],
  },
  "experiment.metricsOf": { input: ({ run }) => ({ runId: run }), foreign: ({ run }) => [{ runId: run }] },
  "artifact.list": { input: ({ run }) => ({ ownerId: run }), foreign: ({ run }) => [{ ownerId: run }] },
  "artifact.preview": {
    // The run has no file: what is asked for is right and not there.
    input: ({ run }) => ({ ownerId: run, path: "model.txt" }),
    answers: ["NOT_FOUND"],
    foreign: ({ run }) => [{ ownerId: run, path: "model.txt" }],
  },
  "experiment.runs": {
    input: ({ experiment }) => ({
      query: {
        ...{ experimentId: experiment, states: ["running"], search: "t", tags: { a: "b" }, offset: 0, limit: 50 },
        sort: { by: "metric:auc", descending: true },
      },
    }),
    filtered: ({ experiment }) => [{ query: { experimentId: experiment } }],
  },
  "experiment.run": { input: ({ run }) => ({ runId: run }), foreign: ({ run }) => [{ runId: run }] },
  "experiment.startRun": {
    input: () => ({
      ...{ experiment: "by hand", name: "try", params: { depth: 3 }, tags: { a: "b" }, codeVersion: "1" },
      inputs: [{ kind: "artifact", id: "x", label: "x", detail: { rows: 1 } }],
      eventTime: new Date("2001-02-01T00:00:00Z"),
    }),
    foreign: ({ experiment }) => [{ experimentId: experiment, name: "try" }],
  },
  "experiment.log": {
    input: ({ run }) => ({ runId: run, params: { depth: 3 }, metrics: { auc: 0.7 } }),
    answers: ["OK", "CONFLICT"],
    foreign: ({ run }) => [
      { runId: run, params: { depth: 3 } },
      { runId: run, metrics: { auc: 0.7 } },
    ],
  },
  "experiment.finishRun": {
    input: ({ run }) => ({ runId: run, state: "finished", metrics: { auc: 0.7 }, outputs: [], error: "" }),
    answers: ["OK", "CONFLICT"],
    foreign: ({ run }) => [{ runId: run, state: "killed" }],
  },
  "experiment.logBatch": {
    input: ({ run }) => ({
      runId: run,
      metrics: [{ key: "auc", value: "NaN", at: 1, step: 2, datasetName: "d", datasetDigest: "1" }],
      params: { depth: 3 },
      tags: { a: "b" },
    }),
    foreign: ({ run }) => [{ runId: run, tags: { a: "b" } }],
  },
  "experiment.logInputs": {
    input: ({ run }) => ({
      ...{ runId: run, models: [] },
      datasets: [{ name: "d", digest: "1", sourceType: "local", source: "{}", schema: "{}", profile: "{}", tags: {} }],
    }),
    foreign: ({ run }) => [{ runId: run }],
  },
  "experiment.history": {
    input: ({ run }) => ({ runId: run, key: "auc", limit: 5, after: { at: 0, step: 0, value: 1 } }),
    foreign: ({ run }) => [{ runId: run, key: "auc" }],
  },
  "experiment.updateRun": {
    input: ({ run }) => ({ runId: run, state: "running", endedAt: new Date(0), name: "try" }),
    foreign: ({ run }) => [{ runId: run, name: "taken over" }],
  },
  "experiment.tagRun": {
    input: ({ run }) => ({ runId: run, tags: { a: "b" } }),
    foreign: ({ run }) => [{ runId: run, tags: { a: "b" } }],
  },
  "experiment.untagRun": {
    input: ({ run }) => ({ runId: run, key: "a" }),
    answers: ["OK", "NOT_FOUND"],
    foreign: ({ run }) => [{ runId: run, key: "a" }],
  },
  "experiment.trashRun": {
    input: () => ({ runId: "run_gone" }),
    answers: ["NOT_FOUND"],
    foreign: ({ run }) => [{ runId: run }],
  },
  "experiment.restoreRun": { input: ({ run }) => ({ runId: run }), foreign: ({ run }) => [{ runId: run }] },
  "experiment.experiment": {
    input: ({ experiment }) => ({ experimentId: experiment }),
    foreign: ({ experiment }) => [{ experimentId: experiment }],
  },
  "experiment.createExperiment": { input: () => ({ name: `experiment ${++made}`, tags: { a: "b" } }) },
  "experiment.renameExperiment": {
    input: ({ experiment }) => ({ experimentId: experiment, name: "by hand" }),
    foreign: ({ experiment }) => [{ experimentId: experiment, name: "taken over" }],
  },
  "experiment.tagExperiment": {
    input: ({ experiment }) => ({ experimentId: experiment, tags: { a: "b" } }),
    foreign: ({ experiment }) => [{ experimentId: experiment, tags: { a: "b" } }],
  },
  "experiment.untagExperiment": {
    input: ({ experiment }) => ({ experimentId: experiment, key: "a" }),
    answers: ["OK", "NOT_FOUND"],
    foreign: ({ experiment }) => [{ experimentId: experiment, key: "a" }],
  },
  "experiment.trashExperiment": {
    input: () => ({ experimentId: "exp_gone" }),
    answers: ["NOT_FOUND"],
    foreign: ({ experiment }) => [{ experimentId: experiment }],
  },
  "experiment.restoreExperiment": {
    input: ({ experiment }) => ({ experimentId: experiment }),
    foreign: ({ experiment }) => [{ experimentId: experiment }],
  },
  "experiment.loggedModel": {
    input: ({ loggedModel }) => ({ modelId: loggedModel }),
    foreign: ({ loggedModel }) => [{ modelId: loggedModel }],
  },
  "experiment.tagLoggedModel": {
    input: ({ loggedModel }) => ({ modelId: loggedModel, tags: { a: "b" } }),
    foreign: ({ loggedModel }) => [{ modelId: loggedModel, tags: { a: "b" } }],
  },
  "experiment.untagLoggedModel": {
    input: ({ loggedModel }) => ({ modelId: loggedModel, key: "a" }),
    answers: ["OK", "NOT_FOUND"],
    foreign: ({ loggedModel }) => [{ modelId: loggedModel, key: "a" }],
  },
  "experiment.trashLoggedModel": {
    input: () => ({ modelId: "m-gone" }),
    answers: ["NOT_FOUND"],
    foreign: ({ loggedModel }) => [{ modelId: loggedModel }],
  },
  "experiment.restoreLoggedModel": {
    input: ({ loggedModel }) => ({ modelId: loggedModel }),
    foreign: ({ loggedModel }) => [{ modelId: loggedModel }],
  },
};
