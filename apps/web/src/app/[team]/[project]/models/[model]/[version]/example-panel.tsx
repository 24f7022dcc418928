"use client";

import { CodeBlock, type DataColumn, formatCount, MISSING, Panel, PanelBody } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { plainNumber } from "@/page/metric-words";
import { QueryView } from "@/page/query-view";
import { readableJson } from "@/page/readable-json";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { type ExampleTable, exampleTable } from "./example-table";

const MOST_TEXT = 4_000;
const MOST_ROWS = 20;

/** What a request looks like: the example logged with the model, or rows the trainer held out and what it predicts for them. */
export function ExamplePanel({ versionId }: { versionId: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.model.inputExample.queryOptions({ ...scope, versionId }));
  const note =
    query.data?.kind === "rows"
      ? `${query.data.rows.length} of ${formatCount(query.data.of)} held-out rows, and what the trainer predicts for them`
      : query.data?.kind === "file"
        ? query.data.path
        : undefined;
  return (
    <Panel title="Input example" note={note}>
      <QueryView query={query} what="input example" rows={3}>
        {(example) => {
          if (example === null) {
            return (
              <PanelBody>
                <p className="secondary">
                  None was kept. Log one with the model (<code>input_example=</code> in MLflow), or let a training
                  pipeline make the version.
                </p>
              </PanelBody>
            );
          }
          if (example.kind === "file") {
            const table = exampleTable(example.text);
            return table ? (
              <RecordTable
                label="Input example"
                name="example"
                columns={cellColumns(table.columns)}
                rows={table.rows.slice(0, MOST_ROWS).map((values, i) => ({ i, values }))}
                rowId={(row) => String(row.i)}
                part={table.rows.length > MOST_ROWS}
              />
            ) : (
              <PanelBody>
                <div className="max-h-[360px] overflow-auto">
                  <CodeBlock code={shortened(readableJson(example.text))} label="Input example" />
                </div>
              </PanelBody>
            );
          }
          return (
            <RecordTable
              label="Held-out rows"
              name="rows"
              columns={columnsOf(example.columns)}
              rows={example.rows.map((row, i) => ({ i, values: [...row, example.predictions[i] ?? null] }))}
              rowId={(row) => String(row.i)}
              part={example.rows.length < example.of}
            />
          );
        }}
      </QueryView>
    </Panel>
  );
}

const shortened = (text: string): string =>
  text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}\n… the first ${formatCount(MOST_TEXT)} characters` : text;

type CellRow = { i: number; values: ExampleTable["rows"][number] };

function cellColumns(names: readonly string[]): DataColumn<CellRow>[] {
  return [
    { id: "row", header: "Row", primary: true, value: (row) => row.i + 1 },
    ...names.map(
      (name, j): DataColumn<CellRow> => ({
        id: `${j} ${name}`,
        header: name,
        numeric: true,
        sortable: false,
        value: (row) => row.values[j] as string | number | null,
        cell: (row) => {
          const value = row.values[j];
          return typeof value === "number" ? plainNumber(value) : value === null ? MISSING : String(value);
        },
      }),
    ),
  ];
}

interface ExampleRow {
  i: number;
  values: (number | null)[];
}

function columnsOf(names: readonly string[]): DataColumn<ExampleRow>[] {
  return [
    { id: "row", header: "Row", primary: true, value: (row) => row.i + 1 },
    ...[...names, "prediction"].map(
      (name, j): DataColumn<ExampleRow> => ({
        id: `${j} ${name}`,
        header: name,
        numeric: true,
        value: (row) => row.values[j],
        cell: (row) => plainNumber(row.values[j]),
      }),
    ),
  ];
}
