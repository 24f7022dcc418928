/** The id under which a failed call stands in the log; undefined where the call never reached the server. */
export function requestIdOf(error: object): string | undefined {
  const data = "data" in error ? error.data : undefined;
  if (typeof data !== "object" || data === null || !("requestId" in data)) return undefined;
  return typeof data.requestId === "string" ? data.requestId : undefined;
}
