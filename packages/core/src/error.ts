/**
 * The one error vocabulary. Services throw only {@link AppError}; {@link ERROR_STATUS} is the one table from code to
 * HTTP status, from which tRPC, MLflow and OIP answers follow.
 */
export type ErrorCode =
  | "invalid_input"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "precondition_failed"
  | "payload_too_large"
  | "unprocessable"
  | "too_many_requests"
  | "budget_exceeded"
  | "deadline_exceeded"
  | "unavailable"
  | "storage_full"
  | "internal";

export const ERROR_STATUS: Record<ErrorCode, number> = {
  invalid_input: 400,
  unauthenticated: 401,
  budget_exceeded: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unprocessable: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
  deadline_exceeded: 504,
  storage_full: 507,
};

export interface AppErrorOptions {
  /** What a caller may read; defaults to `message`, except for `internal`, whose message never leaves the house. */
  publicMessage?: string;
  /** Machine-readable facts, e.g. `{ field: "inputs[0].shape" }`. Public. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly publicMessage: string;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.publicMessage =
      options.publicMessage ??
      (code === "internal" ? "The server failed to answer. The request id finds it in the log." : message);
    this.details = options.details ?? {};
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** True for an AppError, also one thrown by a second copy of this module. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === "AppError" && "code" in error && "publicMessage" in error;
}

/** The error as an AppError; anything foreign becomes `internal` with the original as its cause. */
export function toAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError("internal", message, { cause: error });
}

/** The same answer for "does not exist" and "is somebody else's". */
export function notFound(what: string, id: string): AppError {
  return new AppError("not_found", `${what} "${id}" does not exist.`, { details: { what, id } });
}
