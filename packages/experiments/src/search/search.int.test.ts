import type { Scope } from "@ballast/core";
import { experiments, loggedModelMetrics, loggedModels, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ORACLE, writeOracleRuns } from "./mlflow-fixture.ts";
import { completeFilter, runColumns } from "./run-columns.ts";
import { searchExperiments } from "./search-experiments.ts";
import { searchLoggedModels } from "./search-logged-models.ts";
import { searchRuns } from "./search-runs.ts";

let t: TestDatabase;
let scope: Scope;
beforeAll(async () => {
  t = await testDatabase();
  scope = await t.newScope();
  await inTenant((tx) => writeOracleRuns(tx, scope));
});
afterAll(() => t.close());

const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const search = (input: Parameters<typeof searchRuns>[2]) => inTenant((tx) => searchRuns(tx, scope, input));
const idsOf = async (input: Parameters<typeof searchRuns>[2]) => (await search(input)).runs.map(({ id }) => id);

describe("as MLflow answers", () => {
  test("250 filters of 60 runs", async () => {
    for (const { filter, ids } of ORACLE.filters) {
      expect((await idsOf({ experimentIds: ["exp"], filter })).sort(), filter).toEqual(ids);
    }
  });

  test.each(ORACLE.orders)("order $orderBy", async ({ orderBy, ids }) => {
    expect(await idsOf({ experimentIds: ["exp"], orderBy })).toEqual(ids);
  });
});

test("OR and NOT of two filters are the union and the rest", async () => {
  const all = ORACLE.runs.map(({ id }) => id);
  for (let i = 0; i + 1 < 60; i += 2) {
    const [a, b] = [ORACLE.filters[i], ORACLE.filters[i + 1]];
    if (!a || !b) throw new Error("the oracle is short");
    const either = await idsOf({ filter: `(${a.filter}) OR ${b.filter}` });
    expect(either.sort()).toEqual(all.filter((id) => a.ids.includes(id) || b.ids.includes(id)));
    const neither = await idsOf({ filter: `NOT (${a.filter}) AND NOT (${b.filter})` });
    expect(neither.sort()).toEqual(all.filter((id) => !a.ids.includes(id) && !b.ids.includes(id)));
  }
});

test.each(ORACLE.orders)(
  "pages by $orderBy have no gaps and no repeats, also when runs come between",
  async ({ orderBy, ids }) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof searchRuns>> = await search({ orderBy, limit: 7, cursor });
      seen.push(...page.runs.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(seen).toEqual(ids);
  },
);

test("a run comes with its metrics, NaN among them, and with what it read", async () => {
  const wanted = ORACLE.runs.find((r) => r.metrics["val loss"] === "NaN" && r.datasets.length > 0);
  const { runs, total, cursor } = await search({ filter: `run_id = '${wanted?.id}'`, count: true });
  expect({ total, cursor, found: runs.length }).toEqual({ total: 1, cursor: null, found: 1 });
  expect(runs[0]).toMatchObject({ id: wanted?.id, experiment: "oracle", params: wanted?.params, tags: wanted?.tags });
  expect(runs[0]?.metrics["val loss"]).toBeNaN();
  expect(runs[0]?.series.find(({ key }) => key === "val loss")).toMatchObject({
    least: null,
    greatest: null,
    received: 1,
  });
  const read = runs[0]?.links.datasets.map(({ dataset }) => `${dataset.name} ${dataset.digest}`);
  expect(read?.sort()).toEqual(wanted?.datasets.map(({ name, digest }) => `${name} ${digest}`).sort());
});

test("NaN, ±infinity and times that no calendar has are compared, not failed on", async () => {
  const nan = ORACLE.runs.filter((r) => r.metrics.loss === "NaN").map(({ id }) => id);
  expect((await idsOf({ filter: "metrics.loss = NaN" })).sort()).toEqual(nan);
  const have = ORACLE.runs.filter((r) => "loss" in r.metrics).map(({ id }) => id);
  expect((await idsOf({ filter: "metrics.loss IS NOT NULL" })).sort()).toEqual(have);
  expect((await idsOf({ filter: "metrics.loss > -inf" })).sort()).toEqual(have.filter((id) => !nan.includes(id)));
  expect(await idsOf({ filter: "start_time > 1e300" })).toEqual([]);
  expect(await idsOf({ filter: "start_time > -1e300" })).toHaveLength(60);
  expect(
    await idsOf({ filter: "start_time != 5.5 AND start_time < 253402300800000 AND start_time < 8e15" }),
  ).toHaveLength(60);
  expect(await idsOf({ filter: "start_time = NaN" })).toEqual([]);
});

test("another team's runs are not found, nor its columns", async () => {
  const other = await t.newScope();
  const found = await withTenant(t.db, other.teamId, async (tx) => [
    await searchRuns(tx, other, { experimentIds: ["exp"] }),
    await runColumns(tx, other, ["exp"]),
    await completeFilter(tx, other, { experimentIds: ["exp"], filter: "params.opt = ", position: 13 }),
  ]);
  expect(found).toEqual([
    { runs: [], cursor: null, total: null },
    { params: [], metrics: [], tags: [] },
    { from: 13, to: 13, options: [] },
  ]);
});

test.each([
  [{ cursor: "nonsense" }, "page_token"],
  [{ cursor: Buffer.from('{"q":"x","p":[]}').toString("base64url") }, "page_token"],
  [{ limit: 0 }, "max_results"],
  [{ limit: 50_001 }, "max_results"],
  [{ orderBy: ["metrics.a", "metrics.a DESC"] }, "duplicate"],
  [{ orderBy: ["metrics.a sideways"] }, "at character 11"],
  [{ orderBy: ["dataset.name"] }, "order_by"],
  [{ filter: "metrics.a > 1 XOR" }, "at character 15"],
])("refused: %j", async (input, message) => {
  await expect(search(input)).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining(message),
  });
});

test("a token does not serve another order, nor can it carry SQL", async () => {
  const { cursor } = await search({ limit: 5 });
  await expect(search({ limit: 5, cursor, orderBy: ["metrics.loss"] })).rejects.toThrow("another order");
  const token = JSON.parse(Buffer.from(cursor ?? "", "base64url").toString()) as { q: string; p: string[] };
  const forged = Buffer.from(JSON.stringify({ q: token.q, p: ["now()'; drop table runs", "x"] })).toString("base64url");
  await expect(search({ limit: 5, cursor: forged })).rejects.toThrow("page_token");
});

test("columns and completion come from what is there", async () => {
  const columns = await inTenant((tx) => runColumns(tx, scope, ["exp"]));
  const loss = ORACLE.runs.filter((r) => "loss" in r.metrics).length;
  expect(columns.metrics).toContainEqual({ key: "loss", runs: loss });
  expect(columns.params.map(({ key }) => key).sort()).toEqual(["a b", "opt"]);
  const complete = (filter: string) => inTenant((tx) => completeFilter(tx, scope, { filter, position: filter.length }));
  expect((await complete("metrics.val")).options[0]).toBe("metrics.`val loss`");
  const { options } = await complete("params.opt = 'a");
  expect(options).toEqual(expect.arrayContaining(["'adam'", "'Adam'", "'a%b'"]));
  for (const option of options)
    expect((await search({ filter: `params.opt = ${option}` })).runs.length).toBeGreaterThan(0);
});

test("experiments by name, tag and time, paged", async () => {
  const own = { teamId: scope.teamId, projectId: scope.projectId };
  const made = Array.from({ length: 5 }, (_, i) => ({
    ...{ ...own, id: `exp_${i}`, name: `e${i}`, tags: { even: String(i % 2 === 0) } },
    ...{ createdAt: new Date(1_000 + i), deletedAt: i === 4 ? new Date() : null },
  }));
  await inTenant((tx) => tx.insert(experiments).values(made));
  const ids = async (input: Parameters<typeof searchExperiments>[2]) =>
    (await inTenant((tx) => searchExperiments(tx, scope, input))).experiments.map(({ id }) => id);
  expect(await ids({ filter: "tags.even = 'true'" })).toEqual(["exp_2", "exp_0"]);
  expect(await ids({ filter: "tags.even != 'x'", view: "deleted" })).toEqual(["exp_4"]);
  expect(await ids({ filter: "creation_time >= 1001 AND creation_time < 1003", orderBy: ["name"] })).toEqual([
    "exp_1",
    "exp_2",
  ]);
  const first = await inTenant((tx) => searchExperiments(tx, scope, { limit: 2, orderBy: ["name DESC"] }));
  expect(first.experiments.map(({ id }) => id)).toEqual(["exp", "exp_3"]);
  expect(await ids({ limit: 2, orderBy: ["name DESC"], cursor: first.cursor })).toEqual(["exp_2", "exp_1"]);
});

test("logged models by params, status and the metric on a dataset", async () => {
  const own = { teamId: scope.teamId, projectId: scope.projectId };
  const names = ["a", "b", "c"];
  await inTenant(async (tx) => {
    await tx.insert(loggedModels).values(
      names.map((name, i) => ({
        ...{
          ...own,
          id: `m-${name}`,
          experimentId: "exp",
          name,
          state: i === 2 ? ("pending" as const) : ("ready" as const),
        },
        ...{ params: { lr: `0.${i}` }, createdBy: "ada", createdAt: new Date(1_000 + i) },
      })),
    );
    await tx.insert(loggedModelMetrics).values(
      [
        ["m-a", "acc", "flights", "d1", 0.9],
        ["m-a", "acc", "iris", "d1", 0.1],
        ["m-b", "acc", "iris", "d2", 0.5],
      ].map(([modelId, key, datasetName, datasetDigest, value], i) => ({
        ...{ ...own, modelId: String(modelId), runId: "run001", key: String(key), step: 0, at: i },
        ...{ datasetName: String(datasetName), datasetDigest: String(datasetDigest), value: Number(value) },
      })),
    );
  });
  const ids = async (input: Parameters<typeof searchLoggedModels>[2]) =>
    (await inTenant((tx) => searchLoggedModels(tx, scope, input))).models.map(({ id }) => id);
  expect(await ids({})).toEqual(["m-c", "m-b", "m-a"]);
  expect(await ids({ filter: "params.lr = 0.1" })).toEqual(["m-b"]);
  expect(await ids({ filter: "status = 'READY' AND name IN ('a', 'c')" })).toEqual(["m-a"]);
  expect(await ids({ filter: "metrics.acc > 0.4", datasets: [{ name: "iris" }] })).toEqual(["m-b"]);
  expect(await ids({ datasets: [{ name: "iris", digest: "d1" }] })).toEqual(["m-a"]);
  expect(await ids({ orderBy: [{ field: "metrics.acc", descending: true, datasetName: "iris" }] })).toEqual([
    "m-b",
    "m-a",
    "m-c",
  ]);
  expect(await ids({ orderBy: [{ field: "name", descending: true }], limit: 2 })).toEqual(["m-c", "m-b"]);
});
