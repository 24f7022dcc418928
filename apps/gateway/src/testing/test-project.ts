/** What the gateway's tests start from: a project with feature views, versions made of trees, a deployment and a token. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { HOUR_MS, newId, PERMISSIONS, type Permission, type Scope } from "@ballast/core";
import {
  deployments,
  experiments,
  type FeatureBinding,
  featureViews,
  modelVersions,
  notify,
  type PipelineSpec,
  type RequestFeatureView,
  type RoutingTable,
  registeredModels,
  runs,
  type TrailingShareView,
  trainingPipelines,
  withTenant,
} from "@ballast/db";
import type { TestDatabase } from "@ballast/db/testing";
import { createToken } from "@ballast/governance/server";
import { buildTreeEnsembleModel, type TreeNodes } from "@ballast/onnx";
import { and, eq } from "drizzle-orm";

export const FLIGHT_VIEW: RequestFeatureView = {
  kind: "request",
  name: "flight",
  description: "What the flight plan says",
  features: [
    { name: "hour", expression: { op: "hour_of_day", column: "departure_local" }, unit: null },
    { name: "weekday", expression: { op: "day_of_week", column: "departure_local" }, unit: null },
    { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
  ],
};
export const CONGESTION_VIEW: TrailingShareView = {
  kind: "trailing_share",
  name: "congestion",
  description: "Late share of the last hours",
  source: "flights",
  knownAt: "known_at",
  requestTime: "departure_utc",
  of: "late",
  features: [
    { name: "origin_3h", key: "origin", windowMs: 3 * HOUR_MS },
    { name: "destination_24h", key: "destination", windowMs: 24 * HOUR_MS },
  ],
  onMissing: "null",
};
export const FLIGHT_BINDINGS: FeatureBinding[] = FLIGHT_VIEW.features.map(({ name }) => ({
  input: name,
  view: "flight",
  feature: name,
}));
export const CONGESTION_BINDINGS: FeatureBinding[] = [
  ...FLIGHT_BINDINGS,
  { input: "origin_3h", view: "congestion", feature: "origin_3h" },
  { input: "destination_24h", view: "congestion", feature: "destination_24h" },
];

function stump(column: number, threshold: number, value: number): TreeNodes {
  return {
    feature: Int32Array.of(column, -1, -1),
    threshold: Float32Array.of(threshold, 0, 0),
    left: Int32Array.of(1, -1, -1),
    right: Int32Array.of(2, -1, -1),
    missingLeft: Uint8Array.of(0, 0, 0),
    value: Float32Array.of(0, 0, value),
  };
}

/** `score = base + value` where feature `column` is greater than `threshold` (or missing), else `base`. */
export function stumpModel(featureNames: string[], column: number, threshold: number, base: number, value: number) {
  const tree = stump(column, threshold, value);
  return buildTreeEnsembleModel({ task: "binary", featureNames, baseValue: base, trees: [tree] });
}

/** A regression model that answers 0, and infinity where feature `column` is greater than `threshold`. */
export function overflowingModel(featureNames: string[], column: number, threshold: number) {
  const tree = stump(column, threshold, 3e38);
  return buildTreeEnsembleModel({ task: "regression", featureNames, baseValue: 0, trees: [tree, tree] });
}

/** A project in a test database, and the home of its gateway. */
export class TestProject {
  readonly home: string;
  readonly scope: Scope;
  readonly modelId = newId("registeredModel");
  readonly #t: TestDatabase;
  #number = 0;

  static async create(t: TestDatabase, home = mkdtempSync(join(tmpdir(), "ballast-gateway-"))): Promise<TestProject> {
    const project = new TestProject(t, await t.newScope(), home);
    await withTenant(t.db, project.scope.teamId, (tx) =>
      tx.insert(registeredModels).values({ ...project.tenant, id: project.modelId, name: "late" }),
    );
    return project;
  }

  private constructor(t: TestDatabase, scope: Scope, home: string) {
    this.#t = t;
    this.scope = scope;
    this.home = home;
  }

  get tenant() {
    return { teamId: this.scope.teamId, projectId: this.scope.projectId };
  }

  async defineViews(views: readonly (RequestFeatureView | TrailingShareView)[] = [FLIGHT_VIEW, CONGESTION_VIEW]) {
    await withTenant(this.#t.db, this.scope.teamId, async (tx) => {
      for (const definition of views) {
        await tx.insert(featureViews).values({
          ...this.tenant,
          id: newId("featureView"),
          name: definition.name,
          version: 1,
          definition,
          createdBy: "test",
        });
      }
      await notify(tx, "ballast_routes", this.scope.projectId);
    });
  }

  /** A training pipeline that reads a push source; it could not train. */
  async pipeline(spec: Partial<PipelineSpec> & Pick<PipelineSpec, "source">): Promise<void> {
    const columns = { label: "label", rowTime: "row_time", knownAt: "known_at" };
    const models = { modelName: "late", deploymentName: "late", task: "binary" as const, trainer: "none", params: {} };
    await withTenant(this.#t.db, this.scope.teamId, (tx) =>
      tx.insert(trainingPipelines).values({
        ...{ ...this.tenant, id: newId("pipeline"), name: spec.source, createdBy: "test" },
        spec: { dataset: "none", features: [], validationShare: 0.2, testShare: 0.2, ...columns, ...models, ...spec },
      }),
    );
  }

  /** Registers a version whose file is in the gateway's store. */
  async version(model: Uint8Array, bindings: FeatureBinding[] = FLIGHT_BINDINGS, output = "probability") {
    const { digest, size } = await new ArtifactStore(join(this.home, "artifacts")).put(model);
    return this.registerDigest(digest, size, bindings, output);
  }

  /** Registers a version by its digest alone. */
  async registerDigest(digest: string, sizeBytes: number, bindings: FeatureBinding[], output = "probability") {
    const id = newId("modelVersion");
    this.#number++;
    const tensor = { datatype: "FP32", shape: [-1, bindings.length] };
    await withTenant(this.#t.db, this.scope.teamId, (tx) =>
      tx.insert(modelVersions).values({
        ...this.tenant,
        id,
        modelId: this.modelId,
        version: this.#number,
        digest,
        sizeBytes,
        signature: {
          inputs: [{ name: "features", ...tensor }],
          outputs: [{ name: output, datatype: "FP32", shape: [-1, 1] }],
        },
        serving: { tensor: "features", output, features: bindings },
        lineage: {
          runId: null,
          trainingJobId: null,
          datasetVersions: [],
          featureViews: [],
          trainedFrom: null,
          trainedTo: null,
          codeVersion: null,
        },
        metrics: {},
        cause: "manual",
        createdBy: "test",
      }),
    );
    return id;
  }

  async deploy(
    routing: Partial<RoutingTable>,
    settings: Partial<typeof deployments.$inferInsert> = {},
  ): Promise<string> {
    const id = newId("deployment");
    await withTenant(this.#t.db, this.scope.teamId, async (tx) => {
      await tx.insert(deployments).values({
        ...this.tenant,
        id,
        name: "late",
        modelId: this.modelId,
        routing: { champion: null, candidate: null, shadows: [], salt: "salt", ...routing },
        timeColumn: "departure_utc",
        ...settings,
      });
      await notify(tx, "ballast_routes", this.scope.projectId);
    });
    return id;
  }

  async route(deploymentId: string, routing: Partial<RoutingTable>): Promise<void> {
    await withTenant(this.#t.db, this.scope.teamId, async (tx) => {
      const mine = and(eq(deployments.teamId, this.scope.teamId), eq(deployments.id, deploymentId));
      const [row] = await tx.select().from(deployments).where(mine);
      if (!row) throw new Error(`deployment ${deploymentId} is not there`);
      await tx
        .update(deployments)
        .set({ routing: { ...row.routing, ...routing }, routingRevision: row.routingRevision + 1 })
        .where(mine);
      await notify(tx, "ballast_routes", this.scope.projectId);
    });
  }

  /** A run in an experiment of its own. */
  async run(): Promise<string> {
    const [id, experimentId] = [newId("run"), newId("experiment")];
    await withTenant(this.#t.db, this.scope.teamId, async (tx) => {
      await tx.insert(experiments).values({ ...this.tenant, id: experimentId, name: id });
      const rest = { name: "r", state: "running" as const, params: {}, tags: {}, inputs: [], outputs: [] };
      await tx.insert(runs).values({ ...this.tenant, id, experimentId, ...rest, codeVersion: "", createdBy: "test" });
    });
    return id;
  }

  async token(permissions: readonly Permission[] = PERMISSIONS): Promise<{ id: string; token: string }> {
    return withTenant(this.#t.db, this.scope.teamId, (tx) =>
      createToken(tx, this.scope, { name: "test", permissions: [...permissions], expiresInDays: null }),
    );
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
