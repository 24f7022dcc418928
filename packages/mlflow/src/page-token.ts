import { invalidParameter } from "./errors.ts";

/** The token of the page that begins at `offset`: base64 JSON, as MLflow's own. */
export function offsetToken(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString("base64");
}

/** Where a page begins. @throws MlflowError for what is no token of ours */
export function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  try {
    const read: unknown = JSON.parse(Buffer.from(token, "base64").toString("utf8"));
    if (typeof read === "object" && read !== null && "offset" in read && Number.isSafeInteger(read.offset)) {
      const offset = Number(read.offset);
      if (offset >= 0) return offset;
    }
  } catch {
    // Told below.
  }
  throw invalidParameter("Invalid page token, could not base64-decode");
}
