import { AppError } from "@ballast/core";

/** Sign-ups from one network address in ten minutes: an office behind one address gets its people in. */
const MOST_FROM_ONE_PLACE = 20;
/** From everywhere together: whoever forges network addresses meets this one. A password's hash costs 19 MiB and some 20 ms. */
const MOST_FROM_ANYWHERE = 200;
const WINDOW_MS = 10 * 60_000;
const MOST_CHARACTERS = 200;

/**
 * Slows down whoever makes accounts by the thousand. Every admitted attempt counts, whatever becomes of it; refused ones do not, so
 * waiting always helps. Kept in the memory of one process: a restart forgets, and each web process counts for itself.
 */
export class SignUpThrottle {
  /** Admitted attempts within the window, oldest first: at most {@link MOST_FROM_ANYWHERE}. */
  #attempts: { address: string; at: number }[] = [];
  readonly #now: () => number;

  /** @param now epoch ms; a seam for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Counts an attempt from a network address.
   * @throws AppError `too_many_requests` with `details.waitSeconds`
   */
  admit(networkAddress: string): void {
    const now = this.#now();
    const address = networkAddress.slice(0, MOST_CHARACTERS);
    this.#attempts = this.#attempts.filter(({ at }) => now - at < WINDOW_MS);
    const here = this.#attempts.filter((attempt) => attempt.address === address);
    const blocking =
      here[here.length - MOST_FROM_ONE_PLACE] ?? this.#attempts[this.#attempts.length - MOST_FROM_ANYWHERE];
    if (!blocking) {
      this.#attempts.push({ address, at: now });
      return;
    }
    const waitSeconds = Math.ceil((blocking.at + WINDOW_MS - now) / 1000);
    throw new AppError(
      "too_many_requests",
      `Too many accounts were made from here lately. Try again in ${Math.ceil(waitSeconds / 60)} min, or ask an admin for an invitation.`,
      { details: { waitSeconds } },
    );
  }
}
