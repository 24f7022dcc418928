import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import type { LineageKind, LineageRef } from "./lineage-nodes.ts";

export interface Step {
  at: LineageRef;
  found: LineageRef;
}
/** Finds (at, found) pairs for a list of ids; the query answers columns `at`, `id` and, where kinds mix, `kind`. */
interface Rule {
  from: LineageKind;
  to: LineageKind | "input";
  pairs: (scope: Scope, ids: SQL) => SQL;
}

const mine = (scope: Scope, table: string) =>
  sql`${sql.raw(table)}.team_id = ${scope.teamId} and ${sql.raw(table)}.project_id = ${scope.projectId}`;

/** Where things come from. Run inputs are of several kinds, which are those of nodes but for `artifact`. */
const UPSTREAM: Rule[] = [
  {
    from: "model_version",
    to: "run",
    pairs: (scope, ids) => sql`
      select v.id as at, r.id from model_versions v join runs r on r.team_id = v.team_id and r.id = v.lineage->>'runId'
      where ${mine(scope, "v")} and r.project_id = v.project_id and v.id in ${ids}`,
  },
  {
    from: "model_version",
    to: "logged_model",
    pairs: (scope, ids) => sql`
      select v.id as at, m.id from model_versions v join logged_models m on m.team_id = v.team_id and m.id = v.logged_model_id
      where ${mine(scope, "v")} and m.project_id = v.project_id and v.id in ${ids}`,
  },
  {
    from: "model_version",
    to: "feature_view",
    pairs: (scope, ids) => sql`
      select v.id as at, f->>'id' as id from model_versions v, jsonb_array_elements(v.lineage->'featureViews') f
      where ${mine(scope, "v")} and v.id in ${ids}`,
  },
  {
    from: "model_version",
    to: "dataset_version",
    pairs: (scope, ids) => sql`
      select v.id as at, d->>'id' as id from model_versions v, jsonb_array_elements(v.lineage->'datasetVersions') d
      where ${mine(scope, "v")} and v.id in ${ids}`,
  },
  {
    from: "logged_model",
    to: "run",
    pairs: (scope, ids) => sql`
      select m.id as at, r.id from logged_models m join runs r on r.team_id = m.team_id and r.id = m.source_run_id
      where ${mine(scope, "m")} and r.project_id = m.project_id and m.id in ${ids}`,
  },
  {
    from: "run",
    to: "input",
    pairs: (scope, ids) => sql`
      select r.id as at, i->>'id' as id, i->>'kind' as kind from runs r, jsonb_array_elements(r.inputs) i
      where ${mine(scope, "r")} and i->>'kind' <> 'artifact' and r.id in ${ids}`,
  },
  {
    from: "run",
    to: "tracked_dataset",
    pairs: (scope, ids) => sql`
      select l.run_id as at, l.target_id as id from run_links l
      where ${mine(scope, "l")} and l.kind = 'input_dataset' and l.run_id in ${ids}`,
  },
  {
    from: "run",
    to: "logged_model",
    pairs: (scope, ids) => sql`
      select l.run_id as at, l.target_id as id from run_links l
      where ${mine(scope, "l")} and l.kind = 'input_model' and l.run_id in ${ids}`,
  },
  {
    from: "feature_view",
    to: "stream",
    pairs: (scope, ids) => sql`
      select f.id as at, f.definition->>'source' as id from feature_views f
      where ${mine(scope, "f")} and f.definition->>'source' is not null and f.id in ${ids}`,
  },
  {
    from: "deployment",
    to: "model_version",
    pairs: (scope, ids) => sql`
      select d.id as at, v.id from deployments d join model_versions v on v.team_id = d.team_id and v.project_id = d.project_id
        and (v.id = d.routing->>'champion' or v.id = d.routing->'candidate'->>'versionId' or d.routing->'shadows' ? v.id)
      where ${mine(scope, "d")} and d.id in ${ids}`,
  },
];

/** Where things go. */
const DOWNSTREAM: Rule[] = [
  {
    from: "dataset_version",
    to: "run",
    pairs: (scope, ids) => inputsOf(scope, ids, "dataset_version"),
  },
  { from: "stream", to: "run", pairs: (scope, ids) => inputsOf(scope, ids, "stream") },
  { from: "feature_view", to: "run", pairs: (scope, ids) => inputsOf(scope, ids, "feature_view") },
  {
    from: "dataset_version",
    to: "model_version",
    pairs: (scope, ids) => sql`
      select d->>'id' as at, v.id from model_versions v, jsonb_array_elements(v.lineage->'datasetVersions') d
      where ${mine(scope, "v")} and d->>'id' in ${ids}`,
  },
  {
    from: "feature_view",
    to: "model_version",
    pairs: (scope, ids) => sql`
      select f->>'id' as at, v.id from model_versions v, jsonb_array_elements(v.lineage->'featureViews') f
      where ${mine(scope, "v")} and f->>'id' in ${ids}`,
  },
  {
    from: "stream",
    to: "feature_view",
    pairs: (scope, ids) => sql`
      select f.definition->>'source' as at, f.id from feature_views f
      where ${mine(scope, "f")} and f.definition->>'source' in ${ids}`,
  },
  {
    from: "tracked_dataset",
    to: "run",
    pairs: (scope, ids) => sql`
      select l.target_id as at, l.run_id as id from run_links l
      where ${mine(scope, "l")} and l.kind = 'input_dataset' and l.target_id in ${ids}`,
  },
  {
    from: "logged_model",
    to: "run",
    pairs: (scope, ids) => sql`
      select l.target_id as at, l.run_id as id from run_links l
      where ${mine(scope, "l")} and l.kind = 'input_model' and l.target_id in ${ids}`,
  },
  {
    from: "run",
    to: "logged_model",
    pairs: (scope, ids) => sql`
      select m.source_run_id as at, m.id from logged_models m where ${mine(scope, "m")} and m.source_run_id in ${ids}`,
  },
  {
    from: "run",
    to: "model_version",
    pairs: (scope, ids) => sql`
      select v.lineage->>'runId' as at, v.id from model_versions v
      where ${mine(scope, "v")} and v.lineage->>'runId' in ${ids}`,
  },
  {
    from: "logged_model",
    to: "model_version",
    pairs: (scope, ids) => sql`
      select v.logged_model_id as at, v.id from model_versions v
      where ${mine(scope, "v")} and v.logged_model_id in ${ids}`,
  },
  {
    from: "model_version",
    to: "deployment",
    pairs: (scope, ids) => sql`
      select distinct v.id as at, d.id from model_versions v join deployments d on d.team_id = v.team_id and d.project_id = v.project_id
        and (v.id = d.routing->>'champion' or v.id = d.routing->'candidate'->>'versionId' or d.routing->'shadows' ? v.id
          or exists (select 1 from rollouts r where r.team_id = d.team_id and r.deployment_id = d.id and r.candidate_id = v.id))
      where ${mine(scope, "v")} and v.id in ${ids}`,
  },
];

function inputsOf(scope: Scope, ids: SQL, kind: string): SQL {
  return sql`
    select i->>'id' as at, r.id from runs r, jsonb_array_elements(r.inputs) i
    where ${mine(scope, "r")} and r.deleted_at is null and i->>'kind' = ${kind} and i->>'id' in ${ids}`;
}

const RULES = { upstream: UPSTREAM, downstream: DOWNSTREAM };

/** The next things in a direction, for a layer of the graph: one query per kind of arrow. */
export async function stepsFrom(
  tx: Tx,
  scope: Scope,
  layer: LineageRef[],
  direction: keyof typeof RULES,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const rule of RULES[direction]) {
    const ids = layer.filter(({ kind }) => kind === rule.from).map(({ id }) => id);
    if (ids.length === 0) continue;
    const list = sql`(${sql.join(
      ids.map((id) => sql`${id}`),
      sql`, `,
    )})`;
    const rows = await tx.execute<{ at: string; id: string; kind?: LineageKind }>(rule.pairs(scope, list));
    for (const { at, id, kind } of rows) {
      const to = rule.to === "input" ? kind : rule.to;
      if (to) steps.push({ at: { kind: rule.from, id: at }, found: { kind: to, id } });
    }
  }
  return steps;
}
