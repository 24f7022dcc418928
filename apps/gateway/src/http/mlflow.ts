import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "@ballast/core";
import {
  answerJson,
  answerPublic,
  findMlflowRoute,
  isJsonRoute,
  type MlflowAnswer,
  type MlflowMatch,
  refusal,
  refusePath,
} from "@ballast/mlflow";
import { isFileRoute, isPartPath, serveFiles, servePart } from "../artifacts/mlflow-files.ts";
import type { Gateway } from "../gateway.ts";
import type { Caller } from "../token-cache.ts";
import { asBearer, authorizationOf } from "./authorization.ts";
import { scopeOf } from "./caller-scope.ts";
import { readBody } from "./read-body.ts";

/** A dataset's profile may be 16 MB of text. */
const MOST_BODY_BYTES = 32 * 1024 * 1024;

/** Answers a request whose path is MLflow's: any error is said in MLflow's form. */
export function serveMlflow(gateway: Gateway, request: IncomingMessage, response: ServerResponse): void {
  const method = request.method ?? "GET";
  const url = request.url ?? "/";
  const send = (answer: MlflowAnswer) => sendAnswer(gateway, response, answer);
  const refuse = (error: unknown) => {
    request.resume();
    send(refusal(error));
  };
  if (isPartPath(url)) {
    servePart(gateway.files, request, response);
    return;
  }
  if (url.includes("%00")) {
    refuse(new AppError("invalid_input", "The address must not contain the character U+0000."));
    return;
  }
  const found = findMlflowRoute(method, url);
  if ("allowed" in found) {
    request.resume();
    send(refusePath(method, url, found.allowed));
    return;
  }
  if (found.route.permission === "public") {
    request.resume();
    send(answerPublic(found));
    return;
  }
  const admit = (caller: Caller | null) => {
    try {
      serve(gateway, found, request, response, admitted(found, caller));
    } catch (error) {
      refuse(error);
    }
  };
  try {
    const caller = gateway.tokens.caller(asBearer(authorizationOf(request)), Date.now());
    if (caller instanceof Promise) caller.then(admit, refuse);
    else admit(caller);
  } catch (error) {
    refuse(error);
  }
}

function admitted({ route }: MlflowMatch, caller: Caller | null): Caller {
  if (caller === null) {
    throw new AppError(
      "unauthenticated",
      "Set MLFLOW_TRACKING_TOKEN to a token of the project (blst_…), or send it as the password of MLFLOW_TRACKING_PASSWORD.",
    );
  }
  if (route.permission === "public" || !caller.permissions.has(route.permission)) {
    throw new AppError("forbidden", `The token lacks the permission ${route.permission}.`);
  }
  return caller;
}

function serve(
  gateway: Gateway,
  match: MlflowMatch,
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
): void {
  const scope = scopeOf(caller);
  const send = (answer: MlflowAnswer) => sendAnswer(gateway, response, answer);
  if (isFileRoute(match)) {
    serveFiles(gateway.files, scope, match, request, response);
    return;
  }
  if (!isJsonRoute(match)) throw new AppError("not_found", `There is no ${match.route.path} yet.`);
  readBody(
    request,
    Math.max(MOST_BODY_BYTES, gateway.settings.maxBodyBytes),
    (body) => {
      answerJson(gateway.mlflow, scope, match, body).then(send, (error: unknown) => send(refusal(error)));
    },
    (error) => send(refusal(error)),
  );
}

function sendAnswer(gateway: Gateway, response: ServerResponse, answer: MlflowAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const close = answer.status === 413 || gateway.stopping ? { Connection: "close" } : {};
  response.writeHead(answer.status, {
    "Content-Type": answer.type,
    "Content-Length": Buffer.byteLength(answer.body),
    ...answer.headers,
    ...close,
  });
  response.end(answer.body);
}
