import { expect, test } from "vitest";
import { NEW_PROJECT, refusedField, transferPlaces } from "./transfer-places.ts";

const churn = { slug: "churn", name: "Churn" };
const fraud = { slug: "fraud", name: "Fraud" };

test("the current project is for copies alone, and comes after the others", () => {
  const team = { projects: [churn, fraud], here: "churn", mayMake: false };
  expect(transferPlaces("move", team)).toEqual([{ slug: "fraud", label: "Fraud" }]);
  expect(transferPlaces("copy", team).map(({ slug }) => slug)).toEqual(["fraud", "churn"]);
});

test("in a team of one project a move goes to a new one, for who may make it, and nowhere for others", () => {
  const team = { projects: [churn], here: "churn" };
  expect(transferPlaces("move", { ...team, mayMake: true }).map(({ slug }) => slug)).toEqual([NEW_PROJECT]);
  expect(transferPlaces("move", { ...team, mayMake: false })).toEqual([]);
  expect(transferPlaces("copy", { ...team, mayMake: false }).map(({ slug }) => slug)).toEqual(["churn"]);
});

test("a refusal stands at its field without the API's name of it; one of the whole does not", () => {
  const refused = (message: string, data: unknown) => refusedField(Object.assign(new Error(message), { data }));
  const taken = "fraud has a model “late” already. Choose another name.";
  expect(refused(`name: ${taken}`, { details: { field: "name" } })).toEqual({ field: "name", message: taken });
  expect(refused(`to: ${taken}`, { details: { field: "to" } })).toEqual({ field: "project", message: taken });
  expect(refused("experiment: Too long", { details: {}, issues: [{ field: "experiment" }] })).toEqual({
    ...{ field: "name", message: "Too long" },
  });
  expect(refused("a rule guards its alias", { details: { field: "alias" } })).toBeUndefined();
  expect(refused("no answer", null)).toBeUndefined();
  expect(refusedField("text")).toBeUndefined();
});
