import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore, encodeRecord, type JournalRecord, JournalWriter, type SealedSegment } from "@ballast/artifacts";
import { recordArtifact } from "@ballast/artifacts/server";
import { DAY_MS, newId, type Scope } from "@ballast/core";
import { compactSegment, type LogDeps, openDuck, tally } from "@ballast/datasets/server";
import { deployments, featureViews, journalSegments, monitorWindows, type RoutingTable, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { buildTreeEnsembleModel } from "@ballast/onnx";
import { registerVersionSchema } from "@ballast/registry";
import { registerModelVersion } from "@ballast/registry/server";
import { createRandom } from "@ballast/statistics";
import { eq } from "drizzle-orm";
import { createDeployment } from "./deployments.ts";
import { requestRollout } from "./request-rollout.ts";
import { runGates } from "./run-gates.ts";
import { dayOfTraffic, type Traffic } from "./sample-traffic.ts";
import { createDeploymentSchema, type RequestRollout, requestRolloutSchema } from "./schemas.ts";
import { stepRollout } from "./step-rollout.ts";

/** For tests: a real database, artifact store, journal and DuckDB, and traffic that is served as the routes say. */
export interface SampleDelivery {
  database: TestDatabase;
  deps: LogDeps;
  close(): Promise<void>;
}

export async function sampleDelivery(): Promise<SampleDelivery> {
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), "ballast-delivery-"));
  const duck = await openDuck({ memoryLimitMb: 512, threads: 2, tempDir: join(folder, "duck") });
  const deps = { db: database.db, artifacts: new ArtifactStore(join(folder, "artifacts")), duck };
  return {
    database,
    deps,
    close: async () => {
      duck.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A tree ensemble on `hour` and `distance`; `leaf` makes its bytes, and so its digest, one of a kind. */
function tinyModel(leaf: number): Uint8Array {
  return buildTreeEnsembleModel({
    task: "binary",
    featureNames: ["hour", "distance"],
    baseValue: -1,
    trees: [
      {
        feature: Int32Array.of(0, -1, -1),
        threshold: Float32Array.of(12, 0, 0),
        left: Int32Array.of(1, -1, -1),
        right: Int32Array.of(2, -1, -1),
        missingLeft: Uint8Array.of(1, 0, 0),
        value: Float32Array.of(0, -leaf, leaf),
      },
    ],
  });
}

const GOOD_METRICS = { auc: 0.68, brier: 0.15, base_brier: 0.17 };
const SERVING = {
  tensor: "features",
  output: "probability",
  features: [
    { input: "hour", view: "flight", feature: "hour" },
    { input: "distance", view: "flight", feature: "distance" },
  ],
};
const START = Date.UTC(2001, 1, 1);

/** One project with a deployment, its stream and its clock: event day by event day. */
export class SampleProject {
  readonly scope: Scope;
  readonly deps: LogDeps;
  /** Index of the event day that comes next. */
  day = 0;
  deploymentId = "";
  readonly #random = createRandom(20_010_201);

  private constructor(deps: LogDeps, scope: Scope) {
    this.deps = deps;
    this.scope = scope;
  }

  /** A project with feature view `flight` and deployment `delays` of model `delay`. */
  static async create({ database, deps }: SampleDelivery, slug = "delays"): Promise<SampleProject> {
    const project = new SampleProject(deps, await database.newScope());
    const { scope } = project;
    await withTenant(deps.db, scope.teamId, async (tx) => {
      const definition = {
        kind: "request" as const,
        name: "flight",
        description: "",
        features: [
          { name: "hour", expression: { op: "hour_of_day" as const, column: "t" }, unit: null },
          { name: "distance", expression: { op: "column" as const, column: "distance" }, unit: "mile" },
        ],
      };
      await tx.insert(featureViews).values({
        teamId: scope.teamId,
        projectId: scope.projectId,
        id: newId("featureView"),
        name: "flight",
        version: 1,
        definition,
        createdBy: "test",
      });
      const input = createDeploymentSchema.parse({ name: slug, modelName: "delay" });
      project.deploymentId = (await createDeployment(tx, scope, input)).id;
    });
    return project;
  }

  /** Registers a version; every call another one. */
  async register(cause = "manual", metrics: Record<string, number> = GOOD_METRICS): Promise<string> {
    const stored = await this.deps.artifacts.put(tinyModel(0.5 + this.#random.uniform()));
    const { digest } = stored;
    await withTenant(this.deps.db, this.scope.teamId, (tx) => recordArtifact(tx, this.scope.teamId, stored));
    const input = registerVersionSchema.parse({
      modelName: "delay",
      onnxDigest: digest,
      serving: SERVING,
      metrics,
      cause,
    });
    return (await registerModelVersion(this.deps, this.scope, input)).id;
  }

  /** Asks for a rollout and runs its gates. */
  async rollOut(versionId: string, more: Partial<RequestRollout> = {}): Promise<string> {
    const input = requestRolloutSchema.parse({ deployment: this.deploymentId, versionId, ...more });
    const rollout = await withTenant(this.deps.db, this.scope.teamId, (tx) => requestRollout(tx, this.scope, input));
    await runGates(this.deps, this.scope, rollout.id);
    return rollout.id;
  }

  /** A first version, promoted. */
  async withChampion(): Promise<string> {
    const versionId = await this.register("initial");
    await this.rollOut(versionId, { strategy: "all_at_once", cause: "initial" });
    return versionId;
  }

  async routing(): Promise<RoutingTable> {
    return (await this.#deployment()).routing;
  }

  async #deployment() {
    const [row] = await withTenant(this.deps.db, this.scope.teamId, (tx) =>
      tx.select().from(deployments).where(eq(deployments.id, this.deploymentId)),
    );
    if (!row) throw new Error("the deployment is gone");
    return row;
  }

  /** Serves one event day as the routes say, closes and tallies its window, and returns the window's id. */
  async serveDay(traffic: Traffic): Promise<string> {
    const from = START + this.day * DAY_MS;
    this.day += 1;
    const records = dayOfTraffic(await this.#deployment(), from, traffic, this.#random);
    await this.#seal([...records, { k: "w", t: from + DAY_MS, at: from + DAY_MS }]);
    return this.#closeWindow(from);
  }

  /** Serves a day and steps the rollout with it. */
  async step(traffic: Traffic) {
    return stepRollout(this.deps, this.scope, { windowId: await this.serveDay(traffic) });
  }

  async #seal(records: JournalRecord[]): Promise<void> {
    const { db, artifacts } = this.deps;
    let sealed: SealedSegment | undefined;
    const writer = new JournalWriter(join(artifacts.root, "..", "journal", this.scope.projectId), {
      onSealed: (segment) => {
        sealed = segment;
      },
    });
    const watermarks = records.flatMap((record) => (record.k === "w" ? [record.t] : []));
    writer.append(records.map(encodeRecord), Math.max(...watermarks));
    writer.seal();
    writer.close();
    if (!sealed) throw new Error("the journal sealed nothing");
    const { sequence, path, bytes, records: count, watermark } = sealed;
    const id = `gw/${this.scope.projectId}/${sequence}`;
    await withTenant(db, this.scope.teamId, (tx) =>
      tx.insert(journalSegments).values({
        teamId: this.scope.teamId,
        projectId: this.scope.projectId,
        id,
        sequence,
        path,
        bytes,
        records: count,
        watermark: watermark === null ? null : new Date(watermark),
        state: "sealed",
      }),
    );
    await compactSegment(this.deps, this.scope, id);
  }

  async #closeWindow(from: number): Promise<string> {
    const id = newId("monitorWindow");
    const to = from + DAY_MS;
    const counted = await tally(this.deps, this.scope, this.deploymentId, from, to, { sloMs: 25 });
    await withTenant(this.deps.db, this.scope.teamId, (tx) =>
      tx.insert(monitorWindows).values({
        teamId: this.scope.teamId,
        projectId: this.scope.projectId,
        id,
        deploymentId: this.deploymentId,
        from: new Date(from),
        to: new Date(to),
        state: "processed",
        tally: { ...counted, rowsChecked: 0, mismatches: 0, processingMs: 1 },
      }),
    );
    return id;
  }
}

export const asViewer = (scope: Scope): Scope => ({
  ...scope,
  actor: { type: "user", id: "usr_v", name: "Vera", role: "viewer" },
});
export const asAdmin = (scope: Scope): Scope => ({
  ...scope,
  actor: { type: "user", id: "usr_a", name: "Ada", role: "admin" },
});
