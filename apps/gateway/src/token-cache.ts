import { AppError, type Permission } from "@ballast/core";
import type { Database } from "@ballast/db";
import { hashToken, verifyToken } from "@ballast/governance/server";
import type { KnownToken } from "./sync/snapshot-file.ts";
import { within } from "./within.ts";

/**
 * Longest time for which a token that was revoked still opens doors, while Postgres can be asked. NOTIFY
 * `ballast_tokens` usually makes it milliseconds. Counted from the moment of the question: its answer is no newer.
 */
const REVOCATION_DELAY_MS = 5_000;
const REFRESH_AFTER_MS = 2_500;
const REFUSED_FOR_MS = 1_000;
/** A database that takes longer is taken to be away. */
const ASK_FOR_MS = 1_500;
const MOST_ENTRIES = 20_000;
const HEADER = /^Bearer (blst_[0-9a-f]{40})$/;

/** Who calls. */
export interface Caller {
  tokenId: string;
  /** The service account's, or the token's own: what it changes is signed with it. */
  name: string;
  serviceAccountId: string | null;
  teamId: string;
  projectId: string;
  permissions: ReadonlySet<Permission>;
}

interface Entry {
  caller: Caller | null;
  expiresAt: number;
  checkedAt: number;
  /** How often it had been told that tokens changed when it was asked. */
  generation: number;
}

/**
 * Verified tokens in memory, by the header they came in. A request with a token that was asked about within the last 5 s
 * never waits for the database; what is known for 2.5 s is asked again behind it. After a longer pause, and once it was told that this
 * very token changed, a request waits for one question, {@link ASK_FOR_MS} at most, which all requests with that token share.
 * While the database is away, known tokens keep their meaning until they expire.
 */
export class TokenCache {
  readonly #db: Database;
  readonly #entries = new Map<string, Entry>();
  /** Questions under way. */
  readonly #asking = new Map<string, Promise<Caller | null>>();
  #known = new Map<string, KnownToken>();
  #generation = 0;

  readonly #onKnown: () => void;

  /** @param onKnown called when a token was seen for the first time, or is none any more. */
  constructor(db: Database, onKnown: () => void = () => {}) {
    this.#db = db;
    this.#onKnown = onKnown;
  }

  /** The caller, null for a bad token, or a promise of either where it must be asked for first. */
  caller(header: string | undefined, now: number): Caller | null | Promise<Caller | null> {
    if (header === undefined) return null;
    const entry = this.#entries.get(header);
    if (entry !== undefined) {
      const { caller } = entry;
      const age = now - entry.checkedAt;
      const isCurrent = entry.generation === this.#generation;
      if (caller === null && isCurrent && age < REFUSED_FOR_MS) return null;
      if (caller !== null && age < REVOCATION_DELAY_MS && now < entry.expiresAt) {
        if (!isCurrent || age > REFRESH_AFTER_MS) this.#refresh(header);
        return caller;
      }
    }
    return this.#ask(header);
  }

  /**
   * Everything is asked again, behind requests where that can be.
   * @param changed id of the token, service account or person that changed; null where messages may have been missed.
   */
  forget(changed: string | null): void {
    this.#generation++;
    this.#asking.clear();
    if (changed === null) return;
    for (const [header, { caller }] of this.#entries) {
      if (caller?.tokenId === changed || caller?.serviceAccountId === changed) this.#entries.delete(header);
    }
  }

  /** The valid tokens seen, by hash, for a start without Postgres. */
  known(): KnownToken[] {
    return [...this.#known.values()];
  }

  restore(tokens: readonly KnownToken[]): void {
    this.#known = new Map(tokens.map((token) => [token.hash, token]));
  }

  #refresh(header: string): void {
    if (!this.#asking.has(header)) this.#ask(header).catch(() => null);
  }

  #ask(header: string): Promise<Caller | null> {
    const pending = this.#asking.get(header);
    if (pending !== undefined) return pending;
    const asked = this.#askDatabase(header).finally(() => {
      if (this.#asking.get(header) === asked) this.#asking.delete(header);
    });
    this.#asking.set(header, asked);
    return asked;
  }

  async #askDatabase(header: string): Promise<Caller | null> {
    const token = HEADER.exec(header)?.[1];
    if (token === undefined) return null;
    const hash = hashToken(token);
    const generation = this.#generation;
    const askedAt = Date.now();
    let found: KnownToken | null;
    try {
      const verified = await within(ASK_FOR_MS, verifyToken(this.#db, token));
      found = verified && { hash, ...verified, expiresAt: verified.expiresAt?.getTime() ?? null };
      this.#learn(hash, found);
    } catch (error) {
      found = this.#known.get(hash) ?? null;
      if (found === null) {
        throw new AppError("unavailable", "The database is away, and this token has not been seen before.", {
          cause: error,
        });
      }
    }
    const caller = found && callerOf(found);
    // Asked before a revocation was told: the answer may be from before it. Used once, not remembered.
    if (generation === this.#generation) {
      const expiresAt = found?.expiresAt ?? Number.POSITIVE_INFINITY;
      if (this.#entries.size >= MOST_ENTRIES) this.#entries.clear();
      this.#entries.set(header, { caller, expiresAt, checkedAt: askedAt, generation });
    }
    return caller;
  }

  #learn(hash: string, token: KnownToken | null): void {
    const changed = (token === null) === this.#known.has(hash);
    if (token === null) this.#known.delete(hash);
    else this.#known.set(hash, token);
    if (changed) this.#onKnown();
  }
}

function callerOf(token: KnownToken): Caller | null {
  if (token.expiresAt !== null && token.expiresAt <= Date.now()) return null;
  const { tokenId, name = tokenId, serviceAccountId = null, teamId, projectId, permissions } = token;
  return { tokenId, name, serviceAccountId, teamId, projectId, permissions: new Set(permissions) };
}
