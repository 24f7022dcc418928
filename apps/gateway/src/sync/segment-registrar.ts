import { stat } from "node:fs/promises";
import { describeSegment, listSegments, type SealedSegment, syncSegment } from "@ballast/artifacts";
import { createLogger, toAppError } from "@ballast/core";
import { type Database, journalSegments, notify, withTenant } from "@ballast/db";
import { and, eq, gte } from "drizzle-orm";
import type { Project } from "../project/project.ts";

const log = createLogger("gateway");
const RETRY_MS = 1_000;
/** How often local files are looked at for deletion. */
const TIDY_MS = 10_000;

interface Sealed {
  teamId: string;
  projectId: string;
  segment: SealedSegment;
}

/** Tells Postgres of sealed segments, for as long as it takes, and deletes local files that nobody needs any more. */
export class SegmentRegistrar {
  readonly #db: Database;
  readonly #gatewayId: string;
  #queue: Sealed[] = [];
  #working: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #tidiedAt = 0;

  constructor(db: Database, gatewayId: string) {
    this.#db = db;
    this.#gatewayId = gatewayId;
  }

  /** Segments that Postgres does not know yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  sealed(teamId: string, projectId: string, segment: SealedSegment): void {
    this.#queue.push({ teamId, projectId, segment });
    this.#start();
  }

  /** After a start: every local segment again, as the last process may have died between sealing and telling. */
  async catchUp(project: Project): Promise<void> {
    for (const { path, sequence } of await listSegments(project.journal.folder)) {
      const segment = describeSegment(path, sequence);
      const { size } = await stat(path);
      if (segment.bytes < size)
        log.error("the end of a sealed segment was lost, with the power or on the disk", {
          path,
          bytesKept: segment.bytes,
          bytesLost: size - segment.bytes,
        });
      this.sealed(project.teamId, project.projectId, segment);
    }
  }

  /** Tries once more to register what waits; gives up quietly. For a shutdown. */
  async flush(): Promise<void> {
    this.#start();
    await this.#working;
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  /** Deletes files that are compacted and older than any feature window. */
  async tidy(projects: Iterable<Project>): Promise<void> {
    const now = Date.now();
    if (now - this.#tidiedAt < TIDY_MS) return;
    this.#tidiedAt = now;
    for (const project of projects) await this.#tidyProject(project);
  }

  #start(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const { teamId, projectId } = this.#queue[0] as Sealed;
      const batch = this.#queue.filter((sealed) => sealed.projectId === projectId).slice(0, 200);
      try {
        await this.#register(teamId, projectId, batch);
      } catch (error) {
        log.warn("segments could not be registered; trying again", {
          waiting: this.#queue.length,
          error: toAppError(error),
        });
        this.#retry = setTimeout(() => this.#start(), RETRY_MS);
        this.#retry.unref();
        return;
      }
      this.#queue = this.#queue.filter((sealed) => !batch.includes(sealed));
    }
  }

  async #register(teamId: string, projectId: string, batch: readonly Sealed[]): Promise<void> {
    for (const { segment } of batch) await syncSegment(segment.path);
    await withTenant(this.#db, teamId, async (tx) => {
      const rows = batch.map(({ segment }) => ({
        teamId,
        projectId,
        id: `${this.#gatewayId}/${projectId}/${segment.sequence}`,
        sequence: segment.sequence,
        path: segment.path,
        bytes: segment.bytes,
        records: segment.records,
        watermark: segment.watermark === null ? null : new Date(segment.watermark),
        state: "sealed" as const,
      }));
      const fresh = await tx
        .insert(journalSegments)
        .values(rows)
        .onConflictDoNothing()
        .returning({ id: journalSegments.id });
      if (fresh.length > 0) await notify(tx, "ballast_segments", `${teamId}/${projectId}`);
    });
  }

  async #tidyProject(project: Project): Promise<void> {
    const { journal, teamId, projectId, store } = project;
    const old = journal.dispensable(store.retentionMs);
    if (old.length === 0) return;
    const rows = await withTenant(this.#db, teamId, (tx) =>
      tx
        .select({ id: journalSegments.id })
        .from(journalSegments)
        .where(
          and(
            eq(journalSegments.teamId, teamId),
            eq(journalSegments.projectId, projectId),
            eq(journalSegments.state, "compacted"),
            gte(journalSegments.sequence, Math.min(...old.map((segment) => segment.sequence))),
          ),
        ),
    );
    const compacted = new Set(rows.map((row) => row.id));
    for (const { sequence } of old) {
      if (compacted.has(`${this.#gatewayId}/${projectId}/${sequence}`)) await journal.forget(sequence);
    }
  }
}
