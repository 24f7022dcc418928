import { createLogger, toAppError } from "@ballast/core";
import { allProjects, type Database, listen } from "@ballast/db";
import { within } from "../within.ts";
import { type ProjectSnapshot, readRevision, readSnapshot } from "./snapshot.ts";

const log = createLogger("gateway");
const POLL_MS = 1_000;
/** Projects asked for their revision per poll; with more, each is asked less often than every second. */
const POLL_PROJECTS = 100;
const QUERY_MS = 5_000;
const LOAD_AT_ONCE = 4;
/** What could not be loaded is tried again after so long, after twice as long, and so on. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** A revision that was tried and is not served whole. */
interface Attempt {
  revision: string;
  retryAt: number;
  pauseMs: number;
}

export interface RouteSyncTarget {
  /** True if the project is served at this revision, with all of its routes. */
  serves(projectId: string, revision: string): boolean;
  apply(snapshot: ProjectSnapshot): Promise<void>;
  /** A token, or an account's, changed; null where messages may have been missed. */
  tokensChanged(id: string | null): void;
}

/**
 * Keeps projects at the state of the database: NOTIFY tells at once, a poll of revisions finds what a message lost.
 * While the database is away nothing changes and nothing fails.
 */
export class RouteSync {
  readonly #db: Database;
  readonly #target: RouteSyncTarget;
  readonly #teams = new Map<string, string>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #unlisten: (() => Promise<void>)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #cursor = 0;
  #stopped = false;
  #reachable = false;

  constructor(db: Database, target: RouteSyncTarget) {
    this.#db = db;
    this.#target = target;
  }

  /** True if the last question to the database was answered. */
  get reachable(): boolean {
    return this.#reachable;
  }

  /**
   * Loads every project; returns the ids of those that could not be. Throws where the database does not answer, and where
   * another process owns a journal.
   */
  async loadAll(): Promise<Set<string>> {
    await this.#findProjects();
    const failed = new Set<string>();
    const waiting = [...this.#teams.keys()];
    const loadNext = async (): Promise<void> => {
      for (let projectId = waiting.shift(); projectId !== undefined; projectId = waiting.shift()) {
        await this.load(projectId).catch((thrown: unknown) => {
          const error = toAppError(thrown);
          if (error.code === "conflict") throw error;
          failed.add(projectId);
          log.error("a project could not be loaded; the poll will try again", { projectId, error });
        });
      }
    };
    await Promise.all(Array.from({ length: LOAD_AT_ONCE }, loadNext));
    return failed;
  }

  /** Listens and polls from now on. */
  start(): void {
    this.#listenUntilStopped();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all(this.#unlisten.map((stop) => stop().catch(() => {})));
    await Promise.allSettled(this.#loading.values());
  }

  /** Reads a project and applies it. Calls for the same project follow one another. */
  load(projectId: string): Promise<void> {
    const previous = this.#loading.get(projectId) ?? Promise.resolve();
    const next = previous.catch(() => {}).then(() => this.#load(projectId));
    this.#loading.set(projectId, next);
    const done = () => {
      if (this.#loading.get(projectId) === next) this.#loading.delete(projectId);
    };
    next.then(done, done);
    return next;
  }

  async #load(projectId: string): Promise<void> {
    if (!this.#teams.has(projectId)) await this.#findProjects();
    const teamId = this.#teams.get(projectId);
    if (teamId === undefined) return;
    await this.#target.apply(await within(QUERY_MS, readSnapshot(this.#db, teamId, projectId)));
  }

  async #findProjects(): Promise<void> {
    const projects = await within(QUERY_MS, allProjects(this.#db));
    this.#reachable = true;
    for (const { teamId, projectId } of projects) this.#teams.set(projectId, teamId);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#poll().finally(() => this.#schedule()), POLL_MS);
    this.#timer.unref();
  }

  async #poll(): Promise<void> {
    try {
      await this.#findProjects();
      const all = [...this.#teams.keys()];
      for (let left = Math.min(POLL_PROJECTS, all.length); left > 0 && !this.#stopped; left--) {
        this.#cursor = (this.#cursor + 1) % all.length;
        await this.#check(all[this.#cursor] as string);
      }
    } catch (error) {
      if (this.#reachable && !this.#stopped)
        log.warn("the database is away; serving what is known", { error: toAppError(error) });
      this.#reachable = false;
    }
  }

  /**
   * Loads a project that changed, and one that is not served whole when its pause is over. Throws where the database does
   * not answer; what fails after that is the project's own.
   */
  async #check(projectId: string): Promise<void> {
    const teamId = this.#teams.get(projectId);
    if (teamId === undefined) return;
    const revision = await within(QUERY_MS, readRevision(this.#db, teamId, projectId));
    if (this.#target.serves(projectId, revision)) {
      this.#attempts.delete(projectId);
      return;
    }
    const last = this.#attempts.get(projectId);
    const isRepeated = last?.revision === revision;
    if (isRepeated && Date.now() < last.retryAt) return;
    await this.load(projectId).catch((error: unknown) => {
      if (!this.#stopped) log.error("a project could not be loaded", { projectId, error: toAppError(error) });
    });
    const pauseMs = isRepeated ? Math.min(2 * last.pauseMs, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    this.#attempts.set(projectId, { revision, pauseMs, retryAt: Date.now() + pauseMs });
  }

  #changed(payload: string): void {
    // The payload is a project id; a team/project pair is understood as well.
    const projectId = payload.slice(payload.lastIndexOf("/") + 1);
    this.load(projectId).catch((error: unknown) => {
      if (!this.#stopped)
        log.warn("a route change could not be read; the poll will", { projectId, error: toAppError(error) });
    });
  }

  async #listenUntilStopped(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#unlisten.push(await listen(this.#db, "ballast_routes", (payload) => this.#changed(payload)));
        this.#unlisten.push(
          await listen(
            this.#db,
            "ballast_tokens",
            (id) => this.#target.tokensChanged(id),
            () => this.#target.tokensChanged(null),
          ),
        );
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS).unref());
      }
    }
  }
}
