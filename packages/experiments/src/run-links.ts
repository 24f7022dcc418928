import { newId, notFound, type Scope } from "@ballast/core";
import { loggedModels, runLinks, type Tx, trackedDatasets } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { lockActive } from "./run-lock.ts";

export type TrackedDataset = typeof trackedDatasets.$inferSelect;

export interface DatasetInput {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema?: string | null;
  profile?: string | null;
  /** E.g. `mlflow.data.context`: training. */
  tags?: Record<string, string>;
}

export interface RunLinks {
  datasets: { dataset: TrackedDataset; tags: Record<string, string> }[];
  inputModels: { modelId: string }[];
  outputModels: { modelId: string; step: number }[];
}

/**
 * Notes what a run read. Idempotent: a dataset is one by name and digest, and a link that is there gains the tags it lacks.
 * @throws AppError `not_found` for a run or model that is not the project's; `conflict` for a run in the trash
 */
export async function logRunInputs(
  tx: Tx,
  scope: Scope,
  runId: string,
  inputs: { datasets?: readonly DatasetInput[]; models?: readonly string[] },
): Promise<void> {
  await lockActive(tx, scope, runId);
  const { datasets = [], models = [] } = inputs;
  await refuseUnknownModels(tx, scope, models);
  const ids = await ensureDatasets(tx, scope, datasets);
  const links = new Map<string, Link>();
  for (const { name, digest, tags = {} } of datasets) {
    const targetId = ids.get(datasetKey(name, digest)) ?? "";
    links.set(targetId, { kind: "input_dataset", targetId, tags: { ...links.get(targetId)?.tags, ...tags } });
  }
  for (const targetId of models) links.set(targetId, { kind: "input_model", targetId });
  await link(tx, scope, runId, [...links.values()]);
  const detail = { datasets: datasets.map(({ name }) => name), models };
  await audit(tx, scope, { action: "run.log_inputs", subject: runId, detail });
}

/** Notes which logged models a run made, and at which step. Idempotent. @throws like {@link logRunInputs} */
export async function logRunOutputs(
  tx: Tx,
  scope: Scope,
  runId: string,
  models: readonly { modelId: string; step?: number }[],
): Promise<void> {
  await lockActive(tx, scope, runId);
  const ids = models.map(({ modelId }) => modelId);
  await refuseUnknownModels(tx, scope, ids);
  const links = new Map(
    models.map(({ modelId, step = 0 }) => [modelId, { kind: "output_model" as const, targetId: modelId, step }]),
  );
  await link(tx, scope, runId, [...links.values()]);
  await audit(tx, scope, { action: "run.log_outputs", subject: runId, detail: { models: ids } });
}

/** What a run is linked to, in the order it was noted. */
export async function linksOfRun(tx: Tx, scope: Scope, runId: string): Promise<RunLinks> {
  return (await linksOfRuns(tx, scope, [runId])).get(runId) ?? noLinks();
}

const noLinks = (): RunLinks => ({ datasets: [], inputModels: [], outputModels: [] });

/** The same of many runs; a run without links is not among them. */
export async function linksOfRuns(tx: Tx, scope: Scope, runIds: readonly string[]): Promise<Map<string, RunLinks>> {
  const found = new Map<string, RunLinks>();
  if (runIds.length === 0) return found;
  const rows = await tx
    .select({ link: runLinks, dataset: trackedDatasets })
    .from(runLinks)
    .leftJoin(
      trackedDatasets,
      and(eq(trackedDatasets.teamId, runLinks.teamId), eq(trackedDatasets.id, runLinks.targetId)),
    )
    .where(
      and(
        eq(runLinks.teamId, scope.teamId),
        eq(runLinks.projectId, scope.projectId),
        inArray(runLinks.runId, [...runIds]),
      ),
    )
    .orderBy(asc(runLinks.createdAt), asc(runLinks.targetId));
  for (const { link, dataset } of rows) {
    const links = found.get(link.runId) ?? noLinks();
    found.set(link.runId, links);
    if (link.kind === "input_model") links.inputModels.push({ modelId: link.targetId });
    else if (link.kind === "output_model") links.outputModels.push({ modelId: link.targetId, step: link.step });
    else if (dataset) links.datasets.push({ dataset, tags: link.tags });
  }
  return found;
}

interface Link {
  kind: "input_dataset" | "input_model" | "output_model";
  targetId: string;
  step?: number;
  tags?: Record<string, string>;
}

async function link(tx: Tx, scope: Scope, runId: string, links: readonly Link[]): Promise<void> {
  if (links.length === 0) return;
  const { teamId, projectId } = scope;
  await tx
    .insert(runLinks)
    .values(links.map((l) => ({ teamId, projectId, runId, step: 0, tags: {}, ...l })))
    .onConflictDoUpdate({
      target: [runLinks.teamId, runLinks.projectId, runLinks.runId, runLinks.kind, runLinks.targetId],
      set: { step: sql`excluded.step`, tags: sql`${runLinks.tags} || excluded.tags` },
    });
}

const datasetKey = (name: string, digest: string) => JSON.stringify([name, digest]);

/** Ids by name and digest; what is described a second time keeps its first description. */
async function ensureDatasets(tx: Tx, scope: Scope, inputs: readonly DatasetInput[]): Promise<Map<string, string>> {
  if (inputs.length === 0) return new Map();
  const { teamId, projectId } = scope;
  const distinct = new Map(inputs.map((input) => [datasetKey(input.name, input.digest), input]));
  const sorted = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, input]) => input);
  await tx
    .insert(trackedDatasets)
    .values(
      sorted.map(({ tags: _tags, schema = null, profile = null, ...described }) => ({
        ...{ teamId, projectId, id: newId("trackedDataset"), schema, profile },
        ...described,
      })),
    )
    .onConflictDoNothing();
  const rows = await tx
    .select({ id: trackedDatasets.id, name: trackedDatasets.name, digest: trackedDatasets.digest })
    .from(trackedDatasets)
    .where(
      and(
        eq(trackedDatasets.teamId, teamId),
        eq(trackedDatasets.projectId, projectId),
        inArray(
          trackedDatasets.name,
          sorted.map(({ name }) => name),
        ),
        inArray(
          trackedDatasets.digest,
          sorted.map(({ digest }) => digest),
        ),
      ),
    );
  return new Map(rows.map(({ id, name, digest }) => [datasetKey(name, digest), id]));
}

async function refuseUnknownModels(tx: Tx, scope: Scope, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = await tx
    .select({ id: loggedModels.id })
    .from(loggedModels)
    .where(
      and(
        eq(loggedModels.teamId, scope.teamId),
        eq(loggedModels.projectId, scope.projectId),
        inArray(loggedModels.id, [...ids]),
      ),
    );
  const known = new Set(rows.map(({ id }) => id));
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) throw notFound("Logged model", unknown);
}
