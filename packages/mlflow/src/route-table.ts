import { MLFLOW_ROUTES, type MlflowRoute } from "./routes.ts";

export interface MlflowMatch {
  route: MlflowRoute;
  params: Readonly<Record<string, string>>;
  /** With its "?"; empty where there is none. */
  search: string;
}

/** Paths of the dialect: whatever begins like this is answered, and refused, as MLflow would. */
const PREFIXES = ["/api/2.0/mlflow", "/api/3.0/mlflow", "/ajax-api/", "/get-artifact", "/model-versions/get-artifact"];
const ALONE = ["/health", "/version"];
const AJAX = "/ajax-api/";

/** True for a path that is MLflow's, whether it exists or not. */
export function isMlflowPath(url: string): boolean {
  if (PREFIXES.some((prefix) => url.startsWith(prefix))) return true;
  return ALONE.some((path) => url === path || url.startsWith(`${path}?`));
}

const FIXED = new Map<string, MlflowRoute[]>();
const OPEN: { route: MlflowRoute; parts: string[] }[] = [];
for (const route of MLFLOW_ROUTES) {
  if (/[:*]/.test(route.path)) OPEN.push({ route, parts: route.path.split("/") });
  else FIXED.set(route.path, [...(FIXED.get(route.path) ?? []), route]);
}

/** The route of a request, or the methods that its path does know (none for an unknown path). */
export function findMlflowRoute(method: string, url: string): MlflowMatch | { allowed: string[] } {
  const question = url.indexOf("?");
  const given = question === -1 ? url : url.slice(0, question);
  const search = question === -1 ? "" : url.slice(question);
  const path = given.startsWith(AJAX) ? `/api/${given.slice(AJAX.length)}` : given;
  const fixed = FIXED.get(path);
  if (fixed) {
    const route = fixed.find((one) => one.method === method);
    return route ? { route, params: {}, search } : { allowed: fixed.map((one) => one.method) };
  }
  const segments = path.split("/");
  const allowed: string[] = [];
  for (const { route, parts } of OPEN) {
    const params = matchSegments(parts, segments);
    if (params === null) continue;
    if (route.method === method) return { route, params, search };
    allowed.push(route.method);
  }
  return { allowed };
}

function matchSegments(parts: readonly string[], segments: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    const segment = segments[i];
    if (segment === undefined) return null;
    if (part.startsWith("*")) {
      const rest = decoded(segments.slice(i).join("/"));
      if (rest === null || rest === "") return null;
      params[part.slice(1)] = rest;
      return params;
    }
    if (part.startsWith(":")) {
      const value = decoded(segment);
      if (value === null || value === "") return null;
      params[part.slice(1)] = value;
    } else if (part !== segment) return null;
  }
  return parts.length === segments.length ? params : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
