import type { ArtifactStore } from "@ballast/artifacts";
import { isAppError, type Scope } from "@ballast/core";
import { type Database, type Tx, withTenant } from "@ballast/db";
import type { TrackingWriter } from "@ballast/experiments/server";
import type { Installation } from "@ballast/governance/server";
import { MlflowError } from "./errors.ts";
import type { Fields } from "./fields.ts";

/** What the dialect stands on. */
export interface MlflowDeps {
  db: Database;
  artifacts: ArtifactStore;
  /** Takes batches of many runs into one transaction. */
  writer: TrackingWriter;
  /** What webhooks are sealed with and may reach. */
  installation: Installation;
}

/** One JSON request on its way to a handler. */
export interface MlflowCall {
  deps: MlflowDeps;
  scope: Scope;
  /** Of the body, or of the query string; parameters of the path among them. */
  fields: Fields;
}

/** Answers the JSON value of the response; what is undefined in it is not sent. */
export type MlflowHandler = (call: MlflowCall) => Promise<object>;

/** Runs services in a transaction of the caller's team. */
export function inTeam<T>({ deps, scope }: MlflowCall, work: (tx: Tx) => Promise<T>): Promise<T> {
  return withTenant(deps.db, scope.teamId, work);
}

/** Runs `work`; a conflict in it means that the name is taken, which clients want to hear as exactly RESOURCE_ALREADY_EXISTS. */
export async function naming<T>(taken: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isAppError(error) && error.code === "conflict" && "name" in error.details) {
      throw new MlflowError("RESOURCE_ALREADY_EXISTS", taken);
    }
    throw error;
  }
}
