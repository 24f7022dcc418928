import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import {
  createExperiment,
  DEFAULT_EXPERIMENT,
  ensureExperiment,
  experimentByName,
  getExperiment,
  renameExperiment,
  restoreExperiment,
  tagExperiment,
  trashExperiment,
  untagExperiment,
} from "@ballast/experiments/server";
import { inTeam, type MlflowHandler, naming } from "../call.ts";
import { doesNotExist, invalidParameter, MlflowError } from "../errors.ts";
import { experimentJson } from "../shapes.ts";
import { checkExperimentName, checkExperimentTag } from "../validation.ts";

/** What clients call the experiment of runs that name none. */
export const DEFAULT_ID = "0";
const EXPERIMENT_ID = /^[a-zA-Z0-9][\w-]{0,63}$/;

/** Our id of an experiment that a client names: "0" is the project's default, made when it is first asked for. */
export async function experimentId(tx: Tx, scope: Scope, id: string): Promise<string> {
  if (!EXPERIMENT_ID.test(id)) throw invalidParameter(`Invalid experiment ID: '${id}'`);
  return id === DEFAULT_ID ? (await ensureExperiment(tx, scope, DEFAULT_EXPERIMENT)).id : id;
}

/** Experiment ids of a search; one that is malformed can have nothing in it. */
export async function experimentIds(tx: Tx, scope: Scope, ids: readonly string[]): Promise<string[]> {
  const known: string[] = [];
  for (const id of new Set(ids)) if (EXPERIMENT_ID.test(id)) known.push(await experimentId(tx, scope, id));
  return known;
}

export const createExperimentHandler: MlflowHandler = async (call) => {
  const name = call.fields.required("name");
  const location = call.fields.text("artifact_location");
  const tags = call.fields.keyValues("tags");
  checkExperimentName(name);
  if (location !== undefined && !location.startsWith("mlflow-artifacts:")) {
    throw invalidParameter(
      `Invalid value "${location}" for parameter 'artifact_location' supplied: files are kept by this server, scanned and under its access rules. Leave artifact_location out.`,
    );
  }
  for (const { key, value } of tags) checkExperimentTag(key, value);
  const record = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  const made = await naming(`Experiment(name=${name}) already exists.`, () =>
    inTeam(call, async (tx) => {
      // The default is there in MLflow from the start: its name is taken.
      if (name === DEFAULT_EXPERIMENT) await ensureExperiment(tx, call.scope, name);
      return createExperiment(tx, call.scope, { name, tags: record });
    }),
  );
  return { experiment_id: made.id };
};

export const getExperimentHandler: MlflowHandler = async (call) => {
  const id = call.fields.requiredId("experiment_id");
  const experiment = await inTeam(call, async (tx) =>
    getExperiment(tx, call.scope, await experimentId(tx, call.scope, id)),
  );
  return { experiment: experimentJson(experiment) };
};

export const experimentByNameHandler: MlflowHandler = async (call) => {
  const name = call.fields.required("experiment_name");
  const experiment = await inTeam(call, async (tx) => {
    const found = await experimentByName(tx, call.scope, name);
    if (found || name !== DEFAULT_EXPERIMENT) return found;
    return ensureExperiment(tx, call.scope, name);
  });
  if (!experiment) throw doesNotExist(`Could not find experiment with name '${name}'`);
  return { experiment: experimentJson(experiment) };
};

/** As in MLflow, what is deleted cannot be deleted again, and what is not cannot be restored. */
export const deleteExperimentHandler: MlflowHandler = async (call) => {
  const id = call.fields.requiredId("experiment_id");
  await inTeam(call, async (tx) => {
    const { deletedAt, ...experiment } = await getExperiment(tx, call.scope, await experimentId(tx, call.scope, id));
    if (deletedAt) throw doesNotExist(`No Experiment with id=${id} exists`);
    await trashExperiment(tx, call.scope, experiment.id);
  });
  return {};
};

export const restoreExperimentHandler: MlflowHandler = async (call) => {
  const id = call.fields.requiredId("experiment_id");
  await inTeam(call, async (tx) => {
    const experiment = await getExperiment(tx, call.scope, await experimentId(tx, call.scope, id));
    if (!experiment.deletedAt) throw doesNotExist(`No Experiment with id=${id} exists`);
    await naming(
      `Experiment(name=${experiment.name}) already exists: rename that one before this one is restored.`,
      () => restoreExperiment(tx, call.scope, experiment.id),
    );
  });
  return {};
};

export const updateExperimentHandler: MlflowHandler = async (call) => {
  const id = call.fields.requiredId("experiment_id");
  const name = call.fields.required("new_name");
  checkExperimentName(name);
  await naming(`Experiment(name=${name}) already exists.`, () =>
    inTeam(call, async (tx) => {
      const experiment = await getExperiment(tx, call.scope, await experimentId(tx, call.scope, id));
      if (experiment.deletedAt) throw new MlflowError("INVALID_STATE", "Cannot rename a non-active experiment.");
      await renameExperiment(tx, call.scope, experiment.id, name);
    }),
  );
  return {};
};

export const setExperimentTagHandler: MlflowHandler = async (call) => {
  const id = call.fields.requiredId("experiment_id");
  const key = call.fields.required("key");
  const value = call.fields.text("value") ?? "";
  checkExperimentTag(key, value);
  await inTeam(call, async (tx) =>
    tagExperiment(tx, call.scope, await experimentId(tx, call.scope, id), { [key]: value }),
  );
  return {};
};

export const deleteExperimentTagHandler: MlflowHandler = async (call) => {
  const id = call.fields.requiredId("experiment_id");
  const key = call.fields.required("key");
  await inTeam(call, async (tx) => {
    const experiment = await getExperiment(tx, call.scope, await experimentId(tx, call.scope, id));
    if (!Object.hasOwn(experiment.tags, key)) {
      throw doesNotExist(`No tag with name: ${key} in experiment with id ${id}`);
    }
    await untagExperiment(tx, call.scope, experiment.id, key);
  });
  return {};
};
