import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Permission } from "@ballast/core";
import type { ProjectSnapshot } from "./snapshot.ts";

/** A token as it may rest on disk: by its SHA-256. */
export interface KnownToken {
  hash: string;
  tokenId: string;
  /** Missing in snapshots of earlier releases. */
  name?: string;
  /** The program it acts as; missing in snapshots of earlier releases. */
  serviceAccountId?: string | null;
  teamId: string;
  projectId: string;
  permissions: Permission[];
  /** Epoch ms. */
  expiresAt: number | null;
}

/** What a gateway that starts while Postgres is away serves from. */
export interface GatewaySnapshot {
  format: 1;
  projects: ProjectSnapshot[];
  tokens: KnownToken[];
}

/** The last snapshot; null where there is none that can be read. */
export function readSnapshotFile(path: string): GatewaySnapshot | null {
  try {
    const snapshot = JSON.parse(readFileSync(path, "utf8")) as GatewaySnapshot;
    return snapshot.format === 1 ? snapshot : null;
  } catch {
    return null;
  }
}

/** Replaces the snapshot as a whole; readable by its owner alone. */
export function writeSnapshotFile(path: string, snapshot: GatewaySnapshot): void {
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.${process.pid}.next`;
  writeFileSync(next, JSON.stringify(snapshot), { mode: 0o600 });
  renameSync(next, path);
}
