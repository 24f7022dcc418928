import type { Scope } from "@ballast/core";
import {
  datasets,
  datasetVersions,
  experiments,
  loggedModels,
  modelVersions,
  projects,
  registeredModels,
  runLinks,
  runs,
  type Tx,
  teams,
  trackedDatasets,
  trainingJobs,
  trainingPipelines,
} from "@ballast/db";
import { and, eq, inArray, or, sql } from "drizzle-orm";
import type { LineageDataset, LineageFacts } from "./facts.ts";

type Run = typeof runs.$inferSelect;
type Job = typeof trainingJobs.$inferSelect;

/** The project as OpenLineage names it. */
export async function lineageNamespace(tx: Tx, scope: Scope): Promise<string> {
  const [row] = await tx
    .select({ team: teams.slug, project: projects.slug })
    .from(projects)
    .innerJoin(teams, eq(teams.id, projects.teamId))
    .where(and(eq(projects.teamId, scope.teamId), eq(projects.id, scope.projectId)));
  return `ballast://${row?.team ?? scope.teamId}/${row?.project ?? scope.projectId}`;
}

/** Columns of a dataset as MLflow's clients describe them: `{"mlflow_colspec": [{name, type}]}`. */
function fieldsOf(schema: string | null): LineageDataset["fields"] {
  if (schema === null) return [];
  try {
    const parsed = JSON.parse(schema) as { mlflow_colspec?: { name?: unknown; type?: unknown }[] } | null;
    const columns = Array.isArray(parsed?.mlflow_colspec) ? parsed.mlflow_colspec : [];
    return columns.flatMap(({ name, type }) =>
      typeof name === "string" ? [{ name, type: typeof type === "string" ? type : "unknown" }] : [],
    );
  } catch {
    return [];
  }
}

/** The address in a dataset's source: the text itself, or its `uri`, `url` or `path`. */
function addressOf(source: string): string | null {
  try {
    const parsed: unknown = JSON.parse(source);
    if (typeof parsed === "string") return parsed;
    const record = (parsed ?? {}) as Record<string, unknown>;
    const found = [record.uri, record.url, record.path].find((value) => typeof value === "string");
    return typeof found === "string" ? found : null;
  } catch {
    return source;
  }
}

interface Ends {
  inputs: Map<string, LineageDataset[]>;
  outputs: Map<string, LineageDataset[]>;
}
const put = (map: Map<string, LineageDataset[]>, runId: string, dataset: LineageDataset) =>
  map.set(runId, [...(map.get(runId) ?? []), dataset]);

async function storedVersions(tx: Tx, scope: Scope, ids: string[]): Promise<Map<string, LineageDataset>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ version: datasetVersions, name: datasets.name })
    .from(datasetVersions)
    .innerJoin(datasets, and(eq(datasets.teamId, datasetVersions.teamId), eq(datasets.id, datasetVersions.datasetId)))
    .where(
      and(
        eq(datasetVersions.teamId, scope.teamId),
        eq(datasetVersions.projectId, scope.projectId),
        inArray(datasetVersions.id, ids),
      ),
    );
  return new Map(
    rows.map(({ version, name }) => [
      version.id,
      {
        name,
        version: String(version.version),
        fields: (version.contract?.columns ?? []).map((column) => ({ name: column.name, type: column.type })),
        source: null,
      },
    ]),
  );
}

/** Adds what clients logged: datasets read, logged models read and made. */
async function addLinks(tx: Tx, scope: Scope, ids: string[], ends: Ends): Promise<void> {
  const rows = await tx
    .select({ link: runLinks, dataset: trackedDatasets, model: loggedModels })
    .from(runLinks)
    .leftJoin(
      trackedDatasets,
      and(eq(trackedDatasets.teamId, runLinks.teamId), eq(trackedDatasets.id, runLinks.targetId)),
    )
    .leftJoin(loggedModels, and(eq(loggedModels.teamId, runLinks.teamId), eq(loggedModels.id, runLinks.targetId)))
    .where(
      and(eq(runLinks.teamId, scope.teamId), eq(runLinks.projectId, scope.projectId), inArray(runLinks.runId, ids)),
    );
  for (const { link, dataset, model } of rows) {
    if (dataset)
      put(ends.inputs, link.runId, {
        name: dataset.name,
        version: dataset.digest,
        fields: fieldsOf(dataset.schema),
        source: addressOf(dataset.source),
      });
    if (model)
      put(link.kind === "output_model" ? ends.outputs : ends.inputs, link.runId, {
        name: `logged-models/${model.name}`,
        version: model.id,
        fields: [],
        source: null,
      });
  }
}

/** What each run read and made: its recorded inputs, what clients logged, and the versions registered from it. */
async function endsOf(tx: Tx, scope: Scope, rows: Run[]): Promise<Ends> {
  const ends: Ends = { inputs: new Map(), outputs: new Map() };
  const ids = rows.map((run) => run.id);
  if (ids.length === 0) return ends;
  const dataIds = rows.flatMap((run) => run.inputs.filter((i) => i.kind === "dataset_version").map((i) => i.id));
  const stored = await storedVersions(tx, scope, [...new Set(dataIds)]);
  for (const run of rows)
    for (const input of run.inputs) {
      if (input.kind === "artifact") continue;
      const known = stored.get(input.id);
      put(
        ends.inputs,
        run.id,
        known ?? { name: `${input.kind}/${input.label}`, version: null, fields: [], source: null },
      );
    }
  await addLinks(tx, scope, ids, ends);
  const runOf = sql<string>`${modelVersions.lineage}->>'runId'`;
  const versions = await tx
    .select({ runId: runOf, version: modelVersions.version, name: registeredModels.name })
    .from(modelVersions)
    .innerJoin(registeredModels, eq(registeredModels.id, modelVersions.modelId))
    .where(
      and(eq(modelVersions.teamId, scope.teamId), eq(modelVersions.projectId, scope.projectId), inArray(runOf, ids)),
    );
  for (const { runId, version, name } of versions)
    put(ends.outputs, runId, { name: `models/${name}`, version: String(version), fields: [], source: null });
  return ends;
}

const RUN_OUTCOME = {
  running: "running",
  scheduled: "running",
  finished: "succeeded",
  failed: "failed",
  killed: "stopped",
} as const;

/** Facts of runs, in the order given. */
export async function factsOfRuns(tx: Tx, scope: Scope, rows: Run[]): Promise<LineageFacts[]> {
  if (rows.length === 0) return [];
  const namespace = await lineageNamespace(tx, scope);
  const ids = rows.map((run) => run.id);
  const experimentIds = [...new Set(rows.map((run) => run.experimentId))];
  const parentIds = rows.flatMap((run) => run.parentId ?? []);
  const mine = and(eq(experiments.teamId, scope.teamId), eq(experiments.projectId, scope.projectId));
  const named = await tx
    .select({ id: experiments.id, name: experiments.name, runId: runs.id })
    .from(experiments)
    .leftJoin(
      runs,
      and(
        eq(runs.teamId, experiments.teamId),
        eq(runs.projectId, experiments.projectId),
        eq(runs.experimentId, experiments.id),
        inArray(runs.id, parentIds.length > 0 ? parentIds : [""]),
      ),
    )
    .where(and(mine, or(inArray(experiments.id, experimentIds), sql`${runs.id} is not null`)));
  const nameOf = new Map(named.map((row) => [row.id, row.name]));
  const parentJob = new Map(named.flatMap((row) => (row.runId ? [[row.runId, row.name] as const] : [])));
  const jobs = await tx
    .select({ id: trainingJobs.id, runId: trainingJobs.runId, pipeline: trainingPipelines.name })
    .from(trainingJobs)
    .innerJoin(trainingPipelines, eq(trainingPipelines.id, trainingJobs.pipelineId))
    .where(
      and(
        eq(trainingJobs.teamId, scope.teamId),
        eq(trainingJobs.projectId, scope.projectId),
        inArray(trainingJobs.runId, ids),
      ),
    );
  const ends = await endsOf(tx, scope, rows);
  return rows.map((run) => {
    const job = jobs.find((one) => one.runId === run.id);
    const parent = run.parentId
      ? { job: parentJob.get(run.parentId) ?? run.experimentId, runId: run.parentId }
      : job
        ? { job: job.pipeline, runId: job.id }
        : null;
    return {
      namespace,
      job: { name: nameOf.get(run.experimentId) ?? run.experimentId, type: "RUN" },
      run: { id: run.id, startedAt: run.startedAt, endedAt: run.endedAt },
      outcome: RUN_OUTCOME[run.state],
      error: run.error,
      parent,
      code: run.codeVersion
        ? { version: run.codeVersion, repository: run.tags["mlflow.source.git.repoURL"] ?? null }
        : null,
      inputs: ends.inputs.get(run.id) ?? [],
      outputs: ends.outputs.get(run.id) ?? [],
    };
  });
}

const JOB_OUTCOME = {
  queued: "running",
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  refused: "stopped",
} as const;

/** Facts of training jobs; inputs and outputs are those of the run each made. */
export async function factsOfJobs(tx: Tx, scope: Scope, rows: Job[]): Promise<LineageFacts[]> {
  if (rows.length === 0) return [];
  const namespace = await lineageNamespace(tx, scope);
  const pipelineIds = [...new Set(rows.map((job) => job.pipelineId))];
  const pipelines = await tx
    .select({ id: trainingPipelines.id, name: trainingPipelines.name })
    .from(trainingPipelines)
    .where(
      and(
        eq(trainingPipelines.teamId, scope.teamId),
        eq(trainingPipelines.projectId, scope.projectId),
        inArray(trainingPipelines.id, pipelineIds),
      ),
    );
  const runIds = rows.flatMap((job) => job.runId ?? []);
  const made = runIds.length
    ? await tx
        .select()
        .from(runs)
        .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), inArray(runs.id, runIds)))
    : [];
  const ends = await endsOf(tx, scope, made);
  return rows.map((job) => ({
    namespace,
    job: { name: pipelines.find(({ id }) => id === job.pipelineId)?.name ?? job.pipelineId, type: "TRAINING" },
    run: { id: job.id, startedAt: job.startedAt ?? job.createdAt, endedAt: job.endedAt },
    outcome: JOB_OUTCOME[job.state],
    error: job.reason,
    parent: null,
    code: null,
    inputs: ends.inputs.get(job.runId ?? "") ?? [],
    outputs: ends.outputs.get(job.runId ?? "") ?? [],
  }));
}
