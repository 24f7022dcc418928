import type { BallastError, FailureCode } from "./error.ts";

/** Mutations that may be made twice: the second changes nothing. */
const IDEMPOTENT: readonly string[] = ["experiment.logBatch", "experiment.tagRun", "token.revoke"];
const PASSING: readonly FailureCode[] = ["unavailable", "deadline_exceeded", "no_answer"];
const FIRST_MS = 200;
const LONGEST_MS = 10_000;

/** True for calls that may be made again without harm. */
export function isIdempotent(type: "query" | "mutation", path: string, marked: boolean | undefined): boolean {
  return marked ?? (type === "query" || IDEMPOTENT.includes(path));
}

/**
 * Milliseconds to wait before the next attempt, or null where there should be none. What was not even heard (nothing reached, or too
 * many requests) may always be repeated; what may have been done only where doing it twice is doing it once.
 * @param attempt 1 for the first repetition
 * @param chance in [0, 1): spreads clients that failed together
 */
export function waitBeforeRetry(
  failure: Pick<BallastError, "code" | "details">,
  call: { idempotent: boolean; attempt: number; chance: number },
): number | null {
  const backOff = Math.min(LONGEST_MS, FIRST_MS * 2 ** (call.attempt - 1)) * (0.5 + call.chance / 2);
  if (failure.code === "unreachable") return backOff;
  if (failure.code === "too_many_requests") {
    const { waitSeconds } = failure.details;
    const asked = typeof waitSeconds === "number" ? waitSeconds * 1_000 : backOff;
    return asked <= LONGEST_MS ? Math.max(asked, backOff) : null;
  }
  return call.idempotent && PASSING.includes(failure.code) ? backOff : null;
}
