import { expect, test } from "vitest";
import { ruleWords } from "./rule-words.ts";

const name = (id: string) => ({ exp_1: "delays" })[id] ?? id;

test("each kind of rule says what happens, to what, after how long, and what is spared", () => {
  expect(ruleWords({ kind: "trash", keepDays: 1 }, name)).toBe("What is in the trash is deleted for good after 1 day.");
  expect(ruleWords({ kind: "runs", experimentId: "exp_1", keepDays: 1_000, keepTag: "keep" }, name)).toBe(
    "Runs of experiment delays go to the trash 1,000 days after their end, unless a registered version came from them or they carry the tag keep.",
  );
  expect(ruleWords({ kind: "runs", experimentId: null, keepDays: 30, keepTag: null }, name)).not.toContain("tag");
  expect(ruleWords({ kind: "metric_history", experimentId: null, keepDays: 30, points: 1_000 }, name)).toContain(
    "about 1,000 points 30 days after",
  );
  expect(ruleWords({ kind: "deliveries", keepDays: 90 }, name)).toContain("90 days");
});
