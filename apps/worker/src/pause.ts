import { setTimeout } from "node:timers/promises";

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * Waits before something that failed so often is tried again: twice as long each time, half a minute at most, and not
 * at all once `signal` says stop.
 */
export async function pauseAfter(failures: number, signal: AbortSignal): Promise<void> {
  await setTimeout(Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS), undefined, { signal }).catch(() => {});
}
