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

const FIRST = 8;
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
        <DecisionInputs inputs={inputsOf(row)} />
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

/** What a decision weighed, in the order it is read: quality, guards, then the rest. */
const ORDER = [
  "meanBrierDifference",
  "lower",
  "upper",
  "marginBrier",
  "maturedDays",
  "pairedRows",
  "eNonInferior",
  "eHarm",
  "errorsE",
  "latencyE",
  "srmE",
];

const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

/** Inputs with what each is held against beside it: "errorsE 0.37 of 100". */
function inputsOf({ inputs }: Decision): (readonly [string, string])[] {
  return Object.entries(inputs)
    .filter(([name]) => !(name.endsWith("Needed") && name.slice(0, -"Needed".length) in inputs))
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, "en"))
    .map(([name, value]) => {
      const needed = inputs[`${name}Needed`];
      return [
        name,
        needed === undefined ? shown(name, value) : `${shown(name, value)} of ${shown("E", needed)}`,
      ] as const;
    });
}

function shown(name: string, value: number | string): string {
  if (typeof value === "string") return value.length > 40 ? `${value.slice(0, 12)}…` : value;
  if (/^e[A-Z]|E$/.test(name)) return formatEvidence(value);
  return Number.isInteger(value) ? value.toLocaleString("en-US") : String(Number(value.toPrecision(4)));
}
