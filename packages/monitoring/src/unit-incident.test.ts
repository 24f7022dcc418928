import { DAY_MS } from "@ballast/core";
import { expect, test } from "vitest";
import { decideUnitIncident, type KnownIncident, type UnitChange } from "./unit-incident.ts";
import { unitWords } from "./unit-words.ts";

const from = Date.UTC(2001, 5, 5);
const window = { from, to: from + DAY_MS };
const change: UnitChange = {
  column: "distance",
  source: null,
  appliesTo: { deployments: ["dep_1"], sources: ["flights"] },
  diagnosis: {
    kind: "unit-change",
    from: "mile",
    to: "kilometre",
    factor: 0.621371192,
    offset: 0,
    candidates: [{ unit: "kilometre", factor: 0.621371192, offset: 0, ksD: 0.016 }],
  },
  since: from,
  rows: 1_728,
};

test("the incident names the unit, since when and on how many rows, and proposes the way back", () => {
  const decision = decideUnitIncident(change, window, []);
  expect(decision).toMatchObject({
    action: "open",
    title: "`distance` is now in kilometres (declared: miles), since 2001-06-05 00:00 UTC, n=1,728",
    proposal: {
      declaredUnit: "mile",
      receivedUnit: "kilometre",
      factor: 0.621371192,
      from: "2001-06-05T00:00:00.000Z",
      appliesTo: { deployments: ["dep_1"], sources: ["flights"] },
    },
  });
});

test("what a source sends is said of the source", () => {
  const pushed = { ...change, source: "flights", appliesTo: { deployments: [], sources: ["flights"] } };
  const decision = decideUnitIncident(pushed, window, []);
  expect(decision.action === "open" && decision.title).toBe(
    "`distance` pushed to `flights` is now in kilometres (declared: miles), since 2001-06-05 00:00 UTC, n=1,728",
  );
});

test("an open incident takes in the sources that show it later, and keeps those that did before", () => {
  const seenLater = (appliesTo: KnownIncident["appliesTo"]) =>
    decideUnitIncident(change, window, [{ id: "inc", state: "open", since: from, lastSeen: from, appliesTo }]);
  expect(seenLater({ deployments: ["dep_1"], sources: ["trains"] })).toMatchObject({
    appliesTo: { deployments: ["dep_1"], sources: ["trains", "flights"] },
  });
  expect(seenLater({ deployments: ["dep_1"], sources: ["flights"] })).toMatchObject({ appliesTo: null });
  expect(seenLater(null)).toMatchObject({ appliesTo: null });
});

const known = (state: KnownIncident["state"], lastSeen: number): KnownIncident => ({
  id: `inc_${state}`,
  state,
  since: from,
  lastSeen,
  appliesTo: null,
});
test.each([
  ["an open one takes it in, however old", [known("open", from - 30 * DAY_MS)], "fold"],
  ["a dismissed one stays dismissed while it goes on", [known("dismissed", from)], "fold"],
  ["a dismissed one that was gone for a day does not", [known("dismissed", from - DAY_MS)], "open"],
  ["a resolved one does not: the column changed again", [known("resolved", from)], "open"],
  ["the open one of several", [known("resolved", from), known("open", from)], "fold"],
] as const)("%s", (_, incidents, action) => {
  expect(decideUnitIncident(change, window, incidents).action).toBe(action);
});

test("a repaired sender under an accepted conversion reads as such", () => {
  const back = { ...change, diagnosis: { ...change.diagnosis, to: "mile", factor: 1, candidates: [] } };
  expect(decideUnitIncident(back, window, [])).toMatchObject({
    title: "`distance` is back in miles: the accepted conversion now distorts it, since 2001-06-05 00:00 UTC, n=1,728",
    proposal: { receivedUnit: "mile", factor: 1, offset: 0 },
  });
});

test.each([
  ["mile", "miles"],
  ["foot", "feet"],
  ["metre_per_second", "metres per second"],
  ["degree_fahrenheit", "degrees Fahrenheit"],
  ["km", "kilometres"],
  ["furlong", "furlongs"],
])("%s in words is %s", (unit, words) => {
  expect(unitWords(unit)).toBe(words);
});
