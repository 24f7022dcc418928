import { expect, it } from "vitest";
import type { SearchedRun } from "../tracking.ts";
import { runsCsv } from "./csv.ts";

it("writes one row per run with every field as a column, quoting what needs it", () => {
  const run = (id: string, more: object): SearchedRun =>
    ({
      ...{ id, name: `run "${id}"`, experiment: "e", state: "finished", createdBy: "eve, b", parentId: null },
      ...{ startedAt: new Date(0), endedAt: null, params: {}, metrics: {}, tags: {} },
      ...more,
    }) as unknown as SearchedRun;
  const csv = runsCsv([
    run("a", { params: { lr: 0.1 }, metrics: { loss: { last: "NaN", least: null, greatest: null, lastStep: 3 } } }),
    run("b", { tags: { note: "two\nlines" } }),
  ]);
  expect(csv.split("\r\n")).toEqual([
    "id,name,experiment,state,started_at,ended_at,created_by,parent_id,param:lr,metric:loss,tag:note",
    'a,"run ""a""",e,finished,1970-01-01T00:00:00.000Z,,"eve, b",,0.1,NaN,',
    'b,"run ""b""",e,finished,1970-01-01T00:00:00.000Z,,"eve, b",,,,"two\nlines"',
    "",
  ]);
});
