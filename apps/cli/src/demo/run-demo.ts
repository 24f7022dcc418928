import { DAY_MS, isoDay } from "@ballast/core";
import type { Report } from "../report.ts";
import { treeMemoryMiB } from "../up/memory.ts";
import type { Platform } from "../up/platform.ts";
import { type Api, createApi, untilAnswered } from "./api-client.ts";
import { createDemoTeam } from "./bootstrap.ts";
import { DEPLOYMENT } from "./definitions.ts";
import { type DemoState, DemoStateFile } from "./demo-state.ts";
import { FlightHistory } from "./flights.ts";
import { GatewayClient } from "./gateway-client.ts";
import { happen } from "./happenings.ts";
import { setUp } from "./set-up.ts";
import { FULL_STORY, SHORT_STORY, type Story } from "./story.ts";
import { FlightStream } from "./stream.ts";

const CONNECTIONS = 32;
/** Before the first prediction the online features must know the day before: flights are pushed from here on. */
const WARM_UP_MS = 2 * DAY_MS;
/** After the last prediction event time goes on until its outcome can have arrived and its day has matured. */
const RUN_OUT_MS = 3 * DAY_MS;
/** It is read from every process, 40 ms at a time. */
const MEMORY_EVERY_MS = 5_000;
const SETTLE_CALL_MS = 10_000;
const SETTLE_LIMIT_MS = 300_000;

export interface DemoRun {
  state: DemoState;
  api: Api;
  story: Story;
  peakMiB: number;
}

/** Runs the story on a started platform: sets up, streams event time window by window, waits for each. Resumes after a stop. */
export async function runDemo(platform: Platform, storyName: string, report: Report): Promise<DemoRun> {
  const file = new DemoStateFile(platform.home.dir);
  const state =
    file.read() ?? (await createDemoTeam(platform.database.appUrl, platform.home.secrets.demoPassword, storyName));
  file.write(state);
  // What was begun is what goes on, whatever this start asks for.
  const story = state.story === "short" ? SHORT_STORY : FULL_STORY;
  const api = createApi(platform.urls.web, state.token);
  const gateway = new GatewayClient(platform.urls.gateway, state.token, CONNECTIONS);
  report.step("Data: three million US flights of 2001");
  const history = await FlightHistory.open(file.folder);
  report.done("sorted in UTC");
  const where = { team: state.team, project: state.project };
  const run: DemoRun = { state, api, story, peakMiB: 0 };
  try {
    if (state.sentThrough === null) await setUp({ api, gateway, history, where, folder: file.folder, report });
    await stream(
      run,
      file,
      new FlightStream({
        gateway,
        history,
        deployment: DEPLOYMENT,
        kilometresFrom: story.kilometresFrom,
        resume: state,
      }),
      report,
    );
    return run;
  } finally {
    await gateway.close();
    history.close();
  }
}

async function stream(run: DemoRun, file: DemoStateFile, flights: FlightStream, report: Report): Promise<void> {
  const { state, story } = run;
  const end = story.to + RUN_OUT_MS;
  file.markStreaming();
  const keep = (through: number) => {
    Object.assign(state, flights.snapshot(), { sentThrough: through });
    file.write(state);
  };
  if (state.sentThrough === null) {
    await flights.send(story.from - WARM_UP_MS, story.from, false);
    await flights.watermark(story.from);
    await settled(run, flights, story.from);
    keep(story.from);
  }
  let countedTo = performance.now();
  let measuredAt = 0;
  for (let day = state.sentThrough ?? story.from; day < end; day += DAY_MS) {
    const next = day + DAY_MS;
    const say = (line: string) => report.say(`  ${isoDay(day)}  ${line}`);
    const asked = await happen({ ...run, now: day, say, keep: () => file.write(state) });
    // What the happenings asked for is done before event time goes on.
    if (asked) await settled(run, flights, day);
    await flights.send(day, next, day < story.to);
    await flights.watermark(next);
    if (next < end) flights.goAhead(next, next + DAY_MS, next < story.to);
    await flights.timed("settleMs", settled(run, flights, next));
    if (performance.now() - measuredAt > MEMORY_EVERY_MS) {
      run.peakMiB = Math.max(run.peakMiB, treeMemoryMiB(process.pid) ?? 0);
      measuredAt = performance.now();
    }
    // All of it counts, the sender's own bookkeeping too: what follows here counts with the next day.
    const now = performance.now();
    flights.tally.activeMs += day < story.to ? now - countedTo : 0;
    countedTo = now;
    keep(next);
    report.progress(progressLine(flights, day, end));
  }
}

function progressLine(flights: FlightStream, day: number, end: number): string {
  const { answered, activeMs } = flights.tally;
  const left = Math.round((end - day) / DAY_MS);
  return `  ${isoDay(day)}  ${answered.toLocaleString("en")} predictions, ${Math.round(answered / Math.max(activeMs / 1000, 1e-9)).toLocaleString("en")}/s, ${left} event days to go`;
}

/** Waits until the platform has done everything that follows from event time `t`, and the gateway serves what was decided. */
async function settled({ api, state }: DemoRun, flights: FlightStream, t: number): Promise<void> {
  const deadline = Date.now() + SETTLE_LIMIT_MS;
  const question = { team: state.team, project: state.project, through: new Date(t), timeoutMs: SETTLE_CALL_MS };
  for (;;) {
    const progress = await untilAnswered(() => api.loop.settled.query(question));
    if (progress.settled && (await flights.meets(progress.revisions))) return;
    if (Date.now() > deadline) {
      throw new Error(
        `The platform has not settled ${isoDay(t)} within ${SETTLE_LIMIT_MS / 60_000} min: ${JSON.stringify(progress)}. See the logs of worker and gateway.`,
      );
    }
  }
}
