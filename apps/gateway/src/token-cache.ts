import { AppError, type Permission } from "@ballast/core";
import type { Database } from "@ballast/db";
import { hashToken, verifyToken } from "@ballast/governance/server";
import type { KnownToken } from "./sync/snapshot-file.ts";
import { within } from "./within.ts";

/**
 * Longest time for which a token that was revoked still opens doors, while Postgres can be asked. NOTIFY
 * `ballast_tokens` usually makes it milliseconds.
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
  hash: string;
  expiresAt: number;
  checkedAt: number;
  refreshing: boolean;
}

/**
 * Verified tokens in memory, by the header they came in. A request with a known token never waits for the database;
 * what is known is asked again behind it. While the database is away, known tokens keep their meaning until they expire.
 */
export class TokenCache {
  readonly #db: Database;
  readonly #entries = new Map<string, Entry>();
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
      const age = now - entry.checkedAt;
      const fresh = entry.caller === null ? age < REFUSED_FOR_MS : age < REVOCATION_DELAY_MS;
      if (fresh && now < entry.expiresAt) {
        if (entry.caller !== null && age > REFRESH_AFTER_MS && !entry.refreshing) this.#refresh(header, entry);
        return entry.caller;
      }
    }
    return this.#ask(header);
  }

  /** Everything must be asked again: a token was revoked, or messages may have been missed. */
  forget(): void {
    this.#generation++;
    for (const entry of this.#entries.values()) entry.checkedAt = 0;
  }

  /** The valid tokens seen, by hash, for a start without Postgres. */
  known(): KnownToken[] {
    return [...this.#known.values()];
  }

  restore(tokens: readonly KnownToken[]): void {
    this.#known = new Map(tokens.map((token) => [token.hash, token]));
  }

  #refresh(header: string, entry: Entry): void {
    entry.refreshing = true;
    this.#ask(header)
      .catch(() => null)
      .finally(() => {
        entry.refreshing = false;
      });
  }

  async #ask(header: string): Promise<Caller | null> {
    const token = HEADER.exec(header)?.[1];
    if (token === undefined) return null;
    const hash = hashToken(token);
    const generation = this.#generation;
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
    if (generation === this.#generation) this.#remember(header, hash, caller, found?.expiresAt ?? null);
    return caller;
  }

  #learn(hash: string, token: KnownToken | null): void {
    const changed = (token === null) === this.#known.has(hash);
    if (token === null) this.#known.delete(hash);
    else this.#known.set(hash, token);
    if (changed) this.#onKnown();
  }

  #remember(header: string, hash: string, caller: Caller | null, expiresAt: number | null): void {
    if (this.#entries.size >= MOST_ENTRIES) this.#entries.clear();
    this.#entries.set(header, {
      caller,
      hash,
      expiresAt: expiresAt ?? Number.POSITIVE_INFINITY,
      checkedAt: Date.now(),
      refreshing: false,
    });
  }
}

function callerOf(token: KnownToken): Caller | null {
  if (token.expiresAt !== null && token.expiresAt <= Date.now()) return null;
  const { tokenId, name = tokenId, serviceAccountId = null, teamId, projectId, permissions } = token;
  return { tokenId, name, serviceAccountId, teamId, projectId, permissions: new Set(permissions) };
}
