import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRecord } from "@ballast/artifacts";
import type { Scope } from "@ballast/core";
import { journalSegments, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { OnlineFeatureStore } from "@ballast/features";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProjectJournal } from "../project/project-journal.ts";
import { until } from "../testing/gateway-client.ts";
import { SegmentRegistrar } from "./segment-registrar.ts";

let t: TestDatabase;
let home: string;
beforeAll(async () => {
  t = await testDatabase();
  home = mkdtempSync(join(tmpdir(), "ballast-registrar-"));
});
afterAll(async () => {
  await t?.close();
  rmSync(home, { recursive: true, force: true });
});

/** A project's journal with `count` sealed segments of one outcome each. */
function journalOf({ teamId, projectId }: Pick<Scope, "teamId" | "projectId">, count: number) {
  const journal = new ProjectJournal(join(home, projectId), () => {}, {});
  for (let i = 0; i < count; i++) {
    journal.append([encodeRecord({ k: "o", id: `prd_${i}`, rev: 0, label: 1, t: i, at: i })]);
    journal.seal();
  }
  return { teamId, projectId, journal, store: new OnlineFeatureStore([]) };
}

const sequences = async ({ teamId }: Pick<Scope, "teamId">) => {
  const rows = await withTenant(t.db, teamId, (tx) => tx.select().from(journalSegments));
  return rows.map((row) => row.sequence).sort((a, b) => a - b);
};

test("a segment whose file is gone, and a project that the database refuses, hold up nobody", async () => {
  const registrar = new SegmentRegistrar(t.db, "gw-1");
  const refused = journalOf(await t.newScope(), 1);
  const first = journalOf(await t.newScope(), 3);
  const second = journalOf(await t.newScope(), 1);
  const [, gone] = first.journal.segments;
  const [{ path } = { path: "" }] = refused.journal.segments;
  // More records than the column holds.
  const segment = { sequence: 1, path, bytes: 1, records: 2 ** 31, watermark: null };
  registrar.sealed(refused.teamId, refused.projectId, segment);
  await registrar.catchUp(first);
  rmSync(gone?.path ?? "");
  await registrar.catchUp(second);
  await until(async () => (await sequences(second)).length === 1);
  expect(await sequences(first)).toEqual([1, 3]);
  await until(() => registrar.waiting === 1);
  await registrar.flush();
  for (const { journal } of [refused, first, second]) journal.close();
});

test("a file that waits to be registered again is not deleted, also if it was compacted before", async () => {
  const project = journalOf(await t.newScope(), 250);
  const registrar = new SegmentRegistrar(t.db, "gw-1");
  await registrar.catchUp(project);
  await until(() => registrar.waiting === 0);
  await withTenant(t.db, project.teamId, (tx) => tx.update(journalSegments).set({ state: "compacted" }));

  const again = new SegmentRegistrar(t.db, "gw-1");
  // Holds the registration up, and lets tidying look.
  await withTenant(t.db, project.teamId, async (tx) => {
    await tx.execute("lock table journal_segments in exclusive mode");
    await again.catchUp(project);
    await again.tidy([project]);
    expect(again.waiting).toBe(250);
  });
  expect(project.journal.segments.filter(({ path }) => existsSync(path))).toHaveLength(250);
  await until(() => again.waiting === 0);
  await new SegmentRegistrar(t.db, "gw-1").tidy([project]);
  expect(project.journal.segments).toEqual([]);
  project.journal.close();
});
