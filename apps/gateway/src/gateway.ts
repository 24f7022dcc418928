import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { AppError, createLogger, toAppError } from "@ballast/core";
import { TrackingWriter } from "@ballast/experiments/server";
import type { MlflowDeps } from "@ballast/mlflow";
import type { FileDeps } from "./artifacts/mlflow-files.ts";
import { PartUrls } from "./artifacts/part-urls.ts";
import { EventLoopDelay } from "./event-loop-delay.ts";
import { type GatewayOptions, type Settings, withDefaults } from "./gateway-options.ts";
import { type FrontPage, frontPage } from "./http/front-page.ts";
import { ModelCache } from "./inference/model-cache.ts";
import { WorkerPool } from "./inference/worker-pool.ts";
import { PredictionIds } from "./prediction-id.ts";
import { Project } from "./project/project.ts";
import { ProjectJournal } from "./project/project-journal.ts";
import { ShadowQueue } from "./project/shadow-queue.ts";
import { RouteSync } from "./sync/route-sync.ts";
import { SegmentRegistrar } from "./sync/segment-registrar.ts";
import type { ProjectSnapshot } from "./sync/snapshot.ts";
import { readSnapshotFile, writeSnapshotFile } from "./sync/snapshot-file.ts";
import { type Caller, TokenCache } from "./token-cache.ts";

const log = createLogger("gateway");
const HOUSEKEEPING_MS = 250;
const UNLOAD_EVERY_MS = 5_000;

/** Everything a gateway holds, without its port. */
export class Gateway {
  readonly settings: Settings;
  readonly artifacts: ArtifactStore;
  readonly tokens: TokenCache;
  readonly pool: WorkerPool;
  readonly shadows: ShadowQueue;
  readonly eventLoop = new EventLoopDelay();
  /** What MLflow's clients are answered from. */
  readonly mlflow: MlflowDeps;
  /** For people who follow a link to the gateway. */
  readonly frontPage: FrontPage;
  /** What uploads and downloads are served from. */
  readonly files: FileDeps;
  readonly #options: GatewayOptions;
  readonly #models: ModelCache;
  readonly #sync: RouteSync;
  readonly #registrar: SegmentRegistrar;
  readonly #projects = new Map<string, Project>();
  readonly #opening = new Map<string, Promise<Project>>();
  readonly #snapshotPath: string;
  /** The last snapshot's, of projects that could not be loaded since. */
  readonly #lastSnapshots = new Map<string, ProjectSnapshot>();
  #timer: NodeJS.Timeout | null = null;
  #loaded = false;
  #started = false;
  #stopping = false;
  #snapshotDirty = false;
  #unloadedAt = 0;

  constructor(given: GatewayOptions) {
    // Segments are registered by their path: it must mean the same to every process.
    const options = { ...given, home: resolve(given.home) };
    this.#options = options;
    this.settings = withDefaults(options, availableParallelism());
    this.artifacts = options.artifacts ?? new ArtifactStore(join(options.home, "artifacts"));
    this.tokens = new TokenCache(options.database, () => {
      this.#snapshotDirty = true;
    });
    const { trackingDatabase: db = options.database } = options;
    const { secret, webhookHosts = [] } = options;
    const installation = { secret, signingKey: null, webhookHosts };
    this.mlflow = { db, artifacts: this.artifacts, writer: new TrackingWriter(db), installation };
    this.frontPage = frontPage(options.webUrl ?? null);
    const { maxUploadBytes } = this.settings;
    this.files = {
      db,
      artifacts: this.artifacts,
      mlflow: this.mlflow,
      parts: new PartUrls(options.secret),
      maxUploadBytes,
    };
    this.pool = new WorkerPool(this.settings.inferenceProcesses);
    this.shadows = new ShadowQueue(this.settings.maxShadowRows);
    this.#models = new ModelCache(this.artifacts, this.pool, this.settings.inlineLimitMs);
    this.#snapshotPath = join(options.home, "gateway", "snapshot.json");
    this.#registrar = new SegmentRegistrar(options.database, gatewayId(options.home));
    this.#sync = new RouteSync(options.database, {
      serves: (projectId, revision) => {
        const project = this.#projects.get(projectId);
        return project?.snapshot.revision === revision && project.problems.size === 0;
      },
      apply: (snapshot) => this.#apply(snapshot),
      tokensChanged: (id) => this.tokens.forget(id),
    });
  }

  get projects(): Iterable<Project> {
    return this.#projects.values();
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  get segmentsWaiting(): number {
    return this.#registrar.waiting;
  }

  /** Why the gateway should get no traffic; null when it is ready. */
  notReady(): string | null {
    if (this.#stopping) return "The gateway is stopping.";
    if (!this.#loaded) return "Routes have not been loaded yet: the database is away and there is no snapshot of them.";
    for (const project of this.#projects.values()) {
      if (project.journal.failure) return `Project ${project.projectId}: ${project.journal.failure.publicMessage}`;
    }
    return null;
  }

  /** Loads routes and features: from the database, and what it does not give from the last snapshot. */
  async start(): Promise<void> {
    const last = readSnapshotFile(this.#snapshotPath);
    if (last) this.tokens.restore(last.tokens);
    const missing = await this.#loadAll();
    for (const snapshot of last?.projects ?? []) {
      if (missing === "all" || missing.has(snapshot.projectId)) await this.#applyLast(snapshot);
    }
    this.#loaded = missing !== "all" || last !== null;
    this.#started = true;
    this.#sync.start();
    this.#timer = setInterval(() => this.#housekeep(), HOUSEKEEPING_MS);
  }

  /** The caller's project. Loads one that was created a moment ago. */
  async project(caller: Caller): Promise<Project> {
    if (!this.#projects.has(caller.projectId)) await this.#sync.load(caller.projectId).catch(() => {});
    const project = this.#projects.get(caller.projectId);
    if (!project) throw new AppError("unavailable", "The project is not loaded yet. Try again in a second.");
    return project;
  }

  /** The caller's project if it is loaded. */
  loadedProject(caller: Caller): Project | undefined {
    return this.#projects.get(caller.projectId);
  }

  /** From now on not ready; what is under way goes on. */
  drain(): void {
    this.#stopping = true;
  }

  /** Ends everything: shadows scored, journals sealed and registered where the database answers. */
  async close(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#sync.stop();
    await this.shadows.drain().catch((error: unknown) => {
      log.error("the gateway stops before all shadow rows are scored", { error: toAppError(error) });
    });
    for (const project of this.#projects.values()) project.journal.close();
    this.#saveSnapshot();
    await this.#registrar.flush();
    await this.pool.close();
    this.eventLoop.stop();
  }

  /** The projects that the database did not give. */
  async #loadAll(): Promise<ReadonlySet<string> | "all"> {
    try {
      return await this.#sync.loadAll();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === "conflict") throw error;
      log.warn("the database is away at the start", { error });
      return "all";
    }
  }

  async #applyLast(snapshot: ProjectSnapshot): Promise<void> {
    const { projectId } = snapshot;
    this.#lastSnapshots.set(projectId, snapshot);
    await this.#apply(snapshot).catch((thrown: unknown) => {
      const error = toAppError(thrown);
      if (error.code === "conflict") throw error;
      log.error("a project could not be loaded from the last snapshot either", { projectId, error });
    });
  }

  async #apply(snapshot: ProjectSnapshot): Promise<void> {
    const project = this.#projects.get(snapshot.projectId);
    if (project) await project.apply(snapshot);
    else await this.#open(snapshot);
    this.#loaded = true;
    this.#snapshotDirty = true;
  }

  #open(snapshot: ProjectSnapshot): Promise<Project> {
    const { projectId, teamId } = snapshot;
    const known = this.#opening.get(projectId);
    if (known) return known;
    const opening = this.#openProject(teamId, projectId, snapshot).finally(() => this.#opening.delete(projectId));
    this.#opening.set(projectId, opening);
    return opening;
  }

  async #openProject(teamId: string, projectId: string, snapshot: ProjectSnapshot): Promise<Project> {
    const folder = join(this.#options.home, "journal", projectId);
    const journal = new ProjectJournal(folder, (segment) => this.#registrar.sealed(teamId, projectId, segment), {
      durability: this.settings.durability,
      ...(this.#options.journalWrite ? { write: this.#options.journalWrite } : {}),
    });
    try {
      const project = new Project({
        teamId,
        projectId,
        journal,
        ids: new PredictionIds(this.#options.secret, projectId),
        models: this.#models,
        shadows: this.shadows,
        maxQueuedRows: this.settings.maxQueuedRows,
      });
      await this.#registrar.catchUp(project);
      await project.open(snapshot);
      this.#projects.set(projectId, project);
      return project;
    } catch (error) {
      journal.close();
      throw error;
    }
  }

  #housekeep(): void {
    for (const project of this.#projects.values()) {
      project.journal.sealIfDue();
      project.journal.probe();
      project.advanceLive(this.settings.now()).catch((error: unknown) => {
        log.warn("a day of a live stream was not closed", { projectId: project.projectId, error: toAppError(error) });
      });
    }
    if (this.#snapshotDirty) this.#saveSnapshot();
    this.#unloadModels();
    if (this.#sync.reachable) this.#registrar.tidy([...this.#projects.values()]);
  }

  #unloadModels(): void {
    const now = Date.now();
    if (now - this.#unloadedAt < UNLOAD_EVERY_MS) return;
    this.#unloadedAt = now;
    const used = new Set([...this.#projects.values()].flatMap((project) => project.usedModels()));
    this.#models.keepOnly(used, now).catch((error: unknown) => {
      log.warn("a model was not unloaded", { error: toAppError(error) });
    });
  }

  #saveSnapshot(): void {
    // What a start that failed knows is less than what the file holds.
    if (!this.#started || !this.#loaded) return;
    this.#snapshotDirty = false;
    const snapshots = new Map(this.#lastSnapshots);
    for (const { projectId, snapshot } of this.#projects.values()) snapshots.set(projectId, snapshot);
    try {
      const projects = [...snapshots.values()];
      writeSnapshotFile(this.#snapshotPath, { format: 1, projects, tokens: this.tokens.known() });
    } catch (error) {
      log.warn("the snapshot was not written", { error: toAppError(error) });
    }
  }
}

/** A gateway's name within an installation, kept in its home: segment ids start with it. */
function gatewayId(home: string): string {
  const path = join(home, "gateway", "id");
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    mkdirSync(join(home, "gateway"), { recursive: true });
    const id = `gw-${randomBytes(5).toString("hex")}`;
    writeFileSync(path, id);
    return id;
  }
}
