import { expect, test } from "vitest";
import { reachWords } from "./conversion-reach.ts";

const nameOf = (id: string) => id.replace("dep_", "");

test.each([
  [{ deployments: ["dep_late"], sources: ["flights"] }, "requests to late and rows pushed to flights"],
  [{ deployments: ["dep_late"], sources: [] }, "requests to late"],
  [{ deployments: [], sources: ["flights", "partner"] }, "rows pushed to flights, partner"],
  [null, "every request and every pushed row of the project"],
])("%j", (reach, words) => {
  expect(reachWords(reach, nameOf)).toBe(words);
});
