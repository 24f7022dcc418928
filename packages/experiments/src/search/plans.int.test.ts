import type { Scope } from "@ballast/core";
import { type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPyramids } from "../charts/build-pyramids.ts";
import { metricChart } from "../charts/metric-chart.ts";
import { searchRuns } from "./search-runs.ts";

const RUNS = 40_000;
const EXPERIMENTS = 20;

let t: TestDatabase;
let scope: Scope;
beforeAll(async () => {
  t = await testDatabase();
  scope = await t.newScope();
  const { teamId, projectId } = scope;
  const own = t.owner.sql;
  await own`insert into runs (team_id, project_id, id, experiment_id, name, state, params, tags, inputs, outputs, code_version, created_by, started_at)
    select ${teamId}, ${projectId}, 'run_' || i, 'exp_' || i % ${EXPERIMENTS}::int, 'r' || i, 'finished', jsonb_build_object('lr', i % 100),
      jsonb_build_object('kind', 'k' || i % 10), '[]', '[]', '', 'ada', now() - (i || ' seconds')::interval
    from generate_series(1, ${RUNS}::int) i`;
  await own`insert into metric_series (team_id, project_id, run_id, key, last_step, last_at, last, least, greatest, first_step, received)
    select ${teamId}, ${projectId}, 'run_' || i, 'm' || k, 1, 1, i * 0.001, 0, 1, 0, 1
    from generate_series(1, ${RUNS}::int) i, generate_series(0, 3) k`;
  await own`update metric_series set received = 5000, last_step = 4999 where run_id in ('run_1', 'run_2') and key = 'm0'`;
  await own`insert into metric_points (team_id, series, step, at, value) select s.team_id, s.no, i, i, random()
    from metric_series s, generate_series(0, 4999) i where s.run_id in ('run_1', 'run_2') and s.key = 'm0'`;
  await own`insert into metric_points (team_id, series, step, at, value) select ${teamId}, 1000000 + i % 1000, i, i, 0 from generate_series(1, 200000) i`;
  await own`insert into metric_pyramids (team_id, series, level, part, width, buckets, points, first_step, last_step, data)
    select ${teamId}, 1000000 + i, 0, 0, 16, 1, 1, 0, 0, '' from generate_series(1, 20000) i`;
  await buildPyramids(t.db);
  await own`analyze`;
}, 120_000);
afterAll(() => t.close());

interface Node {
  "Node Type": string;
  "Index Name"?: string;
  "Relation Name"?: string;
  Plans?: Node[];
}

/** How PostgreSQL goes about each statement that `work` sends: "Index Scan metric_points_pkey". */
async function plansOf(work: (tx: Tx) => Promise<unknown>): Promise<string[]> {
  return withTenant(t.db, scope.teamId, async (tx) => {
    const statements: SQL[] = [];
    const seen = new Proxy(tx, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function" || property !== "execute") return value;
        return (statement: SQL) => {
          statements.push(statement);
          return target.execute(statement);
        };
      },
    });
    await work(seen);
    const found: string[] = [];
    const walk = (node: Node) => {
      const on = node["Index Name"] ?? node["Relation Name"];
      if (on) found.push(`${node["Node Type"]} ${on}`);
      for (const inner of node.Plans ?? []) walk(inner);
    };
    for (const statement of statements) {
      const [row] = await tx.execute<{ "QUERY PLAN": { Plan: Node }[] }>(sql`explain (format json) ${statement}`);
      for (const { Plan } of row?.["QUERY PLAN"] ?? []) walk(Plan);
    }
    return found;
  });
}

const large = /Seq Scan (runs|metric_series|metric_points|metric_pyramids)/;
const plans = (input: Parameters<typeof searchRuns>[2]) => plansOf((tx) => searchRuns(tx, scope, input));

test("the newest runs of an experiment come from its index, without a sort of all of them", async () => {
  const found = await plans({ experimentIds: ["exp_3"], limit: 50 });
  expect(found.filter((one) => large.test(one))).toEqual([]);
  expect(found[0]).toMatch(/^Index (Only )?Scan runs_experiment$/);
});

test("so do the newest of a whole project", async () => {
  const found = await plans({ limit: 50 });
  expect(found[0]).toMatch(/^Index (Only )?Scan runs_started$/);
});

test("a page further on begins where the one before ended", async () => {
  const { cursor } = await withTenant(t.db, scope.teamId, (tx) =>
    searchRuns(tx, scope, { experimentIds: ["exp_3"], limit: 50 }),
  );
  const found = await plans({ experimentIds: ["exp_3"], limit: 50, cursor });
  expect(found[0]).toMatch(/^Index (Only )?Scan runs_experiment$/);
});

test.each([
  [{ experimentIds: ["exp_3"], filter: "metrics.m0 > 39", orderBy: ["metrics.m1 DESC"], limit: 1_000 }],
  [{ experimentIds: ["exp_3"], filter: "metrics.m0 > 39 OR metrics.m1 < 1", orderBy: ["metrics.m1"], limit: 1_000 }],
  [{ experimentIds: ["exp_3"], filter: "params.lr = '5'" }],
  [{ experimentIds: ["exp_3", "exp_4"], filter: "NOT tags.kind = 'k1'", orderBy: ["metrics.m2"] }],
  [{ filter: "run_id = 'run_77'" }],
  [{ filter: "run_id IN ('run_77', 'run_78')" }],
])("no scan of a large table: %j", async (input) => {
  expect((await plans(input)).filter((one) => large.test(one))).toEqual([]);
});

test("a chart reads its series' points and pyramid by key", async () => {
  const found = await plansOf((tx) => metricChart(tx, scope, { runIds: ["run_1", "run_2"], key: "m0", buckets: 100 }));
  expect(found.filter((one) => large.test(one))).toEqual([]);
  expect(found.some((one) => /metric_points_\d+_pkey/.test(one))).toBe(true);
  expect(found.some((one) => /metric_pyramids.*pk/.test(one))).toBe(true);
});

test("what is due to be rolled up is found without looking at what is not", async () => {
  const rows = await t.owner.sql`explain (format json) select s.team_id, s.no from metric_series s where due limit 200`;
  expect(JSON.stringify(rows)).toContain("metric_series_due");
});
