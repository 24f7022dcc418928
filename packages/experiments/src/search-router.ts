import { notFound } from "@ballast/core";
import { columnKey } from "@ballast/db/search";
import { projectProcedure } from "@ballast/governance/trpc";
import { z } from "zod";
import { chartNumber, metricChart } from "./charts/metric-chart.ts";
import type { RunRecord } from "./runs.ts";
import { completeFilter, runColumns } from "./search/run-columns.ts";
import { runRecords } from "./search/run-records.ts";
import { searchRuns } from "./search/search-runs.ts";

const experimentIds = z.array(z.string().min(1).max(64)).max(1_000).optional();
const step = z.int();

const search = z.object({
  /** Left out: all of the project's. */
  experimentIds,
  /** MLflow's grammar and OR, NOT, parentheses. */
  filter: z.string().max(20_000).default(""),
  /** A column: `metrics.loss`, `tags.a b`, `start_time`; a key may stand in backticks, as in a filter. */
  orderBy: z
    .array(z.object({ by: z.string().min(1).max(300), descending: z.boolean().default(false) }))
    .max(10)
    .default([]),
  view: z.enum(["active", "deleted", "all"]).default("active"),
  limit: z.int().min(1).max(1_000).default(100),
  cursor: z.string().max(20_000).nullish(),
});
const chart = z
  .object({
    runIds: z.array(z.string().min(1).max(256)).min(1).max(100),
    key: z.string().min(1).max(250),
    from: step.optional(),
    to: step.optional(),
    buckets: z.int().min(1).max(2_000).default(500),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ["to"],
    message: "must not be before from",
  });

/** A run as the table shows it; NaN and ±∞ as strings. */
const rowOf = (run: RunRecord) => ({
  ...{ id: run.id, name: run.name, experimentId: run.experimentId, experiment: run.experiment, state: run.state },
  ...{ startedAt: run.startedAt, endedAt: run.endedAt, deletedAt: run.deletedAt, createdBy: run.createdBy },
  ...{ parentId: run.parentId, params: run.params, tags: run.tags, codeVersion: run.codeVersion },
  metrics: Object.fromEntries(run.series.map(({ key, ...series }) => [key, summary(series)])),
  inputs: [
    ...run.inputs.map(({ kind, id, label }) => ({ kind: kind as string, id, label })),
    ...run.links.datasets.map(({ dataset }) => ({
      ...{ kind: "dataset", id: dataset.id, label: `${dataset.name} (${dataset.digest})` },
    })),
  ],
});

/** A column's key quoted as a filter needs it. */
function column(by: string): string {
  const [, family, key] = /^([a-z]+)\.([^`"].*)$/s.exec(by) ?? [];
  return family && key ? `${family}.${columnKey(key)}` : by;
}

const orNull = (value: number | null) => (value === null ? null : chartNumber(value));
const summary = ({ last, least, greatest, lastStep }: Omit<RunRecord["series"][number], "key">) => ({
  ...{ last: chartNumber(last), least: orNull(least), greatest: orNull(greatest), lastStep },
});

/** Search of runs and charts of their metrics: merged into the experiments' router. */
export const searchProcedures = {
  search: projectProcedure("project.read")
    .input(search)
    .query(({ ctx, input: { orderBy, ...asked } }) =>
      ctx.inTenant(async (tx) => {
        const order = orderBy.map(({ by, descending }) => `${column(by)} ${descending ? "DESC" : "ASC"}`);
        const page = await searchRuns(tx, ctx.scope, { ...asked, orderBy: order, count: true });
        return { runs: page.runs.map(rowOf), cursor: page.cursor, total: page.total ?? page.runs.length };
      }),
    ),
  columns: projectProcedure("project.read")
    .input(z.object({ experimentIds }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => runColumns(tx, ctx.scope, input.experimentIds))),
  complete: projectProcedure("project.read")
    .input(z.object({ experimentIds, filter: z.string().max(20_000), position: z.int().min(0).max(20_000) }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => completeFilter(tx, ctx.scope, input))),
  chart: projectProcedure("project.read")
    .input(chart)
    .query(({ ctx, input }) => ctx.inTenant((tx) => metricChart(tx, ctx.scope, input))),
  metricsOf: projectProcedure("project.read")
    .input(z.object({ runId: z.string().min(1).max(256) }))
    .query(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        const [run] = await runRecords(tx, ctx.scope, [input.runId]);
        if (!run) throw notFound("Run", input.runId);
        return run.series.map(({ key, ...series }) => ({
          ...{ key, ...summary(series), lastAt: series.lastAt, firstStep: series.firstStep, points: series.received },
        }));
      }),
    ),
};
