"use client";

import {
  Button,
  type DataColumn,
  DataTable,
  DecisionInputs,
  formatDateTime,
  formatEvidence,
  formatLatency,
  Panel,
  Segmented,
  Status,
  type Tone,
} from "@ballast/ui";
import { useState } from "react";
import { useUrlState } from "@/page/use-url-state";
import type { Decision } from "./deployment-data";

const looks: Readonly<Record<string, readonly [Tone, string]>> = {
  start_gates: ["info", "Start gates"],
  start_shadow: ["info", "Start shadow"],
  start_canary: ["healthy", "Start canary"],
  advance: ["healthy", "Advance"],
  hold: ["running", "Hold"],
  promote: ["healthy", "Promote"],
  refuse: ["warning", "Refuse"],
  roll_back: ["breach", "Roll back"],
  abort: ["idle", "Abort"],
  pause: ["warning", "Pause"],
  resume: ["info", "Resume"],
};

const FIRST = 12;
const options = [
  { value: "all", label: "All" },
  { value: "changes", label: "Without holds" },
] as const;

/** Every decision with the numbers it was made from, the rule that made it, and who it was. */
export function DecisionLog({ decisions }: { decisions: readonly Decision[] }) {
  const { params, set } = useUrlState();
  const [all, setAll] = useState(false);
  const filter = params.get("decisions") === "changes" ? "changes" : "all";
  const wanted = filter === "changes" ? decisions.filter(({ decision }) => decision !== "hold") : decisions;
  const rows = all ? wanted : wanted.slice(0, FIRST);
  return (
    <Panel
      title="Decision log"
      note="every decision with the numbers it was made from"
      actions={
        <Segmented
          label="Decisions shown"
          options={options}
          value={filter}
          onChange={(value) => set({ decisions: value === "all" ? null : value })}
        />
      }
    >
      <DataTable
        label="Decisions, newest first"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        empty="No decision has been made yet."
      />
      {rows.length < wanted.length ? (
        <div className="panel-rule px-4 py-2">
          <Button onClick={() => setAll(true)}>{`Show all ${wanted.length}`}</Button>
        </div>
      ) : null}
    </Panel>
  );
}

const columns: DataColumn<Decision>[] = [
  {
    id: "time",
    header: "Event time, UTC",
    sortable: false,
    value: (row) => row.eventTime,
    cell: (row) => <span className="muted">{row.eventTime ? formatDateTime(row.eventTime) : "before the stream"}</span>,
  },
  {
    id: "decision",
    header: "Decision",
    primary: true,
    sortable: false,
    value: (row) => row.decision,
    cell: (row) => {
      const [tone, words] = looks[row.decision] ?? (["info", row.decision] as const);
      return <Status tone={tone}>{words}</Status>;
    },
  },
  {
    id: "summary",
    header: "What and why",
    wide: true,
    sortable: false,
    value: (row) => row.summary,
    cell: (row) => (
      <div className="grid min-w-[280px] gap-1 py-1.5 whitespace-normal">
        <p>{row.summary}</p>
        <DecisionInputs
          inputs={Object.entries(row.inputs).map(([name, value]) => [name, shown(name, value)] as const)}
        />
      </div>
    ),
  },
  {
    id: "rule",
    header: "Rule that decided",
    wide: true,
    sortable: false,
    value: (row) => row.rule,
    cell: (row) => <div className="secondary small max-w-[36ch] py-1.5 whitespace-normal">{row.rule}</div>,
  },
  {
    id: "by",
    header: "By",
    sortable: false,
    value: (row) => row.actor,
    cell: (row) => (
      <span
        className="small"
        title={row.decisionMs === null ? undefined : `Decided and routed in ${formatLatency(row.decisionMs)}`}
      >
        {row.actor}
      </span>
    ),
  },
];

function shown(name: string, value: number | string): string {
  if (typeof value === "string") return value;
  if (/^e[A-Z]|E$|Needed$/.test(name)) return formatEvidence(value);
  return Number.isInteger(value) ? value.toLocaleString("en-US") : String(Number(value.toPrecision(4)));
}
