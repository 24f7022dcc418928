import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Installation, startInstallation, waitFor } from "./installation.ts";

/**
 * Fault test: a shortened loop during which gateway, worker, web, PostgreSQL (its postmaster alone, or the whole
 * process group) and the start-up that keeps them running are killed with SIGKILL at seeded random moments; the last is started
 * again by hand. The loop must close, nothing acknowledged may be lost or
 * counted twice, nothing may be left stuck or reserved. `--runs N`, `--seed S`.
 */
const { values } = parseArgs({
  options: { runs: { type: "string", default: "3" }, seed: { type: "string", default: "20010601" } },
});
const DAY_MS = 86_400_000;
/** As `SHORT_STORY` of the demo has it. */
const STORY_FROM = Date.UTC(2001, 1, 1);
const STORY_DAYS = 49;
const TARGETS = ["gateway", "worker", "web", "postmaster", "postgres", "cli"] as const;
type Target = (typeof TARGETS)[number];
const RUN_LIMIT_MS = 12 * 60_000;
/** Every target dies once, and so many more die at random. */
const EXTRA_KILLS = 4;
/** A kill falls within so long after its event day was reached: in the middle of sending, compacting, training or deciding. */
const LATEST_AFTER_MS = 1_500;

/** A run may be over before what is to die from this day on does. */
const MAY_END_DAY = STORY_DAYS - 3;
/** A process that died is started again, and PostgreSQL recovers, within so long. */
const RESTART_LIMIT_MS = 60_000;
const DEATH_LIMIT_MS = 5_000;

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

/** Parent and state of a process as Linux tells them; null where there is none. */
function processOf(pid: number): { parent: number; running: boolean } | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), running: !"ZX".includes(state) };
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => processOf(candidate)?.parent === pid);
}

/** Kills a target, once it runs: after its last death it may still be starting again. False if it never did, or not before the run ended. */
async function killed(target: Target, installation: Installation, over: () => boolean): Promise<boolean> {
  const running = () => {
    const pids: Record<string, number | undefined> = { ...installation.pids(), cli: installation.process.pid };
    const pid = pids[target === "postmaster" ? "postgres" : target];
    return pid !== undefined && processOf(pid)?.running ? pid : null;
  };
  const pid = await waitFor(target, RESTART_LIMIT_MS, () => over() || running()).catch(() => null);
  if (typeof pid !== "number") return false;
  const children = target === "postgres" ? childrenOf(pid) : [];
  for (const victim of [pid, ...children]) {
    try {
      process.kill(victim, "SIGKILL");
    } catch {
      // It ended by itself just now; whether the one that counts was killed is asked below.
      if (victim === pid) return false;
    }
  }
  return waitFor(`the death of ${target}`, DEATH_LIMIT_MS, () => !processOf(pid)?.running).catch(() => false);
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

/**
 * What must hold of a run. A sender that was killed does not remember the part of a day it had sent and sends that day again: the outcomes
 * of predictions it then asked for a second time are counted beside those it knows of.
 */
function violations(audit: Audit, senderDied: boolean): string[] {
  const { serve, features, ledger } = audit.steps;
  const forgotten = senderDied ? Math.max(0, serve.outcomesCounted - serve.outcomesAccepted) : 0;
  const equal = (name: string, a: number, b: number) => (a === b ? [] : [`${name}: ${a} and ${b}`]);
  return [
    ...(audit.ok ? [] : [`the loop did not close: ${audit.error ?? "no reason given"}`]),
    ...equal("predictions answered and journalled", serve.answered, serve.journalled),
    ...equal("predictions answered and joined", serve.answered, serve.joined),
    ...equal("outcomes accepted and counted", serve.outcomesAccepted + forgotten, serve.outcomesCounted),
    ...equal("feature rows pushed and counted", serve.rowsPushed, serve.rowsCounted),
    ...equal("served rows that differ when recomputed", features.mismatches, 0),
    ...equal("reservations left behind", ledger.leaked, 0),
    ...equal("rollouts stuck", audit.stuck.rollouts, 0),
    ...equal("jobs stuck", audit.stuck.jobs, 0),
    ...equal("events not handled", audit.stuck.events, 0),
  ];
}

interface PlannedKill {
  target: Target;
  /** Event days after the stream's start. */
  day: number;
  afterMs: number;
}

/** Which process dies when, in event time, so that a slow machine is not killed more often than a fast one. */
function planKills(random: () => number): PlannedKill[] {
  const extra = Array.from({ length: EXTRA_KILLS }, () => TARGETS[Math.floor(random() * TARGETS.length)] ?? "worker");
  return [...TARGETS, ...extra]
    .map((target) => ({ target, day: Math.floor(random() * STORY_DAYS), afterMs: random() * LATEST_AFTER_MS }))
    .sort((a, b) => a.day - b.day);
}

/** The event day that the demo has reached; −1 before the stream. */
function dayReached(home: string): number {
  try {
    const { sentThrough } = JSON.parse(fs.readFileSync(path.join(home, "demo", "state.json"), "utf8")) as {
      sentThrough: number | null;
    };
    return sentThrough === null ? -1 : (sentThrough - STORY_FROM) / DAY_MS;
  } catch {
    return -1;
  }
}

/** Starts the loop, or goes on with that of `home`: then what the killed start left running is not taken for what runs now. */
async function start(home?: string): Promise<Installation> {
  const installation = startInstallation(["--once", "--json", "--story", "short"], home);
  if (home !== undefined)
    await waitFor("the start after a killed one", RESTART_LIMIT_MS, () => installation.log().includes("Sign in"));
  return installation;
}

async function faultRun(seed: number): Promise<string[]> {
  const random = randomOf(seed);
  let installation = await start();
  let senderDied = false;
  const kills: string[] = [];
  const survived: string[] = [];
  const over = () => installation.process.exitCode !== null || installation.process.signalCode !== null;
  try {
    for (const { target, day, afterMs } of planKills(random)) {
      await waitFor(`event day ${day}`, RUN_LIMIT_MS, () => over() || dayReached(installation.home) >= day);
      await Promise.race([new Promise((resolve) => setTimeout(resolve, afterMs)), installation.ended]);
      const died = !over() && (await killed(target, installation, over));
      if (died && target === "cli") {
        senderDied = true;
        installation = await start(installation.home);
      }
      if (died) kills.push(`${target} on day ${day}`);
      else if (day < MAY_END_DAY) survived.push(`${target} on day ${day}`);
    }
    await waitFor("the end of the loop", RUN_LIMIT_MS, over);
    const { code, stdout } = await installation.ended;
    console.log(`  seed ${seed}: ${kills.length} kills (${kills.join(", ")}), exit code ${code}`);
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (!last.startsWith("{")) return [`no summary; the end of its log:\n${installation.log().slice(-3_000)}`];
    return [
      ...survived.map((name) => `was to be killed and was not: ${name}`),
      ...(code === 0 ? [] : [`it ended with exit code ${code}`]),
      ...violations(JSON.parse(last) as Audit, senderDied),
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`${reason} After ${kills.join(", ")}. The end of its log:\n${installation.log().slice(-3_000)}`];
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
