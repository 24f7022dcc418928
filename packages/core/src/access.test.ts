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
