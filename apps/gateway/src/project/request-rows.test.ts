import { expect, test } from "vitest";
import type { DeploymentPlan } from "./deployment-plan.ts";
import { eventTimes } from "./request-rows.ts";

const timesOf = (t: unknown) =>
  eventTimes(
    { snapshot: { timeColumn: "departure_utc" } } as DeploymentPlan,
    { tensor: null, requests: [{ departure_utc: t }] } as never,
    Date.UTC(2001, 5, 5),
  );

test("event times are milliseconds; any other time is refused before it can move the calendar", () => {
  const moment = Date.UTC(2001, 5, 5, 12);
  expect(timesOf(moment)).toEqual([moment]);
  expect(() => timesOf(moment / 1000)).toThrow('Row 0, column "departure_utc" 991742400 looks like seconds');
  expect(() => timesOf(moment * 1000)).toThrow("looks like microseconds");
  for (const t of [0, -1, -9e15, 1e8 - 1])
    expect(() => timesOf(t)).toThrow(`Row 0, column "departure_utc" ${t} lies before 1973-03-03; send`);
  expect(() => timesOf(undefined)).toThrow("is absent");
  expect(() => timesOf(1.5)).toThrow("is no integer");
});
