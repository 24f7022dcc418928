import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { startInstallation, waitFor } from "./installation.ts";

/**
 * Fault test: a shortened loop during which gateway, worker, web and PostgreSQL (its postmaster alone, or the whole
 * process group) are killed with SIGKILL at seeded random moments. The loop must close, nothing acknowledged may be lost or
 * counted twice, nothing may be left stuck or reserved. `--runs N`, `--seed S`.
 */
const { values } = parseArgs({
  options: { runs: { type: "string", default: "3" }, seed: { type: "string", default: "20010601" } },
});
const TARGETS = ["gateway", "worker", "web", "postmaster", "postgres"] as const;
const RUN_LIMIT_MS = 10 * 60_000;
const MEAN_GAP_MS = 9_000;

/** mulberry32: small, seeded, good enough to pick moments. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function childrenOf(pid: number): number[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        const stat = fs.readFileSync(`/proc/${candidate}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
      } catch {
        return false;
      }
    });
}

function kill(target: (typeof TARGETS)[number], pids: Record<string, number>): boolean {
  const pid = pids[target === "postmaster" ? "postgres" : target];
  if (pid === undefined) return false;
  const victims = target === "postgres" ? [pid, ...childrenOf(pid)] : [pid];
  for (const victim of victims) {
    try {
      process.kill(victim, "SIGKILL");
    } catch {
      return false;
    }
  }
  return true;
}

interface Audit {
  ok: boolean;
  steps: {
    features: { rowsChecked: number; mismatches: number };
    serve: {
      sent: number;
      answered: number;
      journalled: number;
      joined: number;
      outcomesAccepted: number;
      outcomesCounted: number;
      rowsPushed: number;
      rowsCounted: number;
    };
    ledger: { leaked: number };
  };
  stuck: { rollouts: number; jobs: number; events: number };
  error?: string;
}

function violations(audit: Audit): string[] {
  const { serve, features, ledger } = audit.steps;
  const equal = (name: string, a: number, b: number) => (a === b ? [] : [`${name}: ${a} and ${b}`]);
  return [
    ...(audit.ok ? [] : [`the loop did not close: ${audit.error ?? "no reason given"}`]),
    ...equal("predictions answered and journalled", serve.answered, serve.journalled),
    ...equal("predictions answered and joined", serve.answered, serve.joined),
    ...equal("outcomes accepted and counted", serve.outcomesAccepted, serve.outcomesCounted),
    ...equal("feature rows pushed and counted", serve.rowsPushed, serve.rowsCounted),
    ...equal("served rows that differ when recomputed", features.mismatches, 0),
    ...equal("reservations left behind", ledger.leaked, 0),
    ...equal("rollouts stuck", audit.stuck.rollouts, 0),
    ...equal("jobs stuck", audit.stuck.jobs, 0),
    ...equal("events not handled", audit.stuck.events, 0),
  ];
}

async function faultRun(seed: number): Promise<string[]> {
  const random = randomOf(seed);
  const installation = startInstallation(["--once", "--json", "--story", "short"]);
  const kills: string[] = [];
  let over = false;
  void installation.ended.then(() => {
    over = true;
  });
  try {
    await waitFor(
      "the stream to start",
      180_000,
      () => over || fs.existsSync(path.join(installation.home, "demo", "streaming")),
    );
    const deadline = Date.now() + RUN_LIMIT_MS;
    while (!over && Date.now() < deadline) {
      const gap = Math.min(-Math.log(1 - random()) * MEAN_GAP_MS, 4 * MEAN_GAP_MS);
      const target = TARGETS[Math.floor(random() * TARGETS.length)] ?? "gateway";
      await Promise.race([new Promise((resolve) => setTimeout(resolve, gap)), installation.ended]);
      if (!over && kill(target, installation.pids())) kills.push(target);
    }
    if (!over)
      return [
        `not closed within ${RUN_LIMIT_MS / 60_000} min after ${kills.length} kills (${kills.join(", ")}); the end of its log:\n${installation.log().slice(-3_000)}`,
      ];
    const { code, stdout } = await installation.ended;
    console.log(`  seed ${seed}: ${kills.length} kills (${kills.join(", ")}), exit code ${code}`);
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (!last.startsWith("{")) return [`no summary; the end of its log:\n${installation.log().slice(-3_000)}`];
    return violations(JSON.parse(last) as Audit);
  } finally {
    if (process.env.BALLAST_KEEP === undefined) await installation.stop();
  }
}

let failed = 0;
const runs = Number(values.runs);
for (let i = 0; i < runs; i++) {
  const found = await faultRun(Number(values.seed) + i);
  if (found.length > 0) {
    failed += 1;
    console.error(`  seed ${Number(values.seed) + i} FAILED:\n  - ${found.join("\n  - ")}`);
  }
}
console.log(`${runs - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
