import type { ArtifactStore, JournalWriterOptions } from "@ballast/artifacts";
import type { Database } from "@ballast/db";

/** How a gateway is started. Everything but the first three has a default that suits a small machine. */
export interface GatewayOptions {
  /** Installation folder: `artifacts/`, `journal/` and `gateway/` are in it. */
  home: string;
  /** As the application role. It may be unreachable, at the start and later. */
  database: Database;
  /** For tracking and files, so that slow searches never keep routes from being refreshed. Left out, it is `database`. */
  trackingDatabase?: Database;
  /** 32 bytes as hex; keys prediction ids. Must stay the same for the life of an installation. */
  secret: string;
  /** Hosts that webhooks may reach although they are private or speak plain http. */
  webhookHosts?: readonly string[];
  /** Where people reach the web app. Left out, the front page forwards nobody. */
  webUrl?: string;
  /** Where artifacts lie; the folder `artifacts` of the home. */
  artifacts?: ArtifactStore;
  /** 0 picks a free port. */
  port?: number;
  host?: string;
  /** Largest JSON body, bytes. */
  maxBodyBytes?: number;
  /** Largest upload, bytes. */
  maxUploadBytes?: number;
  /** Processes for models too slow for the serving thread. */
  inferenceProcesses?: number;
  /** A model whose one-row run takes longer than this, milliseconds, goes to those processes. */
  inlineLimitMs?: number;
  /** Rows that may wait for one version; beyond it callers get 429. */
  maxQueuedRows?: number;
  /** Rows that may wait to be scored by one version that does not answer; beyond it they are dropped and counted. */
  maxShadowRows?: number;
  /** `power`: journal appends wait for fdatasync. */
  durability?: "process" | "power";
  /** The clock that closes the days of live streams, epoch ms. */
  now?: () => number;
  /** The journal's write system call; a seam for tests of a full disk. */
  journalWrite?: NonNullable<JournalWriterOptions["write"]>;
}

export type Settings = Required<
  Omit<
    GatewayOptions,
    "database" | "trackingDatabase" | "secret" | "home" | "artifacts" | "journalWrite" | "webhookHosts" | "webUrl"
  >
>;

export function withDefaults(options: GatewayOptions, cores: number): Settings {
  return {
    port: options.port ?? 0,
    host: options.host ?? "127.0.0.1",
    maxBodyBytes: options.maxBodyBytes ?? 8 * 1024 * 1024,
    maxUploadBytes: options.maxUploadBytes ?? 100 * 1024 ** 3,
    inferenceProcesses: options.inferenceProcesses ?? Math.min(4, Math.max(1, cores - 1)),
    inlineLimitMs: options.inlineLimitMs ?? 0.3,
    maxQueuedRows: options.maxQueuedRows ?? 16_384,
    maxShadowRows: options.maxShadowRows ?? 20_000,
    durability: options.durability ?? "process",
    now: options.now ?? Date.now,
  };
}
