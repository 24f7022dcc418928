"use client";

import { type DataColumn, formatCount, Panel } from "@ballast/ui";
import { metricWords, orderMetrics, plainNumber } from "@/page/metric-words";
import { RecordTable } from "@/page/record-table";
import { metricText } from "../table/run-columns";
import { isSystemMetric, loggedNumber, type RunRecord } from "../tracking";
import { MetricSparkline } from "./metric-sparkline";

type Series = RunRecord["series"][number];

/** Every metric of the model: its shape over the steps, its last value and its range. */
export function MetricPanel({ run }: { run: RunRecord }) {
  const order = orderMetrics(run.series.map(({ key }) => key));
  const series = [...run.series]
    .filter(({ key }) => !isSystemMetric(key))
    .sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
  const columns: DataColumn<Series>[] = [
    {
      id: "key",
      header: "Metric",
      value: (row) => row.key,
      primary: true,
      cell: (row) => <span title={row.key}>{metricWords(row.key).label}</span>,
    },
    {
      id: "line",
      header: "Over steps",
      sortable: false,
      value: () => null,
      cell: (row) => (row.received > 1 ? <MetricSparkline runId={run.id} metric={row.key} /> : null),
    },
    {
      id: "last",
      header: "Last",
      numeric: true,
      value: (row) => row.last,
      cell: (row) => metricText(row.key, loggedNumber(row.last)),
    },
    {
      id: "least",
      header: "Least",
      numeric: true,
      value: (row) => row.least,
      cell: (row) => metricText(row.key, loggedNumber(row.least)),
    },
    {
      id: "greatest",
      header: "Greatest",
      numeric: true,
      value: (row) => row.greatest,
      cell: (row) => metricText(row.key, loggedNumber(row.greatest)),
    },
    {
      id: "step",
      header: "Last step",
      numeric: true,
      value: (row) => row.lastStep,
      cell: (row) => plainNumber(row.lastStep),
    },
  ];
  return (
    <Panel title="Metrics" note={run.state === "running" ? "as they come in" : `${formatCount(series.length)} logged`}>
      <RecordTable
        label="Metrics"
        name="metrics"
        columns={columns}
        rows={series}
        rowId={(row) => row.key}
        empty={run.series.length > 0 ? "Only metrics of the machine were logged." : "No metric was logged."}
      />
    </Panel>
  );
}
