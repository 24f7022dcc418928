import { expect, it } from "vitest";
import { withChanges } from "./url-changes.ts";

it("changes what is named, keeps the rest, and leaves no empty query behind", () => {
  const params = new URLSearchParams("q=storm&before=aud_9&run=a&run=b");
  expect(withChanges("/t/p/audit", params, { before: null })).toBe("/t/p/audit?q=storm&run=a&run=b");
  expect(withChanges("/t/p/audit", params, { q: "", before: null, run: [] })).toBe("/t/p/audit");
  expect(withChanges("/t/p/runs", params, { run: ["b", "c"], q: "a&b" })).toBe(
    "/t/p/runs?q=a%26b&before=aud_9&run=b&run=c",
  );
});
