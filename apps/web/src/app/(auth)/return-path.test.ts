import { expect, it } from "vitest";
import { safeReturnPath } from "./return-path.ts";

it("keeps our own paths with their query", () => {
  expect(safeReturnPath("/ops/flights/models?range=30d#v3")).toBe("/ops/flights/models?range=30d#v3");
});

it.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/.//evil.example",
  "/%2e//evil.example/x",
  "/a/..//evil.example",
  "/./\\evil.example",
  "javascript:alert(1)",
  "",
  null,
])("never leads to another site: %j", (candidate) => {
  const path = safeReturnPath(candidate);
  expect(new URL(path, "http://ours.example").origin).toBe("http://ours.example");
  expect(path.startsWith("//")).toBe(false);
});
