import { expect, it } from "vitest";
import { type Guarded, harmLevel, strongestHarm } from "./harm-evidence.ts";

const alpha = { errors: 0.01, latency: 0.01, srm: 0.001, harm: 0.05 };
const guarded = (e: { errors?: number; latency?: number; srm?: number; harm?: number }): Guarded => ({
  plan: { alpha },
  evidence: {
    errors: { e: e.errors ?? 1 },
    latency: { e: e.latency ?? 1 },
    srm: { e: e.srm ?? 1 },
    quality: e.harm === undefined ? null : { eHarm: e.harm },
  },
});

it("takes the guard that has come farthest towards its own boundary, which need not be the one with the largest value", () => {
  expect(strongestHarm(guarded({ errors: 9, harm: 5 }))).toEqual({ guard: "Brier score, worse", e: 5, needed: 20 });
  expect(strongestHarm(guarded({ errors: 12, harm: 5, srm: 20 })).guard).toBe("Errors");
});

it("speaks of some evidence from the root of the boundary on, and of harm at it", () => {
  expect([1, 10, 10.1, 99, 100].map((e) => harmLevel({ e, needed: 100 }))).toEqual([
    ...["none", "none", "some", "some", "harm"],
  ]);
});

it("counts what a candidate does alone against its own boundary", () => {
  const errors = { e: 2, alone: { e: 400, needed: 1_000 } };
  const evidence = { errors, latency: { e: 1 }, srm: { e: 1 }, quality: null };
  const plan = { alpha: { errors: 0.01, latency: 0.01, srm: 0.01, harm: 0.05 } };
  expect(strongestHarm({ plan, evidence })).toEqual({ guard: "Errors, alone", e: 400, needed: 1_000 });
});
