import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import type { WindowTally } from "@ballast/db";
import type { DuckSession } from "../duck/duck.ts";
import { literal } from "../duck/sql-text.ts";
import type { LogDeps } from "./compact-segment.ts";
import { rawAnswers, rawOutcomes } from "./log-relation.ts";

type OutcomeCounts = Pick<WindowTally, "outcomes" | "outcomeDuplicates" | "outcomeCorrections" | "outcomeUnknown">;

/** How far back the predictions of outcomes are looked for, slice by slice until all are found: what is older is ever more. */
const LOOK_BACK_DAYS = [2, 8, 32, 128, 512];

/** Counts outcomes of [from, to) by their predictions, of any deployment: one of another deployment is not unknown. */
export async function outcomeCounts(
  deps: LogDeps,
  scope: Scope,
  query: { deploymentId: string; from: EpochMs; to: EpochMs },
): Promise<OutcomeCounts> {
  const happened = await rawOutcomes(deps, scope, query);
  return deps.duck.session(async (session) => {
    await session.run(`CREATE TEMP TABLE happened AS SELECT id, revision FROM ${happened}`);
    await session.run("CREATE TEMP TABLE known (id VARCHAR, deployment VARCHAR)");
    let to = query.to;
    for (const from of [...LOOK_BACK_DAYS.map((days) => query.from - days * DAY_MS), 0]) {
      const [open] = await session.all<{ n: number }>("SELECT count(*) AS n FROM happened ANTI JOIN known USING (id)");
      if (open?.n === 0) break;
      const predictions = await rawAnswers(deps, scope, { from, to, deploymentId: null });
      await session.run(`INSERT INTO known SELECT DISTINCT id, deployment FROM ${predictions}
        SEMI JOIN (FROM happened ANTI JOIN known USING (id)) USING (id)`);
      to = from;
    }
    return countKnown(session, query.deploymentId);
  });
}

async function countKnown(session: DuckSession, deploymentId: string): Promise<OutcomeCounts> {
  const [counts] = await session.all<OutcomeCounts>(`
    WITH mine AS (SELECT h.id, h.revision, k.id IS NULL AS unknown FROM happened h LEFT JOIN known k ON k.id = h.id
        WHERE k.id IS NULL OR k.deployment = ${literal(deploymentId)}),
      revisions AS (SELECT id, bool_or(unknown) AS unknown, count(*) AS deliveries, count(DISTINCT revision) AS different
        FROM mine GROUP BY id)
    SELECT count(*) FILTER (NOT unknown) AS outcomes,
      coalesce(sum(deliveries - different) FILTER (NOT unknown), 0)::BIGINT AS "outcomeDuplicates",
      coalesce(sum(different - 1) FILTER (NOT unknown), 0)::BIGINT AS "outcomeCorrections",
      count(*) FILTER (unknown) AS "outcomeUnknown"
    FROM revisions`);
  return counts ?? { outcomes: 0, outcomeDuplicates: 0, outcomeCorrections: 0, outcomeUnknown: 0 };
}
