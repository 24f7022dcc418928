import { createLogger, type Scope } from "@ballast/core";
import type { MlflowDeps } from "./call.ts";
import { errorBody, MlflowError, mlflowErrorOf } from "./errors.ts";
import { Fields } from "./fields.ts";
import { HANDLERS } from "./handlers/index.ts";
import { parseBody, parseQuery } from "./parse-body.ts";
import type { MlflowMatch } from "./route-table.ts";

const log = createLogger("mlflow");

/** What is sent back. `headers` beside the content's type and length. */
export interface MlflowAnswer {
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string>;
}

const JSON_TYPE = "application/json";
/** The release whose client and server this dialect was checked against; clients ask it for what they may use. */
export const MLFLOW_VERSION = "3.17.2";

/** Answers of the public routes. */
const PUBLIC: Readonly<Record<string, MlflowAnswer>> = {
  health: { status: 200, type: "text/plain; charset=utf-8", body: "OK" },
  version: { status: 200, type: "text/plain; charset=utf-8", body: MLFLOW_VERSION },
  serverInfo: {
    status: 200,
    type: JSON_TYPE,
    // Uploads in parts go through this server; downloads are never redirected.
    body: JSON.stringify({
      store_type: "SqlStore",
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: true,
      multipart_downloads_enabled: false,
      presigned_upload_run_id_supported: false,
      presigned_upload_model_id_supported: false,
      features_enabled: { gateway: false },
    }),
  },
};

/** The answer of a public route. */
export function answerPublic({ route }: MlflowMatch): MlflowAnswer {
  return PUBLIC[route.name] ?? refusal(new MlflowError("ENDPOINT_NOT_FOUND", `There is no ${route.path}.`));
}

/** True for a route that is answered by {@link answerJson}; the others stream files. */
export function isJsonRoute({ route }: MlflowMatch): boolean {
  return Object.hasOwn(HANDLERS, route.name);
}

/** The answer to a JSON request of somebody who may make it. Never throws. */
export async function answerJson(
  deps: MlflowDeps,
  scope: Scope,
  { route, params, search }: MlflowMatch,
  body: Buffer,
): Promise<MlflowAnswer> {
  try {
    const handler = HANDLERS[route.name];
    if (!handler) throw new MlflowError("NOT_IMPLEMENTED", `${route.method} ${route.path} is not JSON.`);
    // Only GET has its fields in the query; a body comes with DELETE, too.
    const sent = route.method === "GET" && search !== "" ? parseQuery(search) : parseBody(body);
    const values = Object.keys(params).length > 0 ? { ...sent, ...params } : sent;
    const value = await handler({ deps, scope, fields: new Fields(values) });
    return { status: 200, type: JSON_TYPE, body: JSON.stringify(value) };
  } catch (error) {
    return refusal(error, `${route.method} ${route.path}`);
  }
}

/** Any error as an answer. */
export function refusal(thrown: unknown, where = ""): MlflowAnswer {
  const error = mlflowErrorOf(thrown);
  if (error.code === "INTERNAL_ERROR") log.error("a request failed", { where, error: thrown });
  const headers: Record<string, string> = {};
  if (error.status === 401) headers["WWW-Authenticate"] = 'Basic realm="mlflow"';
  if (error.status === 429 || error.status === 503) headers["Retry-After"] = "1";
  return { status: error.status, type: JSON_TYPE, body: errorBody(error), headers };
}

/** What a path nobody knows is answered with: clients fall back to older routes on exactly this code. */
export function refusePath(method: string, url: string, allowed: readonly string[]): MlflowAnswer {
  if (allowed.length === 0) {
    return refusal(new MlflowError("ENDPOINT_NOT_FOUND", `There is no ${method} ${url.slice(0, 500)} here.`));
  }
  const error = new MlflowError("BAD_REQUEST", `${method} is not possible here; ${allowed.join(", ")} is.`, 405);
  return { ...refusal(error), headers: { Allow: allowed.join(", ") } };
}
