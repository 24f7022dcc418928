import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { sql } from "drizzle-orm";
import type { LineageStop } from "./lineage-nodes.ts";

const figures = (n: number) => n.toLocaleString("en-US");
const money = (micros: number, currency: string) => `${currency} ${(micros / 1_000_000).toFixed(2)}`;

/** What came of versions: predictions by deployment and what they cost, and what training each version cost. */
export async function usesOf(
  tx: Tx,
  scope: Scope,
  stops: LineageStop[],
): Promise<{ stops: LineageStop[]; arrows: { from: LineageStop; to: LineageStop }[] }> {
  const versions = stops.filter(({ kind }) => kind === "model_version");
  const deployments = stops.filter(({ kind }) => kind === "deployment");
  const made: LineageStop[] = [];
  const arrows: { from: LineageStop; to: LineageStop }[] = [];
  const add = (from: LineageStop, stop: Omit<LineageStop, "name" | "number">) => {
    const node = { ...stop, name: null, number: null };
    made.push(node);
    arrows.push({ from, to: node });
    return node;
  };
  const list = (all: LineageStop[]) =>
    sql`(${sql.join(
      all.map(({ id }) => sql`${id}`),
      sql`, `,
    )})`;
  const predictions = new Map<string, LineageStop>();
  if (deployments.length > 0 && versions.length > 0) {
    const rows = await tx.execute<{ id: string; served: string; shadow: string; days: string }>(sql`
      select w.deployment_id as id, sum((t.value->>'served')::bigint) as served, sum((t.value->>'shadow')::bigint) as shadow,
        count(distinct w.id) as days
      from monitor_windows w, jsonb_each(w.tally->'versions') t
      where w.team_id = ${scope.teamId} and w.project_id = ${scope.projectId} and w.deployment_id in ${list(deployments)}
        and t.key in ${list(versions)}
      group by w.deployment_id`);
    for (const { id, served, shadow, days } of rows) {
      const from = deployments.find((deployment) => deployment.id === id);
      if (!from) continue;
      const detail = `${figures(Number(shadow))} more scored in shadow, ${figures(Number(days))} days`;
      const label = `${figures(Number(served))} predictions`;
      predictions.set(id, add(from, { kind: "predictions", id, label, detail }));
    }
  }
  if (versions.length === 0) return { stops: made, arrows };
  const costs = await tx.execute<{ version: string; deployment: string | null; currency: string; micros: string }>(sql`
    select c.model_version_id as version, c.deployment_id as deployment, b.currency, sum(c.amount_micros) as micros
    from cost_records c join budgets b on b.team_id = c.team_id and b.id = c.budget_id
    where c.team_id = ${scope.teamId} and c.project_id = ${scope.projectId} and c.model_version_id in ${list(versions)}
    group by 1, 2, 3`);
  const serving = new Map<string, { from: LineageStop; currency: string; micros: number }>();
  for (const { version, deployment, currency, micros } of costs) {
    const from = deployment === null ? versions.find(({ id }) => id === version) : predictions.get(deployment);
    if (!from) continue;
    const key = `${from.kind}:${from.id}:${currency}`;
    const sum = (serving.get(key)?.micros ?? 0) + Number(micros);
    serving.set(key, { from, currency, micros: sum });
  }
  for (const [key, { from, currency, micros }] of serving) {
    const detail = from.kind === "predictions" ? "serving, as metered" : "training, as metered";
    add(from, { kind: "cost", id: key, label: money(micros, currency), detail });
  }
  return { stops: made, arrows };
}
