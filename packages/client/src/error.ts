import { TRPCClientError } from "@trpc/client";

/** Why a call failed: the server's reason, or what happened on the way. */
export type FailureCode =
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
  | "internal"
  /** Nothing was reached at the address: the call was not made. */
  | "unreachable"
  /** The connection broke or the time ran out: nobody knows whether the call was made. */
  | "no_answer"
  /** The caller's signal aborted it. */
  | "aborted"
  /** What answers there is not Ballast. */
  | "not_ballast";

/** A failed call, in words that name the field at fault and what to do. */
export class BallastError extends Error {
  override readonly name = "BallastError";
  /** The procedure, such as `experiment.startRun`. */
  readonly path: string;
  readonly code: FailureCode;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The input's field at fault; null where none is. */
  readonly field: string | null;
  /** What to do about it; null where the message says it already. */
  readonly fix: string | null;
  /** Machine-readable facts of the refusal. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Every field that is wrong, where the input's shape is. */
  readonly issues: readonly { field: string; message: string }[];
  /** Finds the request in the server's log; null where there was no answer. */
  readonly requestId: string | null;

  constructor(failure: Omit<BallastError, "name" | "stack" | "cause"> & { cause?: unknown }) {
    const advice = failure.fix === null ? "" : ` ${failure.fix}`;
    super(`${failure.path}: ${failure.message}${advice}`, { cause: failure.cause });
    this.path = failure.path;
    this.code = failure.code;
    this.status = failure.status;
    this.field = failure.field;
    this.fix = failure.fix;
    this.details = failure.details;
    this.issues = failure.issues;
    this.requestId = failure.requestId;
  }
}

/** What the server says beside an error's message. */
interface ErrorData {
  httpStatus?: number;
  reason?: FailureCode | null;
  details?: Record<string, unknown>;
  issues?: { field: string; message: string }[];
  requestId?: string | null;
}

/** tRPC's own refusals, which no service made. */
const BY_STATUS: Readonly<Record<number, FailureCode>> = {
  400: "invalid_input",
  401: "unauthenticated",
  402: "budget_exceeded",
  403: "forbidden",
  404: "not_found",
  408: "deadline_exceeded",
  409: "conflict",
  412: "precondition_failed",
  413: "payload_too_large",
  422: "unprocessable",
  429: "too_many_requests",
  502: "unavailable",
  503: "unavailable",
  504: "deadline_exceeded",
};
/** The connection was never made, so the call was not either. */
const NEVER_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];

/** The failure as this client tells it. `url` and `hasToken` say what to look at first. */
export function failureOf(
  error: unknown,
  call: { path: string; url: string; hasToken: boolean; timedOut: boolean; aborted: boolean },
): BallastError {
  const data = error instanceof TRPCClientError ? (error.data as ErrorData | null | undefined) : null;
  if (!data) return withoutAnswer(error, call);
  const status = data.httpStatus ?? null;
  const code = data.reason ?? BY_STATUS[status ?? 0] ?? "internal";
  const [first] = data.issues ?? [];
  const { field } = data.details ?? {};
  return new BallastError({
    ...{ path: call.path, code, status, cause: error, message: (error as Error).message },
    field: typeof field === "string" ? field : (first?.field ?? null),
    fix: fixOf(code, call.hasToken),
    ...{ details: data.details ?? {}, issues: data.issues ?? [], requestId: data.requestId ?? null },
  });
}

function fixOf(code: FailureCode, hasToken: boolean): string | null {
  switch (code) {
    case "unauthenticated":
      return hasToken
        ? "The token is unknown, expired or revoked, or its service account is disabled: make or rotate one under Settings → Tokens."
        : "Set BALLAST_TOKEN to a token of Settings → Tokens.";
    case "forbidden":
      return "Use a token with that permission: Settings → Tokens.";
    case "budget_exceeded":
      return "Ask for less, or raise the budget under Costs.";
    case "internal":
      return "The request id finds it in the server's log.";
    default:
      return null;
  }
}

function withoutAnswer(
  error: unknown,
  { path, url, timedOut, aborted }: { path: string; url: string; timedOut: boolean; aborted: boolean },
): BallastError {
  const status = statusOf(error);
  const { code, message, fix } = unanswered(error, { url, timedOut, aborted, status });
  return new BallastError({
    ...{ path, code, status, message, fix, cause: error },
    ...{ field: null, details: {}, issues: [], requestId: null },
  });
}

function unanswered(
  error: unknown,
  { url, timedOut, aborted, status }: { url: string; timedOut: boolean; aborted: boolean; status: number | null },
): { code: FailureCode; message: string; fix: string | null } {
  if (aborted) return { code: "aborted", message: "Aborted by the caller's signal.", fix: null };
  if (status !== null) {
    const passing = BY_STATUS[status];
    return {
      code: status >= 500 && passing ? passing : "not_ballast",
      message: `${url} answered HTTP ${status}, and not as Ballast does.`,
      fix: "Set BALLAST_URL to where the web app listens; the gateway has another port.",
    };
  }
  if (!timedOut && neverSent(error)) {
    return {
      ...{ code: "unreachable", message: `Nothing answers at ${url}.` },
      fix: "Start Ballast, or set BALLAST_URL to where its web app listens.",
    };
  }
  const message = timedOut ? `${url} did not answer in time.` : `The connection to ${url} broke.`;
  return { code: "no_answer", message, fix: "Whether the call was made is unknown: look before you repeat it." };
}

function statusOf(error: unknown): number | null {
  const { response } = (error instanceof TRPCClientError ? error.meta : null) ?? {};
  return response instanceof Response ? response.status : null;
}

/** Node tells the reason of a failed fetch in its causes. */
function neverSent(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    const causes = [at, ...(at instanceof AggregateError ? (at.errors as unknown[]) : [])];
    if (causes.some((one) => NEVER_SENT.includes(String((one as { code?: unknown }).code)))) return true;
  }
  return false;
}
