/** Where in a filter the server stopped understanding it, and why. */
export interface FilterProblem {
  message: string;
  /** Zero-based place of the character, within the filter that was sent; undefined where the whole is wrong. */
  position: number | undefined;
}

/** Reads the refusal of a filter out of a failed call; undefined for any other failure. */
export function filterProblem(
  error: { message: string; data?: unknown } | null | undefined,
): FilterProblem | undefined {
  const data = error?.data;
  if (!error || typeof data !== "object" || data === null || !("reason" in data)) return undefined;
  if (data.reason !== "invalid_input") return undefined;
  const details = "details" in data ? data.details : undefined;
  const position =
    typeof details === "object" && details !== null && "position" in details ? Number(details.position) : Number.NaN;
  return { message: error.message, position: Number.isInteger(position) && position >= 0 ? position : undefined };
}

/** The filter in three parts: what was understood, the character where it stopped, and the rest. */
export function markedFilter(filter: string, position: number): readonly [before: string, at: string, after: string] {
  const at = Math.min(position, filter.length);
  // The end of the text has no character of its own to mark: a blank stands for what is missing.
  return [filter.slice(0, at), filter.slice(at, at + 1) || "\u00a0", filter.slice(at + 1)];
}
