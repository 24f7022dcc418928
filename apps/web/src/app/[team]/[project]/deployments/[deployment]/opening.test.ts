import { describe, expect, it } from "vitest";
import type { Deployment, RolloutDetail } from "./deployment-data.ts";
import { openingOf } from "./opening.ts";

type Watch = NonNullable<Parameters<typeof openingOf>[2]>;

const deployment = (over: object = {}): Deployment =>
  ({
    ...{ name: "flight-late", model: "flight-late", sloMs: 25, last24h: null, versions: [{ id: "a", version: 3 }] },
    routing: { champion: "a", candidate: null, shadows: [] },
    ...over,
  }) as unknown as Deployment;

const watch = (state: string, reasons: string[], headline = "flight-late is healthy"): Watch =>
  ({ verdict: { state, reasons, headline, remedies: [] }, window: { predictions: 900 } }) as unknown as Watch;
const healthy = watch("healthy", ["all well"]);
const failing = watch("broken", ["90 of 990 requests failed."], "flight-late needs you: 1 thing");

/** A canary with this evidence of harm in its errors, against a boundary of 100. */
const canary = (e: number): RolloutDetail =>
  ({
    rollout: {
      state: "canary",
      plan: {
        alpha: { errors: 0.01, latency: 0.01, srm: 0.001, harm: 0.05, quality: 0.05 },
        minDays: 5,
        margin: 0.001,
      },
      evidence: { errors: { e }, latency: { e: 1 }, srm: { e: 1 }, quality: null, exposures: 400, days: [] },
    },
    candidate: { version: 4 },
    decisions: [],
  }) as unknown as RolloutDetail;

describe("the opening of a deployment's page", () => {
  it("calls it healthy only where monitoring does", () => {
    const open = (seen: Watch | undefined) => openingOf(deployment(), undefined, seen, "/t/p");
    expect(open(healthy)).toMatchObject({ tone: "healthy", headline: "v3 answers every request." });
    expect(open(failing)).toMatchObject({ tone: "breach", why: ["90 of 990 requests failed."] });
    expect(open(failing).actions[0]?.href).toBe("/t/p/monitoring?deployment=flight-late");
    expect(open(watch("attention", ["hour has drifted"])).tone).toBe("warning");
    expect(open(watch("waiting", ["no day yet"])).tone).toBe("running");
    expect(open(undefined).tone).toBe("idle");
  });

  it("advises what monitoring advises", () => {
    const seen = watch("attention", ["412 of 900 answers reused a request id."]);
    seen.verdict.remedies.push({ kind: "mend_request_ids", label: "Give every request an id of its own" });
    expect(openingOf(deployment(), undefined, seen, "/t/p").act).toContain("give every request an id of its own");
  });

  it("agrees with the overview that answers came late", () => {
    const tally = { predictions: 1_000, p99Ms: 36, versions: { a: { overSlo: 30 } } };
    const last24h = { from: new Date(Date.UTC(2001, 5, 19)), tally };
    const opening = openingOf(deployment({ last24h }), undefined, healthy, "/t/p");
    expect(opening.tone).toBe("warning");
    expect(opening.why[0]).toContain("30 of 1,000 answers took longer");
  });

  it.each([
    [2, "healthy", "Safe so far, not yet proven.", "No guard has evidence of harm."],
    [12, "warning", "Some evidence that v4 does harm, too little to roll it back.", "Errors: E = 12"],
    [120, "breach", "v4 does harm.", "Errors: E = 120"],
  ])("says of evidence %d what the guards below say", (e, tone, headline, why) => {
    const opening = openingOf(deployment(), canary(e), healthy, "/t/p");
    expect(opening).toMatchObject({ tone, headline });
    expect(opening.why[0]).toContain(why);
  });

  it("does not hide what is wrong with serving behind a rollout that goes well", () => {
    const opening = openingOf(deployment(), canary(2), failing, "/t/p");
    expect(opening).toMatchObject({ tone: "breach", headline: "flight-late needs you: 1 thing." });
    expect(opening.why).toHaveLength(2);
    const worse = openingOf(deployment(), canary(120), failing, "/t/p");
    expect(worse.headline).toBe("v4 does harm.");
    expect(worse.why[1]).toBe("90 of 990 requests failed.");
  });
});
