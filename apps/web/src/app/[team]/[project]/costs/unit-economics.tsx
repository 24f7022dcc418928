"use client";

import { type DataColumn, formatCount, MISSING, Panel, Sparkline } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { formatMicros } from "@/page/format-micros";
import { QueryView } from "@/page/query-view";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { useCosts } from "./cost-charts";
import { costPerDay, type UnitCost } from "./cost-data";

interface Row extends UnitCost {
  name: string;
  perDay: number[];
}

/** What each version has cost, and what 1,000 of its predictions cost. */
export function UnitEconomics() {
  const { scope } = useProject();
  const trpc = useTRPC();
  const query = useQuery(trpc.finops.unitCosts.queryOptions(scope));
  const costs = useCosts();
  const rowsOf = (units: readonly UnitCost[]): Row[] =>
    units.map((unit) => {
      const own = (costs.data?.costs ?? []).filter((cost) => cost.modelVersionId === unit.modelVersionId);
      return {
        ...unit,
        name: unit.model === null ? unit.modelVersionId : `${unit.model} v${unit.version}`,
        perDay: costPerDay(own).map((day) => day.serving + day.shadow),
      };
    });
  return (
    <Panel
      title="Unit economics"
      note="a shadow answers nobody: its scorings raise the price of each answer it goes on to give"
    >
      <QueryView query={query} what="unit costs" rows={4}>
        {(units) => (
          <RecordTable
            label="Cost per model version"
            columns={columns}
            rows={rowsOf(units)}
            rowId={(row) => row.modelVersionId}
            initialSort={{ column: "version", descending: true }}
            empty="No version has cost anything yet."
          />
        )}
      </QueryView>
    </Panel>
  );
}

const amount = (id: string, header: string, of: (row: Row) => number | null): DataColumn<Row> => ({
  ...{ id, header, numeric: true, descendingFirst: true, value: of },
  cell: (row) => formatMicros(of(row), row.currency),
});

const columns: DataColumn<Row>[] = [
  { id: "version", header: "Version", primary: true, value: (row) => row.name, cell: (row) => <b>{row.name}</b> },
  {
    id: "predictions",
    header: "Predictions",
    numeric: true,
    descendingFirst: true,
    value: (row) => row.predictions,
    cell: (row) => formatCount(row.predictions),
  },
  amount("serving", "Serving", (row) => row.servingMicros),
  amount("training", "Training", (row) => row.trainingMicros),
  amount("total", "Together", (row) => row.servingMicros + row.trainingMicros),
  amount("per1000", "Serving, per 1,000", (row) => row.servingPer1000Micros),
  amount("training1000", "Training, per 1,000", (row) => row.trainingPer1000Micros),
  {
    id: "days",
    header: "Serving per day",
    sortable: false,
    value: () => null,
    cell: (row) => (row.perDay.length > 1 ? <Sparkline values={row.perDay} /> : MISSING),
  },
];
