import { type AppError, type ErrorCode, isAppError, toAppError } from "@ballast/core";

/** The error codes of MLflow that this dialect answers with, and their HTTP status in MLflow's server. */
const MLFLOW_STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  BAD_REQUEST: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  // MLflow answers 500, which its client repeats for minutes before it tells; the client reads the code, not the status.
  INVALID_STATE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  REQUEST_LIMIT_EXCEEDED: 429,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;
export type MlflowErrorCode = keyof typeof MLFLOW_STATUS;

/** An error in MLflow's words: `{error_code, message}` and its status. Thrown where a service's error would say too little. */
export class MlflowError extends Error {
  readonly code: MlflowErrorCode;
  readonly status: number;

  constructor(code: MlflowErrorCode, message: string, status: number = MLFLOW_STATUS[code]) {
    super(message);
    this.name = "MlflowError";
    this.code = code;
    this.status = status;
  }
}

/** The commonest: INVALID_PARAMETER_VALUE. */
export function invalidParameter(message: string): MlflowError {
  return new MlflowError("INVALID_PARAMETER_VALUE", message);
}

export function doesNotExist(message: string): MlflowError {
  return new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
}

/**
 * Our codes in MLflow's. A conflict is a write to what is deleted, or a parameter that would change: a name that is taken is told
 * apart by `naming`, because clients wait for exactly RESOURCE_ALREADY_EXISTS.
 */
const FROM_APP: Record<ErrorCode, MlflowErrorCode> = {
  invalid_input: "INVALID_PARAMETER_VALUE",
  unauthenticated: "UNAUTHENTICATED",
  budget_exceeded: "PERMISSION_DENIED",
  forbidden: "PERMISSION_DENIED",
  not_found: "RESOURCE_DOES_NOT_EXIST",
  conflict: "INVALID_PARAMETER_VALUE",
  precondition_failed: "INVALID_STATE",
  payload_too_large: "INVALID_PARAMETER_VALUE",
  unprocessable: "INVALID_PARAMETER_VALUE",
  too_many_requests: "REQUEST_LIMIT_EXCEEDED",
  internal: "INTERNAL_ERROR",
  unavailable: "TEMPORARILY_UNAVAILABLE",
  deadline_exceeded: "DEADLINE_EXCEEDED",
  storage_full: "TEMPORARILY_UNAVAILABLE",
};
/** Where the status says more than MLflow's code has one for. */
const OWN_STATUS: Partial<Record<ErrorCode, number>> = { payload_too_large: 413, storage_full: 507 };

/** Any thrown value as MLflow says it; nothing internal leaves the house. */
export function mlflowErrorOf(thrown: unknown): MlflowError {
  const worded = reworded(thrown);
  if (worded instanceof MlflowError) return worded;
  const error = toAppError(worded);
  if (error.code === "internal" && isDatabaseAway(thrown)) {
    return new MlflowError("TEMPORARILY_UNAVAILABLE", "The database is away. Try again.");
  }
  const code = FROM_APP[error.code];
  return new MlflowError(code, error.publicMessage, OWN_STATUS[error.code] ?? MLFLOW_STATUS[code]);
}

/** An error of a service in the words of MLflow's server, where it has words of its own for it. */
function reworded(thrown: unknown): unknown {
  if (!isAppError(thrown)) return thrown;
  return thrown.code === "not_found" ? missing(thrown) : thrown.code === "conflict" ? inactive(thrown) : thrown;
}

const NOT_FOUND: Readonly<Record<string, (id: string) => string>> = {
  Experiment: (id) => `No Experiment with id=${id} exists`,
  Run: (id) => `Run with id=${id} not found`,
  "Logged model": (id) => `Logged model with ID '${id}' not found.`,
  Model: (id) => `Registered Model with name=${id} not found`,
  Webhook: (id) => `Webhook with ID ${id} not found.`,
  Tag: (id) => `No tag with name: ${id}`,
  Artifact: (id) => `No such artifact: '${id}'`,
};

function missing(error: AppError): MlflowError {
  const { what, id } = error.details;
  const words = typeof what === "string" && Object.hasOwn(NOT_FOUND, what) ? NOT_FOUND[what] : undefined;
  return doesNotExist(words ? words(String(id)) : error.publicMessage);
}

function inactive(error: AppError): AppError | MlflowError {
  for (const what of ["run", "experiment"]) {
    const id = error.details[what];
    if (typeof id === "string") {
      return invalidParameter(`The ${what} ${id} must be in the 'active' state. Current state is deleted.`);
    }
  }
  return error;
}

/** Connection errors of the driver, and what PostgreSQL says while it starts, stops or has no connection left. */
const AWAY =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED|REFUSED)|57P0[1-3]|53300|08\w{3})$/;

function isDatabaseAway(thrown: unknown): boolean {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    if ("code" in error && typeof error.code === "string" && AWAY.test(error.code)) return true;
  }
  return false;
}

/** The body of an error answer. */
export function errorBody(error: MlflowError): string {
  return JSON.stringify({ error_code: error.code, message: error.message });
}
