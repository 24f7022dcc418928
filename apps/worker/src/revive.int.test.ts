import { createLogger, newId, type Scope } from "@ballast/core";
import { type SampleJournal, sampleJournal } from "@ballast/datasets/testing";
import { journalSegments, reservations, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { reserve } from "@ballast/finops/server";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkerContext } from "./context.ts";
import { tidy } from "./revive.ts";

let t: TestDatabase;
let journal: SampleJournal;
beforeAll(async () => {
  t = await testDatabase();
  journal = await sampleJournal(t);
});
afterAll(async () => {
  journal.close();
  await t.close();
});

/** A project with money set aside for a job that does not exist, and small segments whose files are gone. */
async function troubled(): Promise<Scope> {
  const scope = await t.newScope();
  const own = { teamId: scope.teamId, projectId: scope.projectId };
  await withTenant(t.db, scope.teamId, async (tx) => {
    await reserve(tx, scope, { subject: newId("trainingJob"), amountMicros: 1_000, eventTime: null });
    for (let sequence = 0; sequence < 16; sequence++) {
      const file = { kind: "outcomes" as const, digest: "0".repeat(64), rows: 1, minTime: 1, maxTime: 1 };
      await tx.insert(journalSegments).values({
        ...{ ...own, id: `gw/${scope.projectId}/${sequence}`, sequence, path: "", bytes: 0, records: 1 },
        ...{ state: "compacted", files: [file], rows: 1, compactedAt: new Date(0) },
      });
    }
  });
  return scope;
}

test("what fails in one project's house-keeping holds up no other project's", async () => {
  const scopes = [await troubled(), await troubled()];
  const context = { ...journal.deps, log: createLogger("worker") } as WorkerContext;
  await tidy(context, new AbortController().signal);
  for (const scope of scopes) {
    const rows = await withTenant(t.db, scope.teamId, (tx) =>
      tx.select().from(reservations).where(eq(reservations.projectId, scope.projectId)),
    );
    expect(rows.map(({ state }) => state)).toEqual(["released"]);
  }
});
