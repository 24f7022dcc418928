import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Supervisor } from "./supervisor.ts";

/** Changes whenever anything the web app is built from does. */
function sourceStamp(root: string): string {
  const hash = createHash("sha256");
  const walk = (dir: string) => {
    for (const entry of fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name))) {
      if (entry.name === "node_modules" || entry.name.startsWith(".next")) continue;
      const file = path.join(dir, entry.name);
      if (entry.isDirectory()) walk(file);
      else if (
        /\.(ts|tsx|css|json|svg|mjs)$/.test(entry.name) &&
        !/\.test\.tsx?$/.test(entry.name) &&
        entry.name !== "next-env.d.ts"
      ) {
        hash.update(path.relative(root, file)).update(fs.readFileSync(file));
      }
    }
  };
  for (const folder of ["apps/web", "packages"]) walk(path.join(root, folder));
  hash.update(fs.readFileSync(path.join(root, "pnpm-lock.yaml")));
  return hash.digest("hex");
}

/** Builds the web app if its sources changed since the last build; returns true if it built. */
export async function buildWeb(root: string, env: Record<string, string>, supervisor: Supervisor): Promise<boolean> {
  const cwd = path.join(root, "apps", "web");
  const stampFile = path.join(cwd, ".next", "ballast-stamp");
  const stamp = sourceStamp(root);
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, "utf8") === stamp) return false;
  const command = path.join(cwd, "node_modules", ".bin", "next");
  const outcome = await supervisor.runOnce({ name: "web", command, args: ["build"], cwd, env });
  if (outcome !== "code 0") {
    const log = supervisor.logFile("web");
    const end = fs.existsSync(log) ? fs.readFileSync(log, "utf8").slice(-3_000) : "(no log)";
    throw new Error(`The web app did not build (${outcome}). The end of ${log}:\n${end}`);
  }
  fs.writeFileSync(stampFile, stamp);
  return true;
}
