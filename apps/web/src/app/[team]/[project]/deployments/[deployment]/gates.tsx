"use client";

import { type DataColumn, DataTable, DecisionInputs, Panel, PanelBody, Status } from "@ballast/ui";
import type { RolloutDetail } from "./deployment-data";

type Gate = RolloutDetail["gates"][number];

/** What the candidate had to pass before any caller met it, with what was measured. */
export function Gates({ detail }: { detail: RolloutDetail }) {
  const { gates, candidate } = detail;
  const passed = gates.filter((gate) => gate.passed).length;
  return (
    <Panel
      title={`Gates of v${candidate?.version ?? "?"}`}
      note="before any caller meets it"
      actions={<span className="panel-note">{`${passed} of ${gates.length} passed`}</span>}
    >
      {gates.length === 0 ? (
        <PanelBody>
          <Status tone="running">The gates have not answered yet.</Status>
        </PanelBody>
      ) : (
        <DataTable label="Gates of the candidate" columns={columns} rows={gates} rowId={(gate) => gate.gate} />
      )}
    </Panel>
  );
}

const columns: DataColumn<Gate>[] = [
  {
    id: "gate",
    header: "Gate",
    primary: true,
    sortable: false,
    value: (gate) => gate.gate,
    cell: (gate) => <b>{gate.gate.replaceAll("_", " ")}</b>,
  },
  {
    id: "passed",
    header: "State",
    sortable: false,
    value: (gate) => gate.passed,
    cell: (gate) => <Status tone={gate.passed ? "healthy" : "breach"}>{gate.passed ? "passed" : "failed"}</Status>,
  },
  {
    id: "message",
    header: "Why",
    wide: true,
    sortable: false,
    value: (gate) => gate.message,
    cell: (gate) => <div className="max-w-[60ch] py-1.5 whitespace-normal">{gate.message}</div>,
  },
  {
    id: "measured",
    header: "Measured",
    wide: true,
    sortable: false,
    value: () => null,
    cell: (gate) => (
      <div className="py-1.5 whitespace-normal">
        <DecisionInputs inputs={Object.entries(gate.measured).map(([name, value]) => [name, shown(value)] as const)} />
      </div>
    ),
  },
];

function shown(value: number | string): string {
  if (typeof value === "string") return value.length > 24 ? `${value.slice(0, 12)}…` : value;
  return Number.isInteger(value) ? value.toLocaleString("en-US") : String(Number(value.toPrecision(4)));
}
