/**
 * What the integration tests train on: a seeded table whose label depends on its features, and the real plugin host, opened by
 * address as the worker does it, because this package stands below the one that holds it.
 */
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { newId, type Scope } from "@ballast/core";
import type { PipelineSpec } from "@ballast/db";
import { type Database, datasets, featureViews, withTenant } from "@ballast/db";
import type { PluginHost } from "@ballast/plugin-sdk";
import { definePipeline } from "./pipelines.ts";
import type { TrainingDeps } from "./run-training-job.ts";
import type { LoadTrainingRows } from "./training-rows.ts";

const packages = path.join(import.meta.dirname, "..", "..");
export const pluginSource = {
  module: path.join(packages, "marketplace", "src", "plugin-host.ts"),
  options: { folders: [path.join(packages, "..", "plugins")] },
};

export const START = Date.UTC(2001, 1, 1);
export const END = Date.UTC(2001, 1, 22);

/** Rows a minute apart; late more often in the evening and over long distances, and some distances are missing. */
export function seededRows(rows: number, seed = 7): LoadTrainingRows {
  return async () => {
    let state = seed;
    const uniform = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const [hour, distance, label] = [new Float32Array(rows), new Float32Array(rows), new Float32Array(rows)];
    const time = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      time[i] = START + i * 60_000;
      hour[i] = Math.floor(uniform() * 24);
      distance[i] = uniform() < 0.1 ? Number.NaN : Math.floor(100 + uniform() * 2_000);
      const risk = 0.05 + 0.3 * ((hour[i] as number) / 23) + ((distance[i] as number) > 1_500 ? 0.2 : 0);
      label[i] = uniform() < risk ? 1 : 0;
    }
    return {
      ...{ rows, featureNames: ["hour", "distance"], features: [hour, distance], label, time },
      inputs: [{ kind: "stream", id: "flights", label: "flights, 2001-02-01 to 2001-02-22" }],
    };
  };
}

export const spec: PipelineSpec = {
  ...{
    modelName: "flight-late",
    deploymentName: "flight-late",
    task: "binary" as const,
    dataset: "flights",
    source: "flights",
  },
  ...{ label: "late", rowTime: "departure", knownAt: "known_at", trainer: "gbdt", params: { maxTrees: 20 } },
  features: [
    { input: "hour", view: "flight", feature: "hour" },
    { input: "distance", view: "flight", feature: "distance" },
  ],
  ...{ validationShare: 0.1, testShare: 0.15 },
};

/** A project with a dataset, a feature view and the pipeline `flight-late`. */
export async function seedProject(db: Database, scope: Scope, plugins: PluginHost): Promise<void> {
  const { teamId, projectId } = scope;
  await withTenant(db, teamId, async (tx) => {
    await tx.insert(datasets).values({ teamId, projectId, id: newId("dataset"), name: "flights" });
    await tx.insert(featureViews).values({
      ...{ teamId, projectId, id: newId("featureView"), name: "flight", version: 1, createdBy: "test" },
      definition: {
        ...{ kind: "request" as const, name: "flight", description: "" },
        features: [
          { name: "hour", expression: { op: "hour_of_day", column: "departure" }, unit: null },
          { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
        ],
      },
    });
    await definePipeline(tx, scope, { name: "flight-late", spec }, { plugins });
  });
}

export async function openPlugins(): Promise<PluginHost> {
  const module = (await import(pluginSource.module)) as { openPluginHost(options: unknown): Promise<PluginHost> };
  return module.openPluginHost(pluginSource.options);
}

export function trainingDeps(db: Database, plugins: PluginHost, rows: number): TrainingDeps {
  const artifacts = new ArtifactStore(mkdtempSync(path.join(os.tmpdir(), "ballast-artifacts-")));
  return { db, artifacts, plugins, pluginSource, loadRows: seededRows(rows) };
}
