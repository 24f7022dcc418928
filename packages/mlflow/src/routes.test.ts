import { AppError, notFound } from "@ballast/core";
import { expect, test } from "vitest";
import { isJsonRoute, refusal } from "./dialect.ts";
import { MlflowError } from "./errors.ts";
import { HANDLERS } from "./handlers/index.ts";
import { findMlflowRoute, isMlflowPath } from "./route-table.ts";
import { MLFLOW_ROUTES } from "./routes.ts";

/** Answered by whoever streams: the gateway. */
const STREAMED = ["downloadArtifact", "uploadArtifact", "createMultipart", "completeMultipart", "abortMultipart"];
const FILES = [...STREAMED, "loggedModelFile", "uploadRunArtifact", "runFile", "modelVersionFile"];

test("every route has one handler, every handler a route", () => {
  const guarded = MLFLOW_ROUTES.filter((route) => route.permission !== "public").map(({ name }) => name);
  expect(new Set(guarded)).toEqual(new Set([...Object.keys(HANDLERS), ...FILES]));
  const keys = MLFLOW_ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a path is found under both prefixes, with its parameters decoded", () => {
  for (const prefix of ["/api", "/ajax-api"]) {
    const found = findMlflowRoute("DELETE", `${prefix}/2.0/mlflow/logged-models/m-1/tags/a%20b?x=1`);
    expect(found).toMatchObject({ params: { model_id: "m-1", tag_key: "a b" }, search: "?x=1" });
    const file = findMlflowRoute("PUT", `${prefix}/2.0/mlflow-artifacts/artifacts/1/r/artifacts/d%C3%BC/%2e.txt`);
    expect(file).toMatchObject({ params: { path: "1/r/artifacts/dü/..txt" } });
    expect("route" in file && isJsonRoute(file)).toBe(false);
  }
});

test("fixed paths win over parameters; what is not there says which methods are", () => {
  expect(findMlflowRoute("POST", "/api/2.0/mlflow/logged-models/search")).toMatchObject({
    route: { name: "searchLoggedModels" },
  });
  expect(findMlflowRoute("PUT", "/api/2.0/mlflow/runs/create")).toEqual({ allowed: ["POST"] });
  for (const path of ["/api/2.0/mlflow/nope", "/api/3.0/mlflow/runs/create", "/api/2.0/mlflow/logged-models//tags"]) {
    expect(findMlflowRoute("POST", path)).toEqual({ allowed: [] });
  }
  expect(findMlflowRoute("GET", "/api/2.0/mlflow-artifacts/artifacts/%ff")).toEqual({ allowed: [] });
});

test("only MLflow's paths are taken", () => {
  for (const path of ["/health", "/version?x", "/api/2.0/mlflow/x", "/ajax-api/3.0/jobs", "/get-artifact?path=a"]) {
    expect(isMlflowPath(path), path).toBe(true);
  }
  for (const path of ["/health/live", "/v2/models/x/infer", "/api/1.0", "/versions", "/"]) {
    expect(isMlflowPath(path), path).toBe(false);
  }
});

test.each([
  [notFound("Run", "x"), 404, "RESOURCE_DOES_NOT_EXIST", "Run with id=x not found"],
  [notFound("Experiment", "7"), 404, "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=7 exists"],
  [notFound("Something", "7"), 404, "RESOURCE_DOES_NOT_EXIST", 'Something "7" does not exist.'],
  [
    new AppError("conflict", "in the trash", { details: { run: "r" } }),
    400,
    "INVALID_PARAMETER_VALUE",
    "The run r must be in the 'active' state. Current state is deleted.",
  ],
  [new AppError("too_many_requests", "later"), 429, "REQUEST_LIMIT_EXCEEDED", "later"],
  [new AppError("storage_full", "full"), 507, "TEMPORARILY_UNAVAILABLE", "full"],
  [new MlflowError("INVALID_STATE", "deleted"), 400, "INVALID_STATE", "deleted"],
  [
    Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
    503,
    "TEMPORARILY_UNAVAILABLE",
    "The database is away. Try again.",
  ],
  [
    new Error("query failed", { cause: Object.assign(new Error("shutting down"), { code: "57P01" }) }),
    503,
    "TEMPORARILY_UNAVAILABLE",
    "The database is away. Try again.",
  ],
])("%s", (thrown, status, code, message) => {
  const answer = refusal(thrown);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toEqual({ error_code: code, message });
});

test("what nobody expected says nothing of itself", () => {
  const answer = refusal(new Error("password is hunter2"));
  expect([answer.status, answer.body.includes("hunter2")]).toEqual([500, false]);
});
