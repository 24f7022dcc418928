import { AppError } from "@ballast/core";

/** Failures with one e-mail address from one network address before it has to wait. */
const MOST_FROM_ONE_PLACE = 10;
/** Failures with one e-mail address from anywhere: whoever forges or changes network addresses meets this one. */
const MOST_FROM_ANYWHERE = 50;
const WINDOW_MS = 10 * 60_000;
/** Keys remembered; the one that was tried longest ago is forgotten first. */
const MOST_KEYS = 20_000;
/** Longer than any address that has an account: what follows tells nobody apart, and would only take memory. */
const MOST_CHARACTERS = 200;

/**
 * Slows down whoever guesses passwords: after 10 failures in 10 minutes with one e-mail address from one network address (50 from
 * anywhere) the next attempt is refused unheard until the oldest of them is 10 minutes old. Refused attempts do not count, so
 * waiting always helps. Kept in the memory of one process: a restart forgets, and each web process counts for itself.
 */
export class SignInThrottle {
  readonly #attempts = new Map<string, number[]>();
  readonly #now: () => number;

  /** @param now epoch ms; a seam for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Keys remembered at the moment. */
  get size(): number {
    return this.#attempts.size;
  }

  /**
   * Answers what `check` answers: an account, or null for a wrong password. Only a null counts as a failure, but an attempt is
   * counted before it is checked, so that a thousand at once are no way around.
   * @throws AppError `too_many_requests` with `details.waitSeconds`, without calling `check`; whatever `check` throws
   */
  async guard<T>(email: string, address: string, check: () => Promise<T | null>): Promise<T | null> {
    const now = this.#now();
    const person = email.trim().toLowerCase().slice(0, MOST_CHARACTERS);
    const limits: [key: string, most: number][] = [
      [`${person}\n${address.slice(0, MOST_CHARACTERS)}`, MOST_FROM_ONE_PLACE],
      [person, MOST_FROM_ANYWHERE],
    ];
    const wait = Math.max(...limits.map(([key, most]) => this.#waitMs(key, most, now)));
    if (wait > 0) throw tooMany(wait);
    for (const [key] of limits) this.#note(key, now);
    let found: T | null = null;
    let failed = false;
    try {
      found = await check();
      failed = found === null;
      return found;
    } finally {
      if (!failed) for (const [key] of limits) this.#takeBack(key, now);
      // The owner is here: what was mistyped from this place is forgiven.
      if (found !== null) this.#attempts.delete(limits[0]?.[0] ?? "");
    }
  }

  #waitMs(key: string, most: number, now: number): number {
    const recent = (this.#attempts.get(key) ?? []).filter((at) => now - at < WINDOW_MS);
    const blocking = recent[recent.length - most];
    return blocking === undefined ? 0 : blocking + WINDOW_MS - now;
  }

  #note(key: string, now: number): void {
    const recent = (this.#attempts.get(key) ?? []).filter((at) => now - at < WINDOW_MS);
    // Deleted first: a Map keeps the order in which its keys came, so the first is the one that was tried longest ago.
    this.#attempts.delete(key);
    this.#attempts.set(key, [...recent, now]);
    if (this.#attempts.size <= MOST_KEYS) return;
    const [oldest] = this.#attempts.keys();
    if (oldest !== undefined) this.#attempts.delete(oldest);
  }

  #takeBack(key: string, at: number): void {
    const attempts = this.#attempts.get(key);
    const index = attempts?.lastIndexOf(at) ?? -1;
    if (attempts === undefined || index === -1) return;
    attempts.splice(index, 1);
    if (attempts.length === 0) this.#attempts.delete(key);
  }
}

function tooMany(waitMs: number): AppError {
  const waitSeconds = Math.ceil(waitMs / 1000);
  const minutes = Math.ceil(waitSeconds / 60);
  const wait = waitSeconds < 60 ? `${waitSeconds} s` : `${minutes} minute${minutes === 1 ? "" : "s"}`;
  return new AppError("too_many_requests", `Too many attempts with this e-mail address. Try again in ${wait}.`, {
    details: { waitSeconds },
  });
}
