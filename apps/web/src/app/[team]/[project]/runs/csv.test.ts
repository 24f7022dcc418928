import { expect, it } from "vitest";
import { runsCsv } from "./csv.ts";

it("writes every metric and parameter as a column, and quotes what needs it", () => {
  const run = {
    ...{ teamId: "t", projectId: "p", id: "run_1", experimentId: "exp_1", experiment: "late-15" },
    ...{ name: 'first "try", really', state: "finished" as const, params: { maxTrees: 100 }, metrics: { auc: 0.74 } },
    ...{ tags: {}, inputs: [], outputs: [], codeVersion: "git:1", error: null, createdBy: "ada", eventTime: null },
    ...{ startedAt: new Date(0), endedAt: null, parentId: null, deletedAt: null },
  };
  const [head, first, second] = runsCsv([run, { ...run, id: "run_2", params: {}, metrics: { brier: 0.15 } }]).split(
    "\r\n",
  );
  expect(head).toBe(
    "id,name,experiment,state,started_at,ended_at,event_time,code_version,created_by,param:maxTrees,metric:auc,metric:brier",
  );
  expect(first).toBe('run_1,"first ""try"", really",late-15,finished,1970-01-01T00:00:00.000Z,,,git:1,ada,100,0.74,');
  expect(second?.endsWith(",ada,,,0.15")).toBe(true);
});
