import type { Permission } from "@ballast/core";

/** What a route does; `http/server.ts` knows the function of each. */
export type RouteName =
  | "front"
  | "live"
  | "ready"
  | "server"
  | "model"
  | "modelReady"
  | "infer"
  | "outcomes"
  | "push"
  | "onlineFeatures"
  | "watermark"
  | "upload"
  | "newUpload"
  | "uploadState"
  | "sendUpload"
  | "endUpload"
  | "dropUpload"
  | "metrics";

export interface Route {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** `:name` stands for one segment. */
  path: string;
  permission: Permission | "public";
  name: RouteName;
}

/** Every route of the gateway. A token's project is the namespace: model `name` is the deployment of that name in it. */
export const ROUTES: readonly Route[] = [
  { method: "GET", path: "/", permission: "public", name: "front" },
  { method: "GET", path: "/health/live", permission: "public", name: "live" },
  { method: "GET", path: "/health/ready", permission: "public", name: "ready" },
  { method: "GET", path: "/v2/health/live", permission: "public", name: "live" },
  { method: "GET", path: "/v2/health/ready", permission: "public", name: "ready" },
  { method: "GET", path: "/v2", permission: "public", name: "server" },
  { method: "GET", path: "/v2/models/:name", permission: "prediction.create", name: "model" },
  { method: "GET", path: "/v2/models/:name/versions/:version", permission: "prediction.create", name: "model" },
  { method: "GET", path: "/v2/models/:name/ready", permission: "prediction.create", name: "modelReady" },
  {
    method: "GET",
    path: "/v2/models/:name/versions/:version/ready",
    permission: "prediction.create",
    name: "modelReady",
  },
  { method: "POST", path: "/v2/models/:name/infer", permission: "prediction.create", name: "infer" },
  { method: "POST", path: "/v2/models/:name/versions/:version/infer", permission: "prediction.create", name: "infer" },
  { method: "POST", path: "/v1/outcomes", permission: "outcome.write", name: "outcomes" },
  { method: "POST", path: "/v1/watermark", permission: "feature.push", name: "watermark" },
  { method: "POST", path: "/push", permission: "feature.push", name: "push" },
  { method: "POST", path: "/get-online-features", permission: "feature.read_online", name: "onlineFeatures" },
  { method: "PUT", path: "/v1/artifacts", permission: "project.write", name: "upload" },
  { method: "POST", path: "/v1/uploads", permission: "experiment.write", name: "newUpload" },
  { method: "GET", path: "/v1/uploads/:id", permission: "experiment.write", name: "uploadState" },
  { method: "HEAD", path: "/v1/uploads/:id", permission: "experiment.write", name: "uploadState" },
  { method: "PUT", path: "/v1/uploads/:id", permission: "experiment.write", name: "sendUpload" },
  { method: "POST", path: "/v1/uploads/:id/complete", permission: "experiment.write", name: "endUpload" },
  { method: "DELETE", path: "/v1/uploads/:id", permission: "experiment.write", name: "dropUpload" },
  { method: "GET", path: "/metrics", permission: "project.read", name: "metrics" },
];

export interface Match {
  route: Route;
  params: Readonly<Record<string, string>>;
  search: string;
}

const SEGMENTS = ROUTES.map((route) => ({ route, parts: route.path.split("/") }));
const MOST_REMEMBERED = 2_000;

/** Finds the route of a request. Results are remembered: a service asks for the same few paths all day. */
export class RouteTable {
  readonly #remembered = new Map<string, Match>();

  /** The match, or the methods that the path does know (none for an unknown path). */
  find(method: string, url: string): Match | { allowed: string[] } {
    const key = `${method} ${url}`;
    const known = this.#remembered.get(key);
    if (known) return known;
    const question = url.indexOf("?");
    const path = question === -1 ? url : url.slice(0, question);
    const search = question === -1 ? "" : url.slice(question);
    const segments = (path.length > 2 && path.endsWith("/") ? path.slice(0, -1) : path).split("/");
    const allowed: string[] = [];
    for (const { route, parts } of SEGMENTS) {
      const params = matchSegments(parts, segments);
      if (params === null) continue;
      if (route.method !== method) {
        allowed.push(route.method);
        continue;
      }
      const match = { route, params, search };
      if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(key, match);
      return match;
    }
    return { allowed };
  }
}

function matchSegments(parts: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (parts.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    const segment = segments[i] as string;
    if (part.startsWith(":")) {
      try {
        params[part.slice(1)] = decodeURIComponent(segment);
      } catch {
        return null;
      }
    } else if (part !== segment) return null;
  }
  return params;
}
