"use client";

import {
  type DataColumn,
  DataTable,
  formatCount,
  formatEvidence,
  Panel,
  Sparkline,
  Status,
  type Tone,
} from "@ballast/ui";
import { harmLevel } from "../harm-evidence";
import { type Decision, type GuardRow, guardsOf, isOpen, type Rollout } from "./deployment-data";

/** The tests of a rollout against their boundaries. */
export function Guards({ rollout, decisions }: { rollout: Rollout; decisions: readonly Decision[] }) {
  const rows = guardsOf(rollout, decisions);
  const quality = rollout.evidence.quality;
  return (
    <Panel
      title="Guards"
      note="looked at with every window; looking often does not raise the false-alarm rate"
      actions={
        <span className="panel-note">
          {quality
            ? `${formatCount(quality.days)} matured days, ${formatCount(quality.rows)} pairs`
            : "no matured day yet"}
        </span>
      }
    >
      <DataTable
        label="Guards of the rollout"
        columns={columnsOf(isOpen(rollout))}
        rows={rows}
        rowId={(row) => row.id}
      />
    </Panel>
  );
}

const harmLooks = {
  none: { tone: "healthy", words: "no harm" },
  some: { tone: "warning", words: "some evidence" },
  harm: { tone: "breach", words: "harm" },
} as const;

function stateOf({ e, needed, boundary, judged }: GuardRow, open: boolean): { tone: Tone; words: string } {
  if (!judged) return { tone: "idle", words: "not judged" };
  if (boundary === "proof") {
    if (e >= needed) return { tone: "healthy", words: "proven" };
    return open ? { tone: "running", words: "collecting" } : { tone: "idle", words: "not proven" };
  }
  return harmLooks[harmLevel({ e, needed })];
}

/** On a log scale, as evidence multiplies. */
const logOf = (e: number | null): number | null => (e === null ? null : Math.log10(Math.max(e, 1e-6)));

const columnsOf = (open: boolean): DataColumn<GuardRow>[] => [
  {
    id: "guard",
    header: "Guard",
    primary: true,
    sortable: false,
    value: (row) => row.name,
    cell: (row) => (
      <div className="py-1.5">
        <b>{row.name}</b> <span className="muted small">α {row.alpha}</span>
        <p className="muted small">{row.what}</p>
      </div>
    ),
  },
  { id: "candidate", header: "Candidate", numeric: true, sortable: false, value: (row) => row.candidate || null },
  { id: "champion", header: "Champion", numeric: true, sortable: false, value: (row) => row.champion || null },
  {
    id: "evidence",
    header: "Evidence",
    numeric: true,
    sortable: false,
    value: (row) => row.e,
    cell: (row) => (
      <div>
        <b>E = {formatEvidence(row.e)}</b>
        <p className="muted small">
          {row.boundary === "proof" ? "proof at" : "boundary"} {formatEvidence(row.needed)}
        </p>
      </div>
    ),
  },
  {
    id: "history",
    header: "Against its boundary, log",
    wide: true,
    sortable: false,
    value: () => null,
    cell: (row) =>
      row.history.length > 1 ? (
        <Sparkline
          values={row.history.map(logOf)}
          limit={Math.log10(row.needed)}
          color="s2"
          width={200}
          height={36}
          label={`${row.name}: E from ${formatEvidence(row.history[0])} to ${formatEvidence(row.e)} in ${row.history.length} looks, boundary ${formatEvidence(row.needed)}`}
        />
      ) : (
        <span className="muted small">after the second window</span>
      ),
  },
  {
    id: "state",
    header: "State",
    sortable: false,
    value: (row) => stateOf(row, open).words,
    cell: (row) => {
      const { tone, words } = stateOf(row, open);
      return <Status tone={tone}>{words}</Status>;
    },
  },
];
