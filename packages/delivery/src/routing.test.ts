import { expect, test } from "vitest";
import { changeRouting, emptyRouting } from "./routing.ts";

const champion = { champion: "mv_1", candidate: null, shadows: [], salt: "s" };

test("each change gives one whole routing table", () => {
  expect(emptyRouting("s")).toEqual({ champion: null, candidate: null, shadows: [], salt: "s" });
  const shadow = changeRouting(champion, { kind: "shadow", candidateId: "mv_2" }, "rol_1");
  expect(shadow).toEqual({ champion: "mv_1", candidate: null, shadows: ["mv_2"], salt: "rol_1" });
  const canary = changeRouting(shadow, { kind: "canary", candidateId: "mv_2", percent: 10 });
  expect(canary).toEqual({
    champion: "mv_1",
    candidate: { versionId: "mv_2", percent: 10 },
    shadows: [],
    salt: "rol_1",
  });
  const promoted = changeRouting(canary, { kind: "promote", candidateId: "mv_2" });
  expect(promoted).toEqual({ champion: "mv_2", candidate: null, shadows: [], salt: "rol_1" });
  expect(changeRouting(canary, { kind: "champion_only" })).toEqual({ ...champion, salt: "rol_1" });
});
