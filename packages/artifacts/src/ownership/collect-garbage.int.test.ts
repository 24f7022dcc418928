import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type Scope } from "@ballast/core";
import {
  artifactEntries,
  artifactObjects,
  artifactUploads,
  columnProfiles,
  datasetVersions,
  journalSegments,
  modelVersions,
  runs,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ArtifactStore, type StoredArtifact } from "../artifact-store.ts";
import { claimArtifact } from "./claim.ts";
import { collectGarbage } from "./collect-garbage.ts";

const DAY = 24 * 3_600_000;
let t: TestDatabase;
let folder: string;
let artifacts: ArtifactStore;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-garbage-"));
  artifacts = new ArtifactStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function put(scope: Scope, text: string, ageDays = 30): Promise<StoredArtifact> {
  const stored = await artifacts.put(Buffer.from(text));
  await withTenant(t.db, scope.teamId, (tx) => claimArtifact(tx, artifacts, scope.teamId, stored));
  const then = new Date(Date.now() - ageDays * DAY);
  utimesSync(artifacts.path(stored.digest), then, then);
  return stored;
}
const where = ({ teamId, projectId }: Scope) => ({ teamId, projectId });
const enter = (scope: Scope, { digest, size }: StoredArtifact) =>
  withTenant(t.db, scope.teamId, (tx) =>
    tx.insert(artifactEntries).values({ ...where(scope), ownerId: "run_x", path: digest, digest, sizeBytes: size }),
  );

test("what nothing refers to goes after its grace, with the record of who owned it", async () => {
  const [mine, theirs] = [await t.newScope(), await t.newScope()];
  const kept = await put(mine, "kept");
  await enter(mine, kept);
  const gone = await put(mine, "gone");
  await put(theirs, "gone");
  const young = await put(mine, "young", 1);
  const dry = await collectGarbage({ db: t.db, artifacts, dryRun: true });
  expect(dry).toMatchObject({ files: 1, bytes: 4 });
  expect(await artifacts.has(gone.digest)).toBe(true);
  const report = await collectGarbage({ db: t.db, artifacts });
  expect(report).toMatchObject({ files: 1, bytes: 4, kept: 2, young: 1 });
  expect(await Promise.all([kept, gone, young].map(({ digest }) => artifacts.has(digest)))).toEqual([
    true,
    false,
    true,
  ]);
  const owners = await t.owner.drizzle.select().from(artifactObjects).where(eq(artifactObjects.digest, gone.digest));
  expect(owners).toEqual([]);
  expect(await collectGarbage({ db: t.db, artifacts })).toMatchObject({ files: 0, bytes: 0, kept: 2 });
});

test("bytes shared by two teams stay until the last reference goes", async () => {
  const [mine, theirs] = [await t.newScope(), await t.newScope()];
  const shared = await put(mine, "shared");
  await put(theirs, "shared");
  await enter(theirs, shared);
  expect(await collectGarbage({ db: t.db, artifacts })).toMatchObject({ files: 0 });
  await withTenant(t.db, theirs.teamId, (tx) =>
    tx.delete(artifactEntries).where(eq(artifactEntries.digest, shared.digest)),
  );
  expect(await collectGarbage({ db: t.db, artifacts })).toMatchObject({ files: 1, bytes: 6 });
});

test("one team's collection looks at what that team brought here", async () => {
  const [mine, theirs] = [await t.newScope(), await t.newScope()];
  const gone = await put(mine, "mine");
  const left = await put(theirs, "theirs");
  const shared = await put(mine, "both");
  await put(theirs, "both");
  await enter(theirs, shared);
  const report = await collectGarbage({ db: t.db, artifacts, teamId: mine.teamId });
  expect(report).toMatchObject({ files: 1, bytes: 4, kept: 1 });
  expect(await Promise.all([gone, left, shared].map(({ digest }) => artifacts.has(digest)))).toEqual([
    false,
    true,
    true,
  ]);
});

test("every kind of reference keeps its bytes", async () => {
  const scope = await t.newScope();
  const names = ["model", "data", "source", "segment", "output", "sample", "nothing"] as const;
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await put(scope, name)).digest])),
  ) as Record<(typeof names)[number], string>;
  const lineage = { runId: null, trainingJobId: null, datasetVersions: [], featureViews: [] };
  const untrained = { trainedFrom: null, trainedTo: null, codeVersion: null };
  await withTenant(t.db, scope.teamId, async (tx) => {
    const by = { ...where(scope), createdBy: "t" };
    await tx.insert(modelVersions).values({
      ...{ ...by, id: "mv_g", modelId: "mdl_g", version: 1, digest: files.model, metrics: {}, cause: "t" },
      lineage: { ...lineage, ...untrained },
    });
    await tx.insert(datasetVersions).values({
      ...{ ...by, id: "dsv_g", datasetId: "ds_g", version: 1, state: "accepted", rows: 1 },
      ...{ sourceDigest: files.source, digest: files.data, declaredUnits: {} },
    });
    await tx.insert(journalSegments).values({
      ...{ ...where(scope), id: "g/1", sequence: 1, path: "x", bytes: 1, records: 1, state: "compacted" },
      files: [{ kind: "outcomes", digest: files.segment, rows: 1, minTime: 0, maxTime: 0 }],
    });
    await tx.insert(runs).values({
      ...{ ...by, id: newId("run"), experimentId: "e", name: "r", state: "finished", params: {}, tags: {}, inputs: [] },
      outputs: [{ kind: "artifact", id: files.output, label: "parity_sample" }],
      codeVersion: "",
    });
    await tx.insert(columnProfiles).values({
      ...{ ...where(scope), deploymentId: "dep", column: "c", windowId: "reference", role: "feature" },
      profile: { reference: { sampleDigest: files.sample } },
    });
  });
  expect(await collectGarbage({ db: t.db, artifacts })).toMatchObject({ files: 1, kept: 6 });
  expect(await artifacts.has(files.nothing)).toBe(false);
});

test("no column that names content is forgotten", async () => {
  const found = await t.owner.sql<{ name: string }[]>`
    select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = 'public' and column_name like '%digest%' order by 1`;
  const known = {
    references: [
      ...[
        "artifact_entries.digest",
        "dataset_versions.digest",
        "dataset_versions.source_digest",
        "model_versions.digest",
      ],
    ],
    // Who brought what; what an upload became (its entry refers to it); clients' own checksums; a plan's.
    others: [
      ...["artifact_objects.digest", "artifact_uploads.digest", "logged_model_metrics.dataset_digest"],
      ...[
        "rollouts.plan_digest",
        "tracked_datasets.digest",
        "metric_points.dataset_digest",
        "metric_series.dataset_digest",
      ],
    ],
  };
  const unknown = found.map((row) => row.name).filter((name) => ![...known.references, ...known.others].includes(name));
  expect(unknown, "does it refer to stored bytes? then ballast_artifacts_in_use must look there").toEqual([]);
});

test("a reference that is being made keeps its bytes, or learns that they are gone", async () => {
  const scope = await t.newScope();
  const stored = await put(scope, "contested");
  let collected: Promise<unknown> | null = null;
  await withTenant(t.db, scope.teamId, async (tx) => {
    await claimArtifact(tx, artifacts, scope.teamId, stored);
    collected = collectGarbage({ db: t.db, artifacts });
    expect(await collected).toMatchObject({ files: 0 });
    await tx
      .insert(artifactEntries)
      .values({ ...where(scope), ownerId: "run_x", path: "p", digest: stored.digest, sizeBytes: 1 });
  });
  expect(await collectGarbage({ db: t.db, artifacts })).toMatchObject({ files: 0 });
  await withTenant(t.db, scope.teamId, (tx) =>
    tx.delete(artifactEntries).where(eq(artifactEntries.digest, stored.digest)),
  );
  expect(await collectGarbage({ db: t.db, artifacts })).toMatchObject({ files: 1 });
  const late = withTenant(t.db, scope.teamId, (tx) => claimArtifact(tx, artifacts, scope.teamId, stored));
  await expect(late).rejects.toMatchObject({ code: "unavailable" });
});

test("a collection that was killed between bytes and record is ended by the next", async () => {
  const scope = await t.newScope();
  const stored = await put(scope, "half collected");
  await artifacts.backend.remove(stored.digest);
  await expect(collectGarbage({ db: t.db, artifacts })).resolves.toMatchObject({ files: 0 });
  const again = await put(scope, "half collected");
  expect(again.digest).toBe(stored.digest);
  expect(await collectGarbage({ db: t.db, artifacts })).toMatchObject({ files: 1 });
});

test("what killed processes and senders left is cleared away", async () => {
  const scope = await t.newScope();
  const old = new Date(Date.now() - 9 * DAY);
  const left = join(folder, "incoming", "0123");
  writeFileSync(left, "half");
  utimesSync(left, old, old);
  writeFileSync(join(folder, "incoming", "4567"), "under way");
  async function* bytes() {
    yield Buffer.from("part");
  }
  for (const upload of ["upl_old", "upl_new"])
    await artifacts.putPart(bytes(), upload, 1, { maxBytes: 9, keepCut: false });
  utimesSync(join(folder, "uploads", "upl_old"), old, old);
  await withTenant(t.db, scope.teamId, (tx) =>
    tx.insert(artifactUploads).values({
      ...{ ...where(scope), id: "upl_old", ownerId: "r", path: "p", kind: "multipart", createdBy: "t", expiresAt: old },
    }),
  );
  const { unfinished } = await collectGarbage({ db: t.db, artifacts });
  expect(unfinished).toEqual({ uploads: 1, files: 1, bytes: 8 });
  expect(readdirSync(join(folder, "uploads"))).toEqual(["upl_new"]);
  expect(readdirSync(join(folder, "incoming"))).toEqual(["4567"]);
  const [rows] = await t.owner.drizzle.execute<{ n: number }>(sql`select count(*)::int as n from artifact_uploads`);
  expect(rows?.n).toBe(0);
});
