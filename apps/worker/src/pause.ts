const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Waits before something that failed so often is tried again: twice as long each time, half a minute at most. */
export function pauseAfter(failures: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS)));
}
