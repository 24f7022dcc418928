import { expect, it } from "vitest";
import { featuresInWords, viewInWords } from "./feature-words.ts";

it("says a trailing share in one sentence, with its key, window and the moment it is known", () => {
  const view = {
    kind: "trailing_share" as const,
    ...{ name: "airport_congestion", description: "", source: "flights", knownAt: "known_at" },
    ...{ requestTime: "departure_utc", of: "late", onMissing: "null" as const },
    features: [
      { name: "origin_late_3h", key: "origin", windowMs: 3 * 3_600_000 },
      { name: "origin_late_7d", key: "origin", windowMs: 7 * 86_400_000 },
      { name: "origin_late_90m", key: "origin", windowMs: 90 * 60_000 },
    ],
  };
  const words = featuresInWords(view);
  expect(words[0]).toEqual({
    name: "origin_late_3h",
    words:
      "Share of flights rows with late among those of the same origin whose known_at lies in the 3 h up to departure_utc.",
    unit: "share, 0 to 1",
  });
  expect(words.slice(1).map((feature) => /in the (.*) up to/.exec(feature.words)?.[1])).toEqual(["7 d", "90 min"]);
  expect(viewInWords(view)).toContain("an unknown key serves a missing value");
  expect(viewInWords({ ...view, onMissing: "error" })).toContain("an unknown key refuses the request");
});

it("keeps the declared unit of a column and names the scale of a derived one", () => {
  const view = {
    kind: "request" as const,
    ...{ name: "flight", description: "" },
    features: [
      { name: "distance", expression: { op: "column" as const, column: "distance" }, unit: "mile" },
      { name: "hour", expression: { op: "hour_of_day" as const, column: "departure_local" }, unit: null },
    ],
  };
  expect(featuresInWords(view).map(({ unit }) => unit)).toEqual(["mile", "hour, 0 to 23"]);
});
