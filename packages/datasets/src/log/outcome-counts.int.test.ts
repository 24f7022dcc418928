import { rmSync } from "node:fs";
import type { JournalRecord } from "@ballast/artifacts";
import { DAY_MS, type Scope } from "@ballast/core";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compactSegment } from "./compact-segment.ts";
import { outcomeCounts } from "./outcome-counts.ts";
import { type SampleJournal, sampleJournal } from "./sample-journal.ts";

const DAY = Date.UTC(2001, 1, 1);
let database: TestDatabase;
let journal: SampleJournal;
beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
});
afterAll(async () => {
  journal.close();
  await database.close();
});

const asked = (id: string, daysBefore: number, dep = "dep_1"): JournalRecord => ({
  ...{ k: "p", id, rid: null, row: 0, t: DAY - daysBefore * DAY_MS, at: DAY, dep, v: "mv_a", role: "champion" },
  ...{ conv: 0, rt: 1, req: {}, f: [], y: 0.5, us: 1 },
});
const happened = (id: string, rev = 0): JournalRecord => ({ k: "o", id, rev, label: 1, t: DAY + 1, at: DAY });

/** Each list a segment of its own; answers the files. */
async function filled(scope: Scope, ...segments: JournalRecord[][]): Promise<string[]> {
  const paths: string[] = [];
  for (const records of segments) {
    const { files } = await compactSegment(journal.deps, scope, await journal.seal(scope, records));
    for (const { digest } of files) paths.push(journal.deps.artifacts.path(digest));
  }
  return paths;
}
// Without the newest files in memory, so that each is read where it lies.
const count = (scope: Scope) => {
  const { recent: _, ...deps } = journal.deps;
  return outcomeCounts(deps, scope, { deploymentId: "dep_1", from: DAY, to: DAY + DAY_MS });
};

test("an outcome is known however late it is, of another deployment it is nobody's", async () => {
  const scope = await database.newScope();
  const ids = [0, 5, 40, 200, 2_000].map((days) => [`p${days}`, days] as const);
  await filled(
    scope,
    ids.map(([id, days]) => asked(id, days)),
    [asked("other", 40, "dep_2"), happened("other"), happened("nobody")],
    [...ids.map(([id]) => happened(id)), happened("p40"), happened("p200", 1), happened("p200", 1)],
  );
  expect(await count(scope)).toEqual({
    ...{ outcomes: 5, outcomeDuplicates: 2, outcomeCorrections: 1, outcomeUnknown: 1 },
  });
});

test("what is older than the oldest prediction that is asked for is not read", async () => {
  const scope = await database.newScope();
  const [old] = await filled(scope, [asked("old", 60)], [asked("p20", 20), happened("p20")]);
  rmSync(old as string);
  expect(await count(scope)).toMatchObject({ outcomes: 1, outcomeUnknown: 0 });
});
