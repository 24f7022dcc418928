"use client";

import { type DataColumn, DataTable, Link, MISSING, Swatch } from "@ballast/ui";
import { bestOf, metricWords, orderMetrics } from "@/page/metric-words";
import { artifactPath, runPath } from "@/page/record-paths";
import { useProject } from "@/page/use-project";
import { compareColor, paramText, type Run } from "./run-columns";

export type CompareTab = "metrics" | "parameters" | "inputs";

interface CompareRow {
  id: string;
  label: string;
  /** True where the runs say different things. */
  differs: boolean;
  cells: React.ReactNode[];
}

function rowsOf(tab: CompareTab, runs: readonly Run[], base: string): CompareRow[] {
  switch (tab) {
    case "metrics":
      return orderMetrics(runs.flatMap((run) => Object.keys(run.metrics))).map((name) => metricRow(name, runs));
    case "parameters":
      return [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort().map((name) => {
        const texts = runs.map((run) => paramText(run.params[name]));
        return { id: name, label: name, differs: new Set(texts).size > 1, cells: texts };
      });
    case "inputs":
      return inputRows(runs, base);
  }
}

function metricRow(name: string, runs: readonly Run[]): CompareRow {
  const values = runs.map((run) => run.metrics[name]);
  const best = bestOf(name, values);
  const words = metricWords(name);
  return {
    id: name,
    label: words.label,
    differs: new Set(values).size > 1,
    cells: values.map((value) => (
      <span key={name} className={best !== undefined && value === best ? "best" : undefined}>
        {words.text(value)}
      </span>
    )),
  };
}

function inputRows(runs: readonly Run[], base: string): CompareRow[] {
  const kinds = [...new Set(runs.flatMap((run) => run.inputs.map(({ kind }) => kind)))].sort();
  const rows = kinds.map((kind): CompareRow => {
    const own = runs.map((run) => run.inputs.filter((input) => input.kind === kind));
    return {
      id: kind,
      label: kind.replaceAll("_", " "),
      differs: new Set(own.map((inputs) => inputs.map(({ id, label }) => `${id} ${label}`).join(", "))).size > 1,
      cells: own.map((inputs) =>
        inputs.length === 0
          ? MISSING
          : inputs.map((input) => {
              const href = artifactPath(base, input);
              return <p key={input.id}>{href ? <Link href={href}>{input.label}</Link> : input.label}</p>;
            }),
      ),
    };
  });
  const codes = runs.map((run) => run.codeVersion);
  return [
    ...rows,
    {
      id: "code",
      label: "code version",
      differs: new Set(codes).size > 1,
      cells: codes.map((code) => (
        <code key={code} className="break-all">
          {code}
        </code>
      )),
    },
  ];
}

/** One row per metric, parameter or input, one column per run; rows that differ come first. */
export function CompareTable({ tab, runs }: { tab: CompareTab; runs: readonly Run[] }) {
  const { base } = useProject();
  const rows = rowsOf(tab, runs, base);
  const ordered =
    tab === "parameters" ? [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)] : rows;
  const columns: DataColumn<CompareRow>[] = [
    {
      id: "label",
      header: tab === "metrics" ? "Metric" : tab === "parameters" ? "Parameter" : "Read",
      sortable: false,
      primary: true,
      value: (row) => row.label,
      cell: (row) => (
        <>
          {row.label} {row.differs ? null : <small>same</small>}
        </>
      ),
    },
    ...runs.map(
      (run, index): DataColumn<CompareRow> => ({
        id: run.id,
        header: run.name,
        sortable: false,
        numeric: tab !== "inputs",
        value: () => null,
        cell: (row) => row.cells[index],
      }),
    ),
  ];
  return (
    <>
      <CompareLegend runs={runs} />
      <DataTable
        label={`Comparison of ${runs.length} runs`}
        columns={columns}
        rows={ordered}
        rowId={(row) => row.id}
        empty="The chosen runs recorded none."
      />
    </>
  );
}

/** Which colour is which run. */
export function CompareLegend({ runs }: { runs: readonly Run[] }) {
  const { base } = useProject();
  return (
    <ul className="row px-4 py-2">
      {runs.map((run, index) => (
        <li key={run.id} className="role-chip">
          <Swatch color={compareColor(index)} />
          <Link href={runPath(base, run.id)}>{run.name}</Link>
        </li>
      ))}
    </ul>
  );
}
