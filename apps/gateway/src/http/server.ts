import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AppError, toAppError } from "@ballast/core";
import { serverMetadata } from "@ballast/inference-protocol";
import { isMlflowPath } from "@ballast/mlflow";
import { dropUpload, endUpload, newUpload, sendUpload, uploadState } from "../artifacts/resumable.ts";
import type { Gateway } from "../gateway.ts";
import { infer } from "../handlers/infer.ts";
import { metricsPage } from "../handlers/metrics-page.ts";
import { model, modelReady } from "../handlers/models.ts";
import { onlineFeatures } from "../handlers/online-features.ts";
import { outcomes } from "../handlers/outcomes.ts";
import { push } from "../handlers/push.ts";
import { upload } from "../handlers/upload.ts";
import { watermark } from "../handlers/watermark.ts";
import type { Project } from "../project/project.ts";
import { type Match, type Route, type RouteName, RouteTable } from "../routes.ts";
import type { Caller } from "../token-cache.ts";
import { authorizationOf } from "./authorization.ts";
import { Call } from "./call.ts";
import { serveMlflow } from "./mlflow.ts";
import { readBody } from "./read-body.ts";

const VERSION = "0.1.0";
/** Longer than the idle time of the usual balancers, so that they close first. */
const KEEP_ALIVE_MS = 75_000;
/** A request may take as long as its bytes do, so silence is limited instead of time. */
const SILENCE_MS = 120_000;

const REFUSED_HELP = "Requests refused before a version was chosen, by route and HTTP status.";

type Handler = (call: Call, project: Project, gateway: Gateway) => void | Promise<void>;

const PUBLIC: Partial<Record<RouteName, (call: Call, gateway: Gateway) => void>> = {
  live: (call) => call.answer({ live: true }),
  ready: (call, gateway) => {
    const reason = gateway.notReady();
    call.answer(
      reason === null ? { live: true, ready: true } : { live: true, ready: false, error: reason },
      reason === null ? 200 : 503,
    );
  },
  server: (call) => call.answer(serverMetadata(VERSION)),
  front: (call, { frontPage }) => {
    for (const [name, value] of Object.entries(frontPage.headers)) call.header(name, value);
    call.text(frontPage.html, "text/html; charset=utf-8");
  },
};

const HANDLERS: Partial<Record<RouteName, Handler>> = {
  infer,
  outcomes,
  push,
  watermark,
  model,
  modelReady,
  onlineFeatures,
  metrics: metricsPage,
  upload: (call, _project, gateway) => upload(call, gateway.files),
  newUpload: (call, _project, gateway) => newUpload(call, gateway.files),
  uploadState: (call, _project, gateway) => uploadState(call, gateway.files),
  sendUpload: (call, _project, gateway) => sendUpload(call, gateway.files),
  endUpload: (call, _project, gateway) => endUpload(call, gateway.files),
  dropUpload: (call, _project, gateway) => dropUpload(call, gateway.files),
};

/** Routes whose handler reads the body itself, as it comes. */
const STREAMED: ReadonlySet<RouteName> = new Set(["upload", "sendUpload"]);

/** The gateway's HTTP server, not listening yet. */
export function createGatewayServer(gateway: Gateway): Server {
  const routes = new RouteTable();
  const closing = () => gateway.stopping;
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, noDelay: true },
    (request, response) => {
      const found = routes.find(request.method ?? "GET", request.url ?? "/");
      if ("allowed" in found) {
        if (found.allowed.length === 0 && isMlflowPath(request.url ?? "/")) {
          serveMlflow(gateway, request, response);
          return;
        }
        refusePath(new Call(request, response, {}, "", closing), response, found.allowed);
        return;
      }
      serve(gateway, found, new Call(request, response, found.params, found.search, closing));
    },
  );
  server.setTimeout(SILENCE_MS);
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
  return server;
}

function refusePath(call: Call, response: ServerResponse, allowed: readonly string[]): void {
  const { request } = call;
  discard(request);
  if (allowed.length === 0) {
    call.failed(new AppError("not_found", `There is no ${request.method} ${request.url} here.`));
    return;
  }
  response.setHeader("Allow", allowed.join(", "));
  call.answer(
    { error: `${request.method} is not possible here; ${allowed.join(", ")} is.`, code: "invalid_input" },
    405,
  );
}

function serve(gateway: Gateway, match: Match, call: Call): void {
  const { route } = match;
  if (route.permission === "public") {
    discard(call.request);
    PUBLIC[route.name]?.(call, gateway);
    return;
  }
  try {
    const caller = gateway.tokens.caller(authorizationOf(call.request), Date.now());
    if (caller instanceof Promise) {
      caller.then(
        (asked) => admit(gateway, match, call, asked),
        (error: unknown) => refuse(call, error),
      );
    } else admit(gateway, match, call, caller);
  } catch (error) {
    refuse(call, error);
  }
}

function admit(gateway: Gateway, { route }: Match, call: Call, caller: Caller | null): void {
  if (caller === null) {
    refuse(call, new AppError("unauthenticated", "Send a valid token: `Authorization: Bearer blst_…`."));
    return;
  }
  if (route.permission === "public" || !caller.permissions.has(route.permission)) {
    refuse(call, new AppError("forbidden", `The token lacks the permission ${route.permission}.`));
    return;
  }
  call.caller = caller;
  const handler = HANDLERS[route.name];
  if (!handler) return;
  if (STREAMED.has(route.name)) {
    run(gateway, route, call, handler);
    return;
  }
  readBody(
    call.request,
    gateway.settings.maxBodyBytes,
    (body) => {
      call.body = body;
      run(gateway, route, call, handler);
    },
    (error) => call.failed(error),
  );
}

function run(gateway: Gateway, route: Route, call: Call, handler: Handler): void {
  const project = gateway.loadedProject(call.caller);
  if (!project) {
    gateway.project(call.caller).then(
      (loaded) => handle(gateway, route, call, handler, loaded),
      (error: unknown) => call.failed(error),
    );
    return;
  }
  handle(gateway, route, call, handler, project);
}

function handle(gateway: Gateway, route: Route, call: Call, handler: Handler, project: Project): void {
  const failed = (error: unknown) => {
    const status = String(toAppError(error).status);
    project.metrics.counter("ballast_refused_total", REFUSED_HELP, { route: route.path, status }).add();
    call.failed(error);
  };
  try {
    const result = handler(call, project, gateway);
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function refuse(call: Call, error: unknown): void {
  discard(call.request);
  call.failed(error);
}

/** A body nobody reads must still be taken off the connection, or the next request on it waits for ever. */
function discard(request: IncomingMessage): void {
  request.resume();
}
