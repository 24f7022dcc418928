import { DAY_MS, PLATFORM, type Scope } from "@ballast/core";
import { auditEvents, domainEvents, modelAliases, type Tx, withTenant } from "@ballast/db";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestRollout, startNextRollout } from "./request-rollout.ts";
import { getRollout } from "./rollout-queries.ts";
import { type SampleDelivery, SampleProject, sampleDelivery } from "./sample-delivery.ts";
import { requestRolloutSchema } from "./schemas.ts";
import { stepRollout } from "./step-rollout.ts";

let sample: SampleDelivery;
beforeAll(async () => {
  sample = await sampleDelivery();
});
afterAll(() => sample.close());

const read = (project: SampleProject, rolloutId: string) =>
  withTenant(sample.deps.db, project.scope.teamId, (tx) => getRollout(tx, project.scope, rolloutId, 200));

async function eventsOf(project: SampleProject, subject: string) {
  const rows = await withTenant(sample.deps.db, project.scope.teamId, (tx) =>
    tx.select().from(domainEvents).where(eq(domainEvents.subject, subject)).orderBy(asc(domainEvents.id)),
  );
  return rows.map((row) => row.name);
}

async function aliases(project: SampleProject) {
  const rows = await withTenant(sample.deps.db, project.scope.teamId, (tx) => tx.select().from(modelAliases));
  return Object.fromEntries(rows.map((row) => [row.alias, row.versionId]));
}

const QUICK = { minDays: 3, maxDays: 14 };

test("a better version goes from shadow through every step to champion", async () => {
  const project = await SampleProject.create(sample);
  const first = await project.withChampion();
  expect(await project.routing()).toMatchObject({ champion: first, candidate: null, shadows: [] });
  expect(await aliases(project)).toEqual({ champion: first });

  await project.step({ rows: 100 });
  const better = await project.register();
  const rolloutId = await project.rollOut(better, { plan: QUICK });
  expect(await project.routing()).toMatchObject({ champion: first, shadows: [better] });
  expect(await aliases(project)).toEqual({ champion: first, candidate: better });

  const percents: number[] = [];
  let last = null;
  for (let i = 0; i < 25 && last !== "promote"; i++) {
    const step = await project.step({ rows: 300, candidateError: 0.2 });
    last = step?.decision.decision ?? null;
    const { candidate } = await project.routing();
    if (candidate && percents.at(-1) !== candidate.percent) percents.push(candidate.percent);
  }
  expect(percents).toEqual([1, 10, 50, 100]);
  expect(await project.routing()).toMatchObject({ champion: better, candidate: null, shadows: [] });
  expect(await aliases(project)).toEqual({ champion: better });

  const { rollout, decisions } = await read(project, rolloutId);
  expect(rollout).toMatchObject({ state: "promoted", championId: first });
  expect(rollout.evidence.exposures).toBeGreaterThan(300);
  expect(rollout.evidence.quality?.mean).toBeLessThan(-0.03);
  expect(rollout.outcomeReason).toContain("mean Brier difference −0.0");
  expect(await eventsOf(project, rolloutId)).toEqual(
    expect.arrayContaining(["rollout.started", "rollout.advanced", "rollout.promoted"]),
  );
  const kinds = decisions.map((decision) => decision.decision).reverse();
  expect(kinds.filter((kind) => kind !== "hold")).toEqual([
    "start_gates",
    "start_shadow",
    "start_canary",
    "advance",
    "advance",
    "advance",
    "promote",
  ]);
  expect(decisions.every((decision) => decision.actor === "platform" && (decision.decisionMs ?? -1) >= 0)).toBe(true);
  const audited = await withTenant(sample.deps.db, project.scope.teamId, (tx) =>
    tx.select().from(auditEvents).where(eq(auditEvents.subject, rolloutId)),
  );
  expect(audited.map((row) => row.action)).toContain("rollout.promote");
  // Each canary step waited for a day of its own to mature: two windows at least.
  const canaryDays = decisions.filter((decision) => ["start_canary", "advance", "promote"].includes(decision.decision));
  const times = canaryDays.map((decision) => decision.eventTime?.getTime() ?? 0).reverse();
  for (let i = 1; i < times.length; i++) {
    expect((times[i] as number) - (times[i - 1] as number)).toBeGreaterThanOrEqual(2 * DAY_MS);
  }
});

test("a harmful version registered by hand is rolled back unseen; a retrain that does not help is refused in words", async () => {
  const project = await SampleProject.create(sample);
  const first = await project.withChampion();
  await project.step({ rows: 100 });
  for (const [cause, state, words] of [
    ["manual", "rolled_back", "Rolled back: the candidate is worse"],
    ["policy:calibration", "refused", "Refused: retraining does not help; the candidate is worse"],
  ] as const) {
    const worse = await project.register(cause);
    const rolloutId = await project.rollOut(worse, { cause, plan: QUICK });
    let ended = false;
    for (let i = 0; i < 14 && !ended; i++) {
      const step = await project.step({ rows: 300, candidateError: 0.4 });
      ended = step !== null && step.decision.toState === state;
    }
    const { rollout } = await read(project, rolloutId);
    expect(rollout).toMatchObject({ state, step: -1 });
    expect(rollout.evidence.exposures).toBe(0);
    expect(rollout.outcomeReason).toContain(words);
    expect(await project.routing()).toMatchObject({ champion: first, candidate: null, shadows: [] });
    expect(await aliases(project)).toEqual({ champion: first });
  }
});

test("a canary whose answers fail is rolled back with the window that shows it", async () => {
  const project = await SampleProject.create(sample);
  const first = await project.withChampion();
  await project.step({ rows: 100 });
  const failing = await project.register();
  const steps = [{ percent: 10, minDays: 1 }];
  const rolloutId = await project.rollOut(failing, { strategy: "canary", plan: { ...QUICK, steps } });
  expect(await project.routing()).toMatchObject({ candidate: { versionId: failing, percent: 10 } });
  const step = await project.step({ rows: 400, candidateFails: 0.5, candidateError: 0.2 });
  expect(step?.decision).toMatchObject({ decision: "roll_back", ruleId: "guard.errors" });
  expect(step?.decisionMs).toBeGreaterThan(0);
  expect(await project.routing()).toMatchObject({ champion: first, candidate: null });
  const { rollout } = await read(project, rolloutId);
  expect(rollout.evidence.exposures).toBeGreaterThan(20);
  expect(rollout.outcomeReason).toMatch(/failed requests \d+ of \d+ by the candidate against 0 of \d+ by the champion/);
});

test("a candidate that dies at 100 %, where nobody answers beside it, is rolled back with the window that shows it", async () => {
  const project = await SampleProject.create(sample);
  const first = await project.withChampion();
  await project.step({ rows: 100 });
  const steps = [
    { percent: 50, minDays: 1 },
    { percent: 100, minDays: 1 },
  ];
  const plan = { ...QUICK, steps };
  const rolloutId = await project.rollOut(await project.register(), { strategy: "canary", plan });
  const percent = async () => (await project.routing()).candidate?.percent;
  for (let i = 0; i < 12 && (await percent()) === 50; i++) await project.step({ rows: 300, candidateError: 0.2 });
  expect(await percent()).toBe(100);
  const step = await project.step({ rows: 400, candidateFails: 1 });
  expect(step?.decision).toMatchObject({ decision: "roll_back", ruleId: "guard.errors_alone" });
  expect(step?.decision.summary).toMatch(
    /failed requests 400 of 400 by the candidate alone, where [\d.]+ % are allowed/,
  );
  expect(await project.routing()).toMatchObject({ champion: first, candidate: null });
  expect((await read(project, rolloutId)).rollout.state).toBe("rolled_back");
});

test("requests of many rows are judged as requests; those that name the candidate are no part of the split", async () => {
  const project = await SampleProject.create(sample);
  await project.withChampion();
  await project.step({ rows: 100 });
  const steps = [{ percent: 10, minDays: 1 }];
  const rolloutId = await project.rollOut(await project.register(), { strategy: "canary", plan: { ...QUICK, steps } });
  const day = { rows: 6_000, rowsPerRequest: 100, slow: 0.1, candidateError: 0.2, namesCandidate: 0.25 };
  for (let i = 0; i < 3; i++) expect((await project.step(day))?.decision.decision).toBe("hold");
  const { evidence } = (await read(project, rolloutId)).rollout;
  const { candidate, champion } = evidence.srm;
  expect(candidate + champion).toBeLessThan(160);
  expect(candidate).toBe(evidence.stepExposures);
  expect(evidence.exposures).toBeGreaterThan(100 * candidate + 1_000);
  expect(evidence.latency.exposedCandidate).toBe(candidate);
  expect(evidence.srm.e).toBeLessThan(2);
});

test("without traffic a rollout waits, however long", async () => {
  const project = await SampleProject.create(sample);
  await project.withChampion();
  await project.step({ rows: 50 });
  const rolloutId = await project.rollOut(await project.register(), { plan: { minDays: 1, maxDays: 2 } });
  for (let i = 0; i < 4; i++) {
    const step = await project.step({ rows: 0 });
    expect(step?.decision).toMatchObject({ decision: "hold", ruleId: "no_data" });
  }
  const held = (await eventsOf(project, rolloutId)).filter((name) => name === "rollout.held");
  expect(held).toHaveLength(1);
});

test("a candidate that scores nothing in shadow is said to, and ends in the time that the plan gives", async () => {
  const project = await SampleProject.create(sample);
  await project.withChampion();
  await project.step({ rows: 50 });
  const rolloutId = await project.rollOut(await project.register(), { plan: { minDays: 1, maxDays: 2 } });
  const silent = { rows: 60, candidateFails: 1 };
  const steps = [await project.step(silent), await project.step({ rows: 0 }), await project.step(silent)];
  for (const step of steps) expect(step?.decision).toMatchObject({ decision: "hold", ruleId: "no_data" });
  expect(steps[2]?.decision.summary).toContain("failed to score 120 of 120 rows in shadow");
  await project.step(silent);
  const last = await project.step(silent);
  expect(last?.decision).toMatchObject({ decision: "refuse", ruleId: "quality.unproven" });
  expect((await read(project, rolloutId)).rollout.state).toBe("refused");
});

test("a window stepped twice, also at the same time, counts once", async () => {
  const project = await SampleProject.create(sample);
  await project.withChampion();
  await project.step({ rows: 50 });
  const rolloutId = await project.rollOut(await project.register(), { strategy: "canary", plan: QUICK });
  await project.step({ rows: 200, candidateError: 0.2 });
  const windowId = await project.serveDay({ rows: 200, candidateError: 0.2 });
  const both = await Promise.all([1, 2, 3].map(() => stepRollout(sample.deps, project.scope, { windowId })));
  expect(both.filter((step) => step !== null)).toHaveLength(1);
  const before = await read(project, rolloutId);
  expect(await stepRollout(sample.deps, project.scope, { windowId })).toBeNull();
  expect(await read(project, rolloutId)).toEqual(before);
  expect(before.rollout.evidence.days).toHaveLength(1);
});

test("a step that dies in its last statement leaves nothing behind and is made up for by the next try", async () => {
  const project = await SampleProject.create(sample);
  await project.withChampion();
  await project.step({ rows: 50 });
  const steps = [{ percent: 20, minDays: 1 }];
  const rolloutId = await project.rollOut(await project.register(), { strategy: "canary", plan: { ...QUICK, steps } });
  const windowId = await project.serveDay({ rows: 300, candidateFails: 0.6 });
  const before = await read(project, rolloutId);
  const routes = await project.routing();
  const { sql } = sample.database.owner;
  await sql.unsafe(`
    create function die() returns trigger language plpgsql as $$ begin raise exception 'the power went out'; end $$;
    create trigger die before insert on rollout_decisions for each row execute function die();`);
  await expect(stepRollout(sample.deps, project.scope, { windowId })).rejects.toThrow();
  await sql.unsafe("drop trigger die on rollout_decisions; drop function die();");
  expect(await read(project, rolloutId)).toEqual(before);
  expect(await project.routing()).toEqual(routes);
  const step = await stepRollout(sample.deps, project.scope, { windowId });
  expect(step?.decision.decision).toBe("roll_back");
  expect((await read(project, rolloutId)).rollout.state).toBe("rolled_back");
});

test("rollouts queue in order; the next starts when the one before has ended", async () => {
  const project = await SampleProject.create(sample);
  await project.withChampion();
  await project.step({ rows: 50 });
  const [a, b, c] = [await project.register(), await project.register(), await project.register()];
  const steps = [{ percent: 20, minDays: 1 }];
  const first = await project.rollOut(a, { strategy: "canary", plan: { ...QUICK, steps } });
  const second = await project.rollOut(b);
  const third = await project.rollOut(c);
  expect((await read(project, second)).rollout.state).toBe("queued");
  const next = () =>
    withTenant(sample.deps.db, project.scope.teamId, (tx) => startNextRollout(tx, project.scope, project.deploymentId));
  expect(await next()).toBeNull();
  await project.step({ rows: 300, candidateFails: 0.6 });
  expect((await read(project, first)).rollout.state).toBe("rolled_back");
  const started = await Promise.all([next(), next()]);
  expect(started.flatMap((rollout) => (rollout ? [rollout.id] : []))).toEqual([second]);
  expect((await read(project, second)).rollout.state).toBe("gating");
  expect((await read(project, third)).rollout.state).toBe("queued");
});

test("a second rollout of a version that became champion while it waited leaves the queue", async () => {
  const project = await SampleProject.create(sample);
  await project.withChampion();
  await project.step({ rows: 50 });
  const versionId = await project.register();
  const steps = [{ percent: 50, minDays: 1 }];
  await project.rollOut(versionId, { strategy: "canary", plan: { ...QUICK, steps } });
  const platform: Scope = { ...project.scope, actor: PLATFORM };
  const input = requestRolloutSchema.parse({ deployment: project.deploymentId, versionId, cause: "policy:age" });
  const inTenant = <T>(work: (tx: Tx) => Promise<T>) => withTenant(sample.deps.db, project.scope.teamId, work);
  const again = await inTenant((tx) => requestRollout(tx, platform, input));
  const behind = await project.rollOut(await project.register());
  let last = null;
  for (let i = 0; i < 12 && last !== "promote"; i++)
    last = (await project.step({ rows: 300, candidateError: 0.2 }))?.decision.decision;
  expect(last).toBe("promote");
  const next = await inTenant((tx) => startNextRollout(tx, project.scope, project.deploymentId));
  expect(next?.id).toBe(behind);
  const { rollout, decisions } = await read(project, again.id);
  expect(rollout).toMatchObject({ state: "aborted", outcomeReason: "Aborted: the version is the champion already." });
  expect(decisions).toHaveLength(1);
  expect(await project.routing()).toMatchObject({ champion: versionId, candidate: null });
});

test("somebody else's window does not exist", async () => {
  const mine = await SampleProject.create(sample);
  const theirs = await SampleProject.create(sample);
  await theirs.withChampion();
  const windowId = await theirs.serveDay({ rows: 20 });
  await expect(stepRollout(sample.deps, mine.scope, { windowId })).rejects.toMatchObject({ code: "not_found" });
});
