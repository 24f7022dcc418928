const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Pauses after the first, second, … attempt: ten attempts within a good day. */
const PAUSES = [5_000, 30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 8 * HOUR, 12 * HOUR];
const LONGEST_RETRY_AFTER = 24 * HOUR;
export const ATTEMPT_LIMIT = PAUSES.length + 1;

export type Verdict =
  | { state: "delivered" }
  | { state: "pending"; waitMs: number }
  /** `gone`: the receiver says that nobody is there any more, so the webhook is disabled. */
  | { state: "failed"; gone: boolean };

/** Seconds or an HTTP date as milliseconds from `now`; null where there is neither. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(at - now, 0), LONGEST_RETRY_AFTER);
}

/**
 * What follows from an attempt. 2xx is delivered; no answer, 408, 425, 429 and 5xx are tried again with growing pauses, not before
 * `Retry-After`, until the limit; anything else, redirects among it, would fail again and is given up at once.
 */
export function judge(
  attempt: { attempts: number; status: number | null; retryAfter: string | null },
  now: number,
): Verdict {
  const { attempts, status } = attempt;
  if (status !== null && status >= 200 && status < 300) return { state: "delivered" };
  const worthTrying = status === null || [408, 425, 429].includes(status) || status >= 500;
  const pause = PAUSES[attempts - 1];
  if (!worthTrying || pause === undefined) return { state: "failed", gone: status === 410 };
  return { state: "pending", waitMs: Math.max(pause, retryAfterMs(attempt.retryAfter, now) ?? 0) };
}
