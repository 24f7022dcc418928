import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore, encodeRecord, type JournalRecord, JournalWriter, type SealedSegment } from "@ballast/artifacts";
import type { Scope } from "@ballast/core";
import { journalSegments, withTenant } from "@ballast/db";
import type { TestDatabase } from "@ballast/db/testing";
import { openDuck } from "../duck/duck.ts";
import { type LogDeps, segmentContents } from "./compact-segment.ts";
import { RecentLog } from "./recent-log.ts";

export { segmentContents };

/** A real journal, artifact store and DuckDB in a temporary folder, for tests. */
export interface SampleJournal {
  deps: LogDeps;
  folder: string;
  /** Writes records as one sealed segment and registers it; gives its id. */
  seal(scope: Scope, records: readonly JournalRecord[]): Promise<string>;
  close(): void;
}

export async function sampleJournal(database: TestDatabase): Promise<SampleJournal> {
  const folder = mkdtempSync(join(tmpdir(), "ballast-log-"));
  const duck = await openDuck({ memoryLimitMb: 512, threads: 2, tempDir: join(folder, "duck") });
  const deps = {
    db: database.db,
    artifacts: new ArtifactStore(join(folder, "artifacts")),
    duck,
    recent: new RecentLog(),
  };
  return {
    deps,
    folder,
    async seal(scope, records) {
      let sealed: SealedSegment | undefined;
      const writer = new JournalWriter(join(folder, "journal", scope.projectId), {
        onSealed: (segment) => {
          sealed = segment;
        },
      });
      const watermarks = records.flatMap((r) => (r.k === "w" ? [r.t] : []));
      writer.append(records.map(encodeRecord), watermarks.length > 0 ? Math.max(...watermarks) : null);
      writer.seal();
      writer.close();
      if (sealed === undefined) throw new Error("The journal sealed nothing.");
      return register(database, scope, sealed);
    },
    close() {
      duck.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function register(database: TestDatabase, scope: Scope, segment: SealedSegment): Promise<string> {
  const id = `gw/${scope.projectId}/${segment.sequence}`;
  const watermark = segment.watermark === null ? null : new Date(segment.watermark);
  await withTenant(database.db, scope.teamId, (tx) =>
    tx.insert(journalSegments).values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id,
      sequence: segment.sequence,
      path: segment.path,
      bytes: segment.bytes,
      records: segment.records,
      watermark,
      state: "sealed",
    }),
  );
  return id;
}
