"use client";

import {
  actColumn,
  type DataColumn,
  Link,
  MISSING,
  Panel,
  PanelBody,
  RelativeTime,
  Status,
  type Tone,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { AliasChip } from "@/page/alias-chip";
import { QueryView } from "@/page/query-view";
import { modelVersionPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { ApprovalActs, type ApprovalRow } from "./approval-acts";
import { APPROVALS_SHOWN } from "./query";
import { RuleEditor } from "./rule-editor";

const TONES: Record<ApprovalRow["state"], Tone> = {
  pending: "warning",
  approved: "healthy",
  rejected: "breach",
  cancelled: "idle",
};

const given = (row: ApprovalRow) => row.decisions.filter((decision) => decision.approved).length;

function columnsFor(base: string): DataColumn<ApprovalRow>[] {
  return [
    {
      id: "version",
      header: "Version",
      primary: true,
      value: (row) => row.version,
      cell: (row) => <Link href={modelVersionPath(base, row.model, `v${row.version}`)}>v{row.version}</Link>,
    },
    { id: "alias", header: "As", value: (row) => row.alias, cell: (row) => <AliasChip alias={row.alias} /> },
    {
      id: "state",
      header: "State",
      value: (row) => row.state,
      cell: (row) => (
        <Status tone={TONES[row.state]}>
          {row.state === "pending" ? `waits, ${given(row)} of ${row.needed}` : row.state}
        </Status>
      ),
    },
    {
      id: "asked",
      header: "Asked for",
      wide: true,
      sortable: false,
      value: (row) => row.requestedBy,
      cell: (row) => (
        <>
          by {row.requestedBy}, <RelativeTime at={row.createdAt} />
          {row.reason ? <span className="secondary">: {row.reason}</span> : null}
        </>
      ),
    },
    {
      id: "decided",
      header: "Decided",
      wide: true,
      sortable: false,
      value: (row) => row.decisions.length,
      cell: (row) =>
        row.decisions.length === 0
          ? MISSING
          : row.decisions.map((decision) => (
              <span key={`${decision.byId} ${decision.at}`} className="block">
                {decision.approved ? "approved" : "rejected"} by {decision.by}, <RelativeTime at={decision.at} />
                {decision.reason ? <span className="secondary">: {decision.reason}</span> : null}
              </span>
            )),
    },
    actColumn("Decide", (row) => <ApprovalActs row={row} />, { wide: true }),
  ];
}

/** Which aliases need approval, and who asked for and decided what: of a model, or of one of its versions. */
export function ApprovalPanel({ modelId, versionId }: { modelId: string; versionId?: string }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const rules = useQuery(trpc.model.approvalRules.queryOptions({ ...scope, modelId }));
  const query = useQuery(trpc.model.approvals.queryOptions({ ...scope, modelId, limit: APPROVALS_SHOWN }));
  return (
    <Panel
      title="Approvals"
      note={
        rules.data && rules.data.length > 0
          ? rules.data.map((rule) => `${rule.alias} needs ${rule.approvals}`).join(", ")
          : "no alias of this model is guarded"
      }
      actions={versionId === undefined ? <RuleEditor modelId={modelId} rules={rules.data ?? []} /> : null}
    >
      <QueryView query={query} what="approvals" rows={2}>
        {({ approvals, next }) => {
          const rows = approvals.filter((row) => versionId === undefined || row.versionId === versionId);
          if (rows.length === 0 && (rules.data?.length ?? 0) === 0) {
            return (
              <PanelBody>
                <p className="secondary">
                  Every alias moves freely. A guarded alias moves only to versions that others than their author and the
                  requester approved; a guard on champion also keeps rollouts of unapproved versions from starting.
                </p>
              </PanelBody>
            );
          }
          return (
            <RecordTable
              label="Requests for approval"
              name="approvals"
              columns={columnsFor(base)}
              rows={rows}
              part={next !== null}
              rowId={(row) => row.id}
              empty="Nothing was asked for yet."
            />
          );
        }}
      </QueryView>
    </Panel>
  );
}
