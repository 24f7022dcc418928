/** The id under which a failed call stands in the log; undefined where the call never reached the server. */
export function requestIdOf(error: { data?: unknown }): string | undefined {
  const data = error.data;
  if (typeof data !== "object" || data === null || !("requestId" in data)) return undefined;
  return typeof data.requestId === "string" ? data.requestId : undefined;
}
