import type { Scope } from "@ballast/core";
import { modelVersions, registeredModels, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listViewUses } from "./view-uses.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

/** Registers versions 1, 2, … of a model, each with the views its inputs are bound to, and those its lineage names. */
async function register(scope: Scope, versions: { bound: string[]; named: string[]; deletedAt?: Date }[]) {
  const { teamId, projectId } = scope;
  const modelId = `mdl_${projectId.slice(-6)}`;
  await withTenant(t.db, teamId, async (tx) => {
    await tx.insert(registeredModels).values({ teamId, projectId, id: modelId, name: "flight-late" });
    for (const [index, { bound, named, deletedAt = null }] of versions.entries()) {
      const features = bound.map((view) => ({ input: "x", view, feature: "hour" }));
      await tx.insert(modelVersions).values({
        ...{ teamId, projectId, modelId, id: `mv_${projectId.slice(-6)}_${index + 1}`, version: index + 1, deletedAt },
        serving: bound.length === 0 ? null : { tensor: "x", output: "y", features },
        lineage: {
          ...{ runId: null, trainingJobId: null, datasetVersions: [], codeVersion: null },
          ...{
            featureViews: named.map((name) => ({ id: name, name, version: 4 })),
            trainedFrom: null,
            trainedTo: null,
          },
        },
        ...{ metrics: {}, cause: "manual", createdBy: "test" },
      });
    }
  });
}

test("the versions that read a view, by their inputs or their lineage, newest first and a page at a time", async () => {
  const scope = await t.newScope();
  await register(scope, [
    { bound: ["flight"], named: [] },
    { bound: ["congestion"], named: ["congestion"] },
    { bound: [], named: ["flight"] },
    { bound: ["flight", "congestion"], named: ["flight"] },
    { bound: ["flight"], named: [], deletedAt: new Date() },
  ]);
  const uses = (name: string, before?: string) =>
    withTenant(t.db, scope.teamId, (tx) => listViewUses(tx, scope, { name, before, limit: 2 }));
  const first = await uses("flight");
  expect(first.uses).toMatchObject([
    { model: "flight-late", version: 4, viewVersion: 4, features: ["hour"] },
    { model: "flight-late", version: 3, viewVersion: 4, features: [] },
  ]);
  const second = await uses("flight", first.next ?? "");
  expect(second).toMatchObject({ uses: [{ version: 1, viewVersion: null, features: ["hour"] }], next: null });
  expect(await uses("flights")).toEqual({ uses: [], next: null });
  const stranger = await t.newScope();
  expect(
    await withTenant(t.db, stranger.teamId, (tx) => listViewUses(tx, stranger, { name: "flight", limit: 9 })),
  ).toEqual({ uses: [], next: null });
});
