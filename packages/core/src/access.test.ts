import { expect, test } from "vitest";
import { mayDo, PERMISSIONS, PLATFORM } from "./access.ts";

test("a viewer changes nothing", () => {
  const viewer = { type: "user", id: "usr_1", name: "V", role: "viewer" } as const;
  expect(PERMISSIONS.filter((p) => mayDo(viewer, p)).every((p) => p.endsWith(".read"))).toBe(true);
});

test("a token holds its own permissions and no more", () => {
  const token = { type: "token", id: "tok_1", name: "ci", permissions: ["prediction.create"] } as const;
  expect(mayDo(token, "prediction.create")).toBe(true);
  expect(mayDo(token, "project.read")).toBe(false);
});

test("the platform may do everything", () => {
  expect(PERMISSIONS.every((p) => mayDo(PLATFORM, p))).toBe(true);
});

test("engineers build and run; people, money, approvals and what cannot be undone are left to others", () => {
  const engineer = { type: "user", id: "usr_1", name: "E", role: "engineer" } as const;
  const kept = ["team.manage", "budget.write", "model.approve", "governance.write", "trash.purge"];
  expect(PERMISSIONS.filter((p) => !mayDo(engineer, p))).toEqual(expect.arrayContaining(kept));
  expect(PERMISSIONS.filter((p) => !mayDo(engineer, p))).toHaveLength(kept.length);
});

test("an approver decides on what others made and makes nothing", () => {
  const approver = { type: "user", id: "usr_1", name: "A", role: "approver" } as const;
  const acts = PERMISSIONS.filter((p) => mayDo(approver, p) && !p.endsWith(".read"));
  expect(acts.sort()).toEqual(["incident.resolve", "model.approve", "rollout.decide"]);
});
