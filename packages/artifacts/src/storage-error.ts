import { AppError, isAppError } from "@ballast/core";

/** No room left: on the disk, in the quota, or under the process's file size limit. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** A file system error as the house's error: no room is `storage_full` (507), the rest `internal`. */
export function toStorageError(error: unknown, what: string): AppError {
  if (isAppError(error)) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (FULL.has(code))
    return new AppError("storage_full", `${what}: no space left on the disk (${code}).`, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new AppError("internal", `${what}: ${message}`, { cause: error });
}
