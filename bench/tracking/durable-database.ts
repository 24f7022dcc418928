import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "@ballast/db/embedded";

export interface DurableDatabase {
  ownerUrl: string;
  password: string;
  close(): Promise<void>;
}

/** A PostgreSQL of its own with the settings that an installation has: what it confirms is on disk. */
export async function durableDatabase(): Promise<DurableDatabase> {
  const base = mkdtempSync(join(tmpdir(), "ballast-bench-"));
  chmodSync(base, 0o755);
  const password = randomBytes(12).toString("hex");
  const server = await startEmbedded({ dataDir: join(base, "postgres"), password });
  return {
    ownerUrl: `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`,
    password,
    close: async () => {
      await server.stop();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
