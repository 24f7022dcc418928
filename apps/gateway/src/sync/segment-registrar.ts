import { stat } from "node:fs/promises";
import { describeSegment, listSegments, type SealedSegment, syncSegment } from "@ballast/artifacts";
import { createLogger, toAppError } from "@ballast/core";
import { type Database, journalSegments, notify, type Tx, withTenant } from "@ballast/db";
import { and, eq, gte, inArray } from "drizzle-orm";
import type { Project } from "../project/project.ts";
import { within } from "../within.ts";

const log = createLogger("gateway");
const RETRY_MS = 1_000;
/** How often local files are looked at for deletion. */
const TIDY_MS = 10_000;
/** How long a shutdown waits; what is not registered then is so at the next start. */
const FLUSH_MS = 10_000;

/** What segments are looked after for. */
type Owner = Pick<Project, "teamId" | "projectId" | "journal" | "store">;

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
  async catchUp(project: Owner): Promise<void> {
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
    await within(FLUSH_MS, this.#start()).catch(() => {});
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  /** Deletes files that are compacted and older than any feature window. */
  async tidy(projects: Iterable<Owner>): Promise<void> {
    const now = Date.now();
    if (now - this.#tidiedAt < TIDY_MS) return;
    this.#tidiedAt = now;
    for (const project of projects) {
      await this.#tidyProject(project).catch((error: unknown) => {
        log.warn("old segments were not deleted", { projectId: project.projectId, error: toAppError(error) });
      });
    }
  }

  #start(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
    return this.#working;
  }

  /** Batch by batch; a project whose batch fails waits for the next round and holds up no other. */
  async #work(): Promise<void> {
    const failed = new Set<string>();
    let failure: unknown = null;
    for (let next = this.#nextBut(failed); next !== undefined; next = this.#nextBut(failed)) {
      const { teamId, projectId } = next;
      const batch = this.#queue.filter((sealed) => sealed.projectId === projectId).slice(0, 200);
      try {
        await this.#register(teamId, projectId, batch);
        this.#queue = this.#queue.filter((sealed) => !batch.includes(sealed));
      } catch (error) {
        failed.add(projectId);
        failure = error;
      }
    }
    if (failed.size === 0) return;
    log.warn("segments could not be registered; trying again", {
      waiting: this.#queue.length,
      projects: failed.size,
      error: toAppError(failure),
    });
    this.#retry = setTimeout(() => this.#start(), RETRY_MS);
    this.#retry.unref();
  }

  #nextBut(failed: ReadonlySet<string>): Sealed | undefined {
    return this.#queue.find((sealed) => !failed.has(sealed.projectId));
  }

  async #register(teamId: string, projectId: string, batch: readonly Sealed[]): Promise<void> {
    const here: SealedSegment[] = [];
    const gone: SealedSegment[] = [];
    for (const { segment } of batch) {
      if (await isSynced(segment.path)) here.push(segment);
      else gone.push(segment);
    }
    await withTenant(this.#db, teamId, async (tx) => {
      if (gone.length > 0) await this.#reportLost(tx, teamId, projectId, gone);
      if (here.length === 0) return;
      const rows = here.map((segment) => ({
        teamId,
        projectId,
        id: this.#id(projectId, segment.sequence),
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

  /** A file that is gone was registered before, else somebody took it away: nothing will bring its records back. */
  async #reportLost(tx: Tx, teamId: string, projectId: string, gone: readonly SealedSegment[]): Promise<void> {
    const ids = gone.map(({ sequence }) => this.#id(projectId, sequence));
    const rows = await tx
      .select({ id: journalSegments.id })
      .from(journalSegments)
      .where(
        and(
          eq(journalSegments.teamId, teamId),
          eq(journalSegments.projectId, projectId),
          inArray(journalSegments.id, ids),
        ),
      );
    const registered = new Set(rows.map((row) => row.id));
    for (const { sequence, path, records } of gone) {
      if (!registered.has(this.#id(projectId, sequence)))
        log.error("a sealed segment is gone that was never registered: its records are lost", { path, records });
    }
  }

  #id(projectId: string, sequence: number): string {
    return `${this.#gatewayId}/${projectId}/${sequence}`;
  }

  async #tidyProject(project: Owner): Promise<void> {
    const { journal, teamId, projectId, store } = project;
    // After a start those that are registered already are queued too: their files are read once more.
    const queued = new Set(this.#queue.filter((each) => each.projectId === projectId).map((each) => each.segment.path));
    const old = journal.dispensable(store.retentionMs).filter((segment) => !queued.has(segment.path));
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
      if (compacted.has(this.#id(projectId, sequence))) await journal.forget(sequence);
    }
  }
}

/** Puts a segment on the disk; false where its file is gone. */
async function isSynced(path: string): Promise<boolean> {
  try {
    await syncSegment(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
