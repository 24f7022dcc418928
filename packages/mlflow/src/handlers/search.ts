import { datasetSummaries, searchExperiments, searchRuns } from "@ballast/experiments/server";
import { inTeam, type MlflowHandler } from "../call.ts";
import { invalidParameter } from "../errors.ts";
import type { Fields } from "../fields.ts";
import { experimentJson, runJson } from "../shapes.ts";
import { invalidValue, mistyped } from "../validation.ts";
import { experimentIds } from "./experiments.ts";

const MOST_RUNS = 50_000;
const MOST_EXPERIMENTS = 50_000;
const DEFAULT_PAGE = 1000;

type View = "active" | "deleted" | "all";
/** By name, and by the number that protobuf gives them. */
const VIEWS: Readonly<Record<string, View>> = {
  ACTIVE_ONLY: "active",
  DELETED_ONLY: "deleted",
  ALL: "all",
  1: "active",
  2: "deleted",
  3: "all",
};

function viewOf(fields: Fields, name: string): View {
  const given = fields.id(name);
  if (given === undefined) return "active";
  const view = Object.hasOwn(VIEWS, given) ? VIEWS[given] : undefined;
  if (view === undefined) throw invalidValue(name, given, "It must be one of ACTIVE_ONLY, DELETED_ONLY, ALL.");
  return view;
}

/** @throws MlflowError for less than 1 or more than `most` */
export function pageLimit(fields: Fields, most: number, byDefault: number): number {
  const limit = fields.integer("max_results");
  if (limit === undefined) return byDefault;
  if (limit > most) throw mistyped("max_results", limit, "int");
  if (limit < 1) throw invalidValue("max_results", limit, "It must be a positive integer");
  return limit;
}

export const searchRunsHandler: MlflowHandler = async (call) => {
  const { fields, scope } = call;
  const ids = fields.ids("experiment_ids");
  const asked = {
    filter: fields.text("filter"),
    orderBy: fields.texts("order_by"),
    view: viewOf(fields, "run_view_type"),
    limit: pageLimit(fields, MOST_RUNS, DEFAULT_PAGE),
    cursor: fields.text("page_token"),
  };
  const page = await inTeam(call, async (tx) =>
    searchRuns(tx, scope, { ...asked, experimentIds: await experimentIds(tx, scope, ids) }),
  );
  const runs = page.runs.map((run) => runJson(run, run.series, run.links));
  return { runs: runs.length > 0 ? runs : undefined, next_page_token: page.cursor ?? undefined };
};

export const searchExperimentsHandler: MlflowHandler = async (call) => {
  const { fields, scope } = call;
  const asked = {
    filter: fields.text("filter"),
    orderBy: fields.texts("order_by"),
    view: viewOf(fields, "view_type"),
    limit: pageLimit(fields, MOST_EXPERIMENTS, DEFAULT_PAGE),
    cursor: fields.text("page_token"),
  };
  const page = await inTeam(call, (tx) => searchExperiments(tx, scope, asked));
  const experiments = page.experiments.map(experimentJson);
  return {
    experiments: experiments.length > 0 ? experiments : undefined,
    next_page_token: page.cursor ?? undefined,
  };
};

const MOST_DATASET_EXPERIMENTS = 20;

export const searchDatasets: MlflowHandler = async (call) => {
  const ids = call.fields.ids("experiment_ids");
  if (ids.length === 0) throw invalidParameter("SearchDatasets request must specify at least one experiment_id.");
  if (ids.length > MOST_DATASET_EXPERIMENTS) {
    throw invalidParameter(
      `SearchDatasets request cannot specify more than ${MOST_DATASET_EXPERIMENTS} experiment_ids. Received ${ids.length} experiment_ids.`,
    );
  }
  const found = await inTeam(call, async (tx) =>
    datasetSummaries(tx, call.scope, await experimentIds(tx, call.scope, ids)),
  );
  const summaries = found.map(({ experimentId, name, digest, context }) => ({
    ...{ experiment_id: experimentId, name, digest },
    context: context === "" ? undefined : context,
  }));
  return { dataset_summaries: summaries.length > 0 ? summaries : undefined };
};
