import { type SQL, sql } from "drizzle-orm";
import { experiments } from "../schema/experiments.ts";
import { loggedModelMetrics } from "../schema/logged-model-metrics.ts";
import { loggedModels } from "../schema/logged-models.ts";
import { metricSeries } from "../schema/metric-series.ts";
import { modelVersions } from "../schema/model-versions.ts";
import { registeredModels } from "../schema/registered-models.ts";
import { runLinks } from "../schema/run-links.ts";
import { runs } from "../schema/runs.ts";
import { trackedDatasets } from "../schema/tracked-datasets.ts";
import type { AttributeSql, SearchTarget } from "./filter-sql.ts";

const text = (column: unknown, nullable = false): AttributeSql => ({ type: "text", sql: sql`${column}`, nullable });
const time = (column: unknown, nullable = false): AttributeSql => ({ type: "time", sql: sql`${column}`, nullable });

/** Which team's and project's rows the subqueries may see; RLS stands behind the first. */
export interface SearchScope {
  teamId: string;
  projectId: string;
}

/**
 * For a query that selects from `runs`. `joined` says where the query has the last value of a metric already (null without one), by a left
 * join of the one row that a run has of it: then the filter asks there.
 */
export function runTarget(
  { teamId, projectId }: SearchScope,
  joined: (key: string) => SQL | undefined = () => undefined,
): SearchTarget {
  return {
    attributes: {
      run_id: text(runs.id),
      // MLflow searches the tag `mlflow.runName`; here the name is one thing and the tag its copy.
      run_name: text(runs.name),
      user_id: text(sql`coalesce(${runs.tags} ->> 'mlflow.user', ${runs.createdBy})`),
      // Either spelling finds it: FINISHED as MLflow has it, finished as Ballast's pages do.
      status: {
        ...text(sql`upper(${runs.state})`),
        exactly: { sql: sql`${runs.state}`, spelling: (value) => value.toLowerCase() },
      },
      artifact_uri: text(sql`('mlflow-artifacts:/' || ${runs.experimentId} || '/' || ${runs.id} || '/artifacts')`),
      start_time: time(runs.startedAt),
      end_time: time(runs.endedAt, true),
      parent_run_id: text(runs.parentId, true),
    },
    params: sql`${runs.params}`,
    tags: sql`${runs.tags}`,
    metric: (key, holds) => {
      const last = joined(key);
      // Not null is said first: it makes the left join a plain one where the comparison must hold.
      if (last) return sql`(${last} is not null and ${holds(last)})`;
      return sql`exists (select 1 from ${metricSeries} where ${metricSeries.teamId} = ${teamId}
        and ${metricSeries.projectId} = ${projectId} and ${metricSeries.runId} = ${runs.id}
        and ${metricSeries.key} = ${key} and ${holds(sql`${metricSeries.last}`)})`;
    },
    dataset: (key, holds) => datasetExists({ teamId, projectId }, key, holds),
  };
}

function datasetExists({ teamId, projectId }: SearchScope, key: string, holds: (value: SQL) => SQL): SQL {
  const links = sql`${runLinks.teamId} = ${teamId} and ${runLinks.projectId} = ${projectId}
    and ${runLinks.runId} = ${runs.id} and ${runLinks.kind} = 'input_dataset'`;
  if (key === "context") {
    const context = sql`(${runLinks.tags} ->> 'mlflow.data.context')`;
    return sql`exists (select 1 from ${runLinks} where ${links} and ${holds(context)})`;
  }
  const column = key === "name" ? trackedDatasets.name : trackedDatasets.digest;
  return sql`exists (select 1 from ${runLinks} join ${trackedDatasets} on ${trackedDatasets.teamId} = ${runLinks.teamId}
    and ${trackedDatasets.projectId} = ${runLinks.projectId} and ${trackedDatasets.id} = ${runLinks.targetId}
    where ${links} and ${holds(sql`${column}`)})`;
}

/** For a query that selects from `experiments`. */
export const EXPERIMENT_TARGET: SearchTarget = {
  attributes: {
    experiment_id: text(experiments.id),
    name: text(experiments.name),
    creation_time: time(experiments.createdAt),
    last_update_time: time(experiments.updatedAt),
  },
  tags: sql`${experiments.tags}`,
};

export interface ModelDataset {
  name: string;
  /** Any where left out. */
  digest?: string;
}

/** Holds for logged model metrics that were measured on one of the datasets; on any where none is named. */
export function onDatasets(datasets: readonly ModelDataset[]): SQL {
  if (datasets.length === 0) return sql`true`;
  const each = datasets.map(({ name, digest }) =>
    digest === undefined
      ? sql`${loggedModelMetrics.datasetName} = ${name}`
      : sql`(${loggedModelMetrics.datasetName} = ${name} and ${loggedModelMetrics.datasetDigest} = ${digest})`,
  );
  return sql`(${sql.join(each, sql` or `)})`;
}

/** For a query that selects from `logged_models`; its metrics count where they were measured on one of `datasets`. */
export function loggedModelTarget(scope: SearchScope, datasets: readonly ModelDataset[] = []): SearchTarget {
  const spelling = (value: string) => value.toLowerCase().replace(/^logged_model_/, "");
  return {
    attributes: {
      name: text(loggedModels.name),
      model_id: text(loggedModels.id),
      model_type: text(loggedModels.modelType),
      status: {
        ...text(sql`('LOGGED_MODEL_' || upper(${loggedModels.state}))`),
        exactly: { sql: sql`${loggedModels.state}`, spelling },
      },
      source_run_id: text(loggedModels.sourceRunId, true),
      creation_time: time(loggedModels.createdAt),
      last_update_time: time(loggedModels.updatedAt),
    },
    params: sql`${loggedModels.params}`,
    tags: sql`${loggedModels.tags}`,
    metric: (key, holds) => sql`exists (select 1 from ${loggedModelMetrics}
      where ${loggedModelMetrics.teamId} = ${scope.teamId} and ${loggedModelMetrics.projectId} = ${scope.projectId}
      and ${loggedModelMetrics.modelId} = ${loggedModels.id} and ${loggedModelMetrics.key} = ${key}
      and ${onDatasets(datasets)} and ${holds(sql`${loggedModelMetrics.value}`)})`,
  };
}

/** MLflow keeps prompts among models, told apart by this tag; a model without it is none. */
export const PROMPT_TAG = "mlflow.prompt.is_prompt";

/** For a query that selects from `registered_models`. */
export const REGISTERED_MODEL_TARGET: SearchTarget = {
  attributes: {
    name: text(registeredModels.name),
    creation_time: time(registeredModels.createdAt),
    last_update_time: time(registeredModels.updatedAt),
  },
  tags: sql`${registeredModels.tags}`,
  impliedTags: { [PROMPT_TAG]: "false" },
};

/** For a query that selects from `model_versions` and joins the `registered_models` they are of. */
export const MODEL_VERSION_TARGET: SearchTarget = {
  attributes: {
    name: text(registeredModels.name),
    version_number: { type: "number", sql: sql`${modelVersions.version}` },
    run_id: text(sql`(${modelVersions.lineage} ->> 'runId')`, true),
    source_path: text(modelVersions.source, true),
    creation_time: time(modelVersions.createdAt),
    last_update_time: time(modelVersions.updatedAt),
  },
  tags: sql`${modelVersions.tags}`,
  impliedTags: { [PROMPT_TAG]: "false" },
};
