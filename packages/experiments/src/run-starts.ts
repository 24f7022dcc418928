import { type AppError, newId, notFound, type Scope } from "@ballast/core";
import { auditEvents, experiments, runs, type Tx } from "@ballast/db";
import { and, eq, sql } from "drizzle-orm";
import { DEFAULT_EXPERIMENT, ensureExperiment, experimentInTrash } from "./experiments.ts";
import { textArray, timeArray } from "./pg-arrays.ts";
import { newRun, type Run, type StartRunInput } from "./runs.ts";

/** A run to start in an experiment that is there; without one, in the project's default experiment. */
export interface RunStart {
  scope: Scope;
  input: Omit<StartRunInput, "experiment">;
}

/**
 * Starts runs of a team together, each with its audit event.
 * @returns for each the run, or why there is none: `not_found` (experiment), `conflict` (experiment in the trash)
 */
export async function startRuns(tx: Tx, teamId: string, starts: readonly RunStart[]): Promise<(Run | AppError)[]> {
  const defaults = await defaultExperiments(tx, starts);
  const asked = starts.map(({ scope, input }) => input.experimentId ?? defaults.get(scope.projectId) ?? "");
  const known = await findExperiments(tx, teamId, asked);
  const made: { run: Run; scope: Scope }[] = [];
  const results = starts.map(({ scope, input }, i) => {
    const id = asked[i] ?? "";
    const experiment = known.get(id);
    if (experiment?.projectId !== scope.projectId) return notFound("Experiment", id);
    if (experiment.deletedAt) return experimentInTrash(experiment.id);
    const run = newRun(scope, experiment.id, input);
    made.push({ run, scope });
    return run;
  });
  await insertRuns(
    tx,
    teamId,
    made.map(({ run }) => run),
  );
  await auditStarts(tx, teamId, made);
  return results;
}

/** The default experiment of each project that a start without experiment is in, made if there is none. */
async function defaultExperiments(tx: Tx, starts: readonly RunStart[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { scope, input } of starts) {
    if (input.experimentId !== undefined || found.has(scope.projectId)) continue;
    found.set(scope.projectId, (await ensureExperiment(tx, scope, DEFAULT_EXPERIMENT)).id);
  }
  return found;
}

async function findExperiments(tx: Tx, teamId: string, ids: readonly string[]) {
  const rows = await tx
    .select({ id: experiments.id, projectId: experiments.projectId, deletedAt: experiments.deletedAt })
    .from(experiments)
    .where(and(eq(experiments.teamId, teamId), sql`${experiments.id} = any(${textArray([...new Set(ids)])})`));
  return new Map(rows.map((row) => [row.id, row]));
}

async function insertRuns(tx: Tx, teamId: string, made: readonly Run[]): Promise<void> {
  if (made.length === 0) return;
  const texts = (of: (run: Run) => string | null) => textArray(made.map(of));
  await tx.execute(sql`
    insert into ${runs} (team_id, project_id, id, experiment_id, name, state, params, tags, inputs, outputs, parent_id,
      code_version, created_by, event_time, started_at)
    select ${teamId}::text, u.project_id, u.id, u.experiment_id, u.name, 'running', u.params::jsonb, u.tags::jsonb,
      u.inputs::jsonb, '[]'::jsonb, u.parent_id, u.code_version, u.created_by, u.event_time, u.started_at
    from unnest(${texts((r) => r.projectId)}, ${texts((r) => r.id)}, ${texts((r) => r.experimentId)}, ${texts((r) => r.name)},
      ${texts((r) => JSON.stringify(r.params))}, ${texts((r) => JSON.stringify(r.tags))}, ${texts((r) => JSON.stringify(r.inputs))},
      ${texts((r) => r.parentId)}, ${texts((r) => r.codeVersion)}, ${texts((r) => r.createdBy)},
      ${timeArray(made.map((r) => r.eventTime))}, ${timeArray(made.map((r) => r.startedAt))})
      as u(project_id, id, experiment_id, name, params, tags, inputs, parent_id, code_version, created_by, event_time, started_at)`);
}

async function auditStarts(tx: Tx, teamId: string, made: readonly { run: Run; scope: Scope }[]): Promise<void> {
  if (made.length === 0) return;
  const texts = (of: (start: { run: Run; scope: Scope }) => string) => textArray(made.map(of));
  await tx.execute(sql`
    insert into ${auditEvents} (team_id, project_id, id, actor_type, actor_id, actor_name, action, subject, detail)
    select ${teamId}::text, u.project_id, u.id, u.actor_type, u.actor_id, u.actor_name, 'run.start', u.subject, u.detail::jsonb
    from unnest(${texts(({ run }) => run.projectId)}, ${texts(() => newId("auditEvent"))},
      ${texts(({ scope }) => scope.actor.type)}, ${texts(({ scope }) => scope.actor.id)}, ${texts(({ scope }) => scope.actor.name)},
      ${texts(({ run }) => run.id)}, ${texts(({ run }) => JSON.stringify({ name: run.name }))})
      as u(project_id, id, actor_type, actor_id, actor_name, subject, detail)`);
}
