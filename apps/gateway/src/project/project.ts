import { AppError, createLogger, notFound, toAppError } from "@ballast/core";
import { OnlineFeatureStore, type SourceColumns } from "@ballast/features";
import { BatchQueue } from "../inference/batch-queue.ts";
import type { ModelCache } from "../inference/model-cache.ts";
import { specKey } from "../inference/model-spec.ts";
import { MetricSet } from "../metrics.ts";
import type { PredictionIds } from "../prediction-id.ts";
import type { DeploymentSnapshot, ProjectSnapshot, VersionSnapshot } from "../sync/snapshot.ts";
import { versionIds } from "../sync/snapshot.ts";
import { armMetrics } from "./arm-metrics.ts";
import {
  type Arm,
  compileVersion,
  type DeploymentPlan,
  modelSpec,
  planDeployment,
  type Role,
} from "./deployment-plan.ts";
import { answerPieces, finishPredictions } from "./finish-predictions.ts";
import { liveWatermark } from "./live-watermark.ts";
import type { PredictionJob } from "./prediction-job.ts";
import { recordMiddle } from "./prediction-record.ts";
import type { ProjectJournal } from "./project-journal.ts";
import { checkPushedColumns } from "./pushed-columns.ts";
import type { ShadowQueue } from "./shadow-queue.ts";
import { knownUntil, pushLeniently, trailingViews } from "./trailing-rows.ts";

/** Rows that are put together for a run on the serving thread, if the model is fast enough for so many (about 0.3 ms for the demo's). */
const INLINE_BATCH_ROWS = 256;
/** And for a run in the pool, where no more are taken than half of the deadline is enough for. */
const POOL_BATCH_ROWS = 2_048;
/** Rows scored at once beside an answer, about 0.1 ms of the serving thread for the demo's model. */
const SHADOW_BATCH_ROWS = 64;
/** A run in the pool is ended so long after the deployment's deadline: it computes for nobody. */
const OVERRUN_MS = 5_000;

export interface ProjectParts {
  teamId: string;
  projectId: string;
  journal: ProjectJournal;
  ids: PredictionIds;
  models: ModelCache;
  shadows: ShadowQueue;
  maxQueuedRows: number;
}

const log = createLogger("gateway");

/** A project as the gateway serves it: routes, loaded models, online features, journal, metrics. */
export class Project {
  readonly teamId: string;
  readonly projectId: string;
  readonly journal: ProjectJournal;
  readonly ids: PredictionIds;
  readonly metrics = new MetricSet();
  readonly shadows: ShadowQueue;
  readonly #models: ModelCache;
  readonly #maxQueuedRows: number;
  #snapshot: ProjectSnapshot;
  #store = new OnlineFeatureStore([]);
  /** A store that is being built beside the one that serves; pushed rows go to both. */
  #next: { store: OnlineFeatureStore; backlog: { source: string; cols: SourceColumns }[] | null } | null = null;
  #plans = new Map<string, DeploymentPlan>();
  /** The last good version of each route, for a route whose successor can't be loaded. */
  readonly #versions = new Map<string, VersionSnapshot>();
  readonly #problems = new Map<string, AppError>();
  #applying: Promise<void> = Promise.resolve();
  #isAdvancing = false;

  constructor(parts: ProjectParts) {
    this.teamId = parts.teamId;
    this.projectId = parts.projectId;
    this.journal = parts.journal;
    this.ids = parts.ids;
    this.shadows = parts.shadows;
    this.#models = parts.models;
    this.#maxQueuedRows = parts.maxQueuedRows;
    const { teamId, projectId } = parts;
    this.#snapshot = { teamId, projectId, revision: "", deployments: [], versions: [], views: [], conversions: [] };
  }

  get snapshot(): ProjectSnapshot {
    return this.#snapshot;
  }

  get store(): OnlineFeatureStore {
    return this.#store;
  }

  get plans(): DeploymentPlan[] {
    return [...this.#plans.values()];
  }

  /** Deployments whose newest route could not be loaded, and why. */
  get problems(): ReadonlyMap<string, AppError> {
    return this.#problems;
  }

  /** The deployment of a name. `not_found`, or `unavailable` with the reason if it has never been loaded. */
  plan(name: string): DeploymentPlan {
    const plan = this.#plans.get(name);
    if (plan) return plan;
    const problem = this.#problems.get(name);
    if (problem) throw new AppError("unavailable", `Model "${name}" cannot serve yet: ${problem.publicMessage}`);
    throw notFound("Model", name);
  }

  /** First time: reads the journal back into the feature store. Then applies the snapshot. */
  async open(snapshot: ProjectSnapshot): Promise<void> {
    const store = new OnlineFeatureStore(trailingViews(snapshot));
    await this.journal.replay(
      ({ source, cols }) => pushLeniently(store, source, cols),
      ({ source, cols }) => knownUntil(snapshot, source, cols),
    );
    this.#store = store;
    this.#snapshot = { ...this.#snapshot, views: snapshot.views };
    this.evict();
    await this.apply(snapshot);
  }

  /** Brings routes, views and conversions to the snapshot's. Everything is loaded and warm before anything switches. */
  apply(snapshot: ProjectSnapshot): Promise<void> {
    const run = this.#applying.then(() => this.#apply(snapshot));
    this.#applying = run.catch(() => {});
    return run;
  }

  /** Models in use, by `specKey`. */
  usedModels(): string[] {
    const plans = [...this.#plans.values()];
    return plans
      .flatMap((plan) => [...plan.beside.champion, ...plan.beside.candidate, ...(plan.champion ? [plan.champion] : [])])
      .map((arm) => specKey(arm.model.spec));
  }

  /** Checks pushed rows against the views and pipelines that read them. `invalid_input` naming the column. */
  checkPush(source: string, cols: SourceColumns): void {
    this.#store.check(source, cols);
    checkPushedColumns(this.#snapshot, source, cols);
  }

  /** Latest moment at which one of the rows was known; −∞ where no view tells. */
  knownUntil(source: string, cols: SourceColumns): number {
    return knownUntil(this.#snapshot, source, cols) ?? Number.NEGATIVE_INFINITY;
  }

  /** Adds journalled rows to the online features. */
  push(source: string, cols: SourceColumns): void {
    this.#store.push(source, cols);
    if (this.#next === null) return;
    if (this.#next.backlog) this.#next.backlog.push({ source, cols });
    else pushLeniently(this.#next.store, source, cols);
  }

  /** Says for a live stream without a sender of watermarks that a day is complete. Throws where the journal cannot be written. */
  async advanceLive(now: number): Promise<void> {
    if (this.#isAdvancing || liveWatermark(this.journal, now) === null) return;
    this.#isAdvancing = true;
    try {
      // What was copied before the day's end is journalled ahead of the watermark.
      await this.shadows.drain(this);
      const t = liveWatermark(this.journal, now);
      if (t !== null) this.journal.appendWatermark({ k: "w", t, at: now, by: "clock" });
      this.evict();
    } finally {
      this.#isAdvancing = false;
    }
  }

  /** Forgets feature rows that no question may reach any more. */
  evict(): void {
    const { watermark } = this.journal;
    if (watermark === null) return;
    for (const store of [this.#store, ...(this.#next ? [this.#next.store] : [])]) {
      store.evictBefore(watermark - store.retentionMs);
    }
  }

  async #apply(snapshot: ProjectSnapshot): Promise<void> {
    const viewsChanged = JSON.stringify(snapshot.views) !== JSON.stringify(this.#snapshot.views);
    const store = viewsChanged ? await this.#buildStore(snapshot) : this.#store;
    const versions = new Map([...this.#versions, ...snapshot.versions.map((v) => [v.id, v] as const)]);
    const plans = new Map<string, DeploymentPlan>();
    for (const deployment of snapshot.deployments) {
      const plan = await this.#plan(deployment, versions, snapshot, store);
      if (plan) plans.set(deployment.name, plan);
    }
    const names = new Set(snapshot.deployments.map((d) => d.name));
    for (const name of this.#problems.keys()) if (!names.has(name)) this.#problems.delete(name);
    this.#plans = plans;
    this.#store = store;
    this.#next = null;
    this.#snapshot = snapshot;
    const routed = new Set([...plans.values()].flatMap((plan) => versionIds(plan.snapshot.routing)));
    this.#versions.clear();
    for (const [id, version] of versions) if (routed.has(id)) this.#versions.set(id, version);
  }

  async #plan(
    deployment: DeploymentSnapshot,
    versions: ReadonlyMap<string, VersionSnapshot>,
    project: ProjectSnapshot,
    store: OnlineFeatureStore,
  ): Promise<DeploymentPlan | null> {
    try {
      const plan = await this.#load(deployment, versions, project, store);
      this.#problems.delete(deployment.name);
      return plan;
    } catch (error) {
      const problem = toAppError(error);
      this.#problems.set(deployment.name, problem);
      log.error("a route could not be loaded", {
        deployment: deployment.name,
        projectId: this.projectId,
        error: problem,
      });
      const last = this.#plans.get(deployment.name);
      // What it was, on the current store: its models are loaded, so this does not fail for the same reason.
      return last ? this.#load(last.snapshot, versions, project, store).catch(() => last) : null;
    }
  }

  async #load(
    deployment: DeploymentSnapshot,
    versions: ReadonlyMap<string, VersionSnapshot>,
    project: ProjectSnapshot,
    store: OnlineFeatureStore,
  ): Promise<DeploymentPlan> {
    const conversionRevision = Math.max(0, ...project.conversions.map((rule) => rule.revision));
    const arms = new Map<string, Arm>();
    for (const id of versionIds(deployment.routing)) {
      const version = versions.get(id);
      if (version) arms.set(id, await this.#arm(deployment, version, project, store, conversionRevision));
    }
    return planDeployment(deployment, (id) => arms.get(id), conversionRevision);
  }

  async #arm(
    deployment: DeploymentSnapshot,
    version: VersionSnapshot,
    project: ProjectSnapshot,
    store: OnlineFeatureStore,
    conversionRevision: number,
  ): Promise<Arm> {
    const bindings = compileVersion(deployment.id, version, project, store);
    const model = await this.#models.load(modelSpec(version));
    const poolRows = Math.max(1, Math.min(POOL_BATCH_ROWS, Math.floor(deployment.deadlineMs / 2 / model.medianMs)));
    const limitMs = deployment.deadlineMs + OVERRUN_MS;
    const liveLimits = { shadow: false, limitMs };
    const done = (jobs: PredictionJob[]) => finishPredictions(this, jobs);
    const queue = (inline: boolean) =>
      new BatchQueue<PredictionJob>({
        width: bindings.width,
        maxBatchRows: inline ? Math.min(INLINE_BATCH_ROWS, model.inlineRows) : poolRows,
        maxQueuedRows: this.#maxQueuedRows,
        run: inline ? model.runHere : (features, rows) => model.runThere(features, rows, liveLimits),
        done,
        watchDeadlines: !inline,
      });
    const pooled = queue(false);
    const byRole = <T>(make: (role: Role) => T): Record<Role, T> => ({
      champion: make("champion"),
      candidate: make("candidate"),
    });
    return {
      version,
      model,
      bindings,
      queue: model.inlineRows > 0 ? queue(true) : pooled,
      largeQueue: pooled,
      shadowBatchRows: Math.min(SHADOW_BATCH_ROWS, model.inlineRows || poolRows),
      shadowLimits: { shadow: true, limitMs },
      metrics: byRole((role) => armMetrics(this.metrics, deployment.name, version.number, role)),
      recordMiddle: byRole((role) => recordMiddle(deployment, version.id, role, conversionRevision)),
      answerPieces: byRole((role) => answerPieces(deployment.name, version.number, version.serving.output, role)),
    };
  }

  async #buildStore(snapshot: ProjectSnapshot): Promise<OnlineFeatureStore> {
    const store = new OnlineFeatureStore(trailingViews(snapshot));
    const next = { store, backlog: [] as { source: string; cols: SourceColumns }[] | null };
    this.#next = next;
    for await (const { source, cols } of this.journal.pushedRows()) pushLeniently(store, source, cols);
    for (const { source, cols } of next.backlog ?? []) pushLeniently(store, source, cols);
    next.backlog = null;
    this.evict();
    return store;
  }
}
