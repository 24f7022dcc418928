import { DEMO_EMAIL } from "../demo/bootstrap.ts";
import { DemoStateFile } from "../demo/demo-state.ts";
import type { Timings } from "../demo/summary.ts";
import { installMs } from "../env.ts";
import { type Platform, type PlatformOptions, startPlatform } from "./platform.ts";

/** Exit code of a shell command that was interrupted. */
const STOPPED = 130;

export interface UpOptions extends PlatformOptions {
  story: "full" | "short";
  once: boolean;
  json: boolean;
  empty: boolean;
}

/** Starts the platform, runs the demo unless it ran before, and stays until it is told to stop. Returns the exit code. */
export async function up(options: UpOptions): Promise<number> {
  const startedAt = Date.now();
  const { report } = options;
  // Listens from the first: Ctrl-C while the web app is built must stop what has started by then.
  const stopped = untilSignal();
  const stopping = new AbortController();
  void stopped.then(() => stopping.abort());
  const platform = await startPlatform({ ...options, signal: stopping.signal }).catch((error: unknown) => {
    if (stopping.signal.aborted) return null;
    throw error;
  });
  if (!platform) return STOPPED;
  const firstPageMs = Date.now() - startedAt;
  try {
    announce(platform, options);
    const wanted = !options.empty && new DemoStateFile(platform.home.dir).readSummary() === null;
    if (!wanted && !options.once) {
      await stopped;
      return 0;
    }
    const work = wanted
      ? demo(platform, options, { startedAt, firstPageMs, installMs })
      : Promise.resolve(earlier(platform, options));
    const code = await Promise.race([work, stopped.then(() => null)]);
    if (code === null || options.once) return code ?? STOPPED;
    report.say(`The loop ${code === 0 ? "has closed" : "did not close"}. Ballast goes on running; Ctrl-C stops it.`);
    await stopped;
    return 0;
  } finally {
    report.say("Stopping…");
    await platform.stop();
  }
}

function announce(platform: Platform, options: UpOptions): void {
  const { report } = options;
  report.say("");
  report.say(`  Ballast   ${platform.urls.web}`);
  report.say(`  Gateway   ${platform.urls.gateway}`);
  if (options.empty) report.say("  Sign up there to make your first team.");
  else report.say(`  Sign in   ${DEMO_EMAIL}  ·  ${platform.home.secrets.demoPassword}`);
  report.say("");
}

async function demo(platform: Platform, options: UpOptions, timings: Timings): Promise<number> {
  const { report } = options;
  try {
    // Loaded when wanted: its engines would double the time of a start without it.
    const { runDemo } = await import("../demo/run-demo.ts");
    const { summarise } = await import("../demo/summary.ts");
    const run = await runDemo(platform, options.story, report);
    report.step("Summing up");
    const summary = await summarise(platform, run, timings);
    report.done(summary.ok ? "the loop has closed" : `not closed: ${summary.error}`);
    new DemoStateFile(platform.home.dir).writeSummary(summary);
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    return summary.ok ? 0 : 1;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report.warn(`The loop did not close: ${message}`);
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ ok: false, error: message, durationMs: Date.now() - timings.startedAt })}\n`,
      );
    return 1;
  }
}

/**
 * Resolves with the first request to stop, a closed terminal among them. Handlers stay: npm passes on the Ctrl-C that the terminal
 * has sent already, and the second one must not end this process before it has stopped the others.
 */
function untilSignal(): Promise<void> {
  // A closed terminal takes no more lines; that must not end the stopping either.
  process.on("SIGHUP", () => {
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  });
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
  });
}

/** The demo ran to its end in an earlier start: says how, once more. */
function earlier(platform: Platform, options: UpOptions): number {
  const summary = new DemoStateFile(platform.home.dir).readSummary();
  options.report.say(outcomeText(summary));
  if (options.json) process.stdout.write(`${JSON.stringify(summary ?? { ok: false, error: "no demo ran here" })}\n`);
  return summary?.ok ? 0 : 1;
}

function outcomeText(summary: ReturnType<DemoStateFile["readSummary"]>): string {
  if (summary === null) return "There is no demo here to wait for.";
  return summary.ok
    ? "The loop has closed in an earlier start."
    : `The loop did not close in an earlier start: ${summary.error}.`;
}
