import { ROLES } from "@ballast/core";
import { expect, it } from "vitest";
import { roleWords } from "./role-words.ts";

it("has words for every role there is, in their order", () => {
  expect(roleWords.map(([role]) => role)).toEqual([...ROLES]);
});
