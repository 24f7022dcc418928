"use client";

import { Button, ConfirmDialog, type ConfirmDialogProps, Field, TextArea, useToast } from "@ballast/ui";
import { useState } from "react";
import { useMay } from "@/frame/may";
import type { Outputs } from "@/page/outputs";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPCClient } from "@/trpc/client";

export type ApprovalRow = Outputs["model"]["approvals"]["approvals"][number];

/** What the reader may do with a request: decide it, take it back, withdraw the approval. Nothing they would be refused. */
export function ApprovalActs({ row }: { row: ApprovalRow }) {
  const mayApprove = useMay("model.approve");
  const mayWrite = useMay("model.write");
  if (row.state === "approved") return mayApprove ? <Withdraw row={row} /> : null;
  if (row.state !== "pending") return null;
  return (
    <span className="row">
      {mayApprove && !row.own ? (
        <>
          <Approve row={row} />
          <Reject row={row} />
        </>
      ) : null}
      {mayApprove && row.own ? <span className="muted small">somebody else must decide</span> : null}
      {mayWrite ? <TakeBack row={row} /> : null}
    </span>
  );
}

const nameOf = (row: ApprovalRow) => `${row.model} v${row.version}`;
const missing = (row: ApprovalRow) => row.needed - row.decisions.filter((decision) => decision.approved).length;

function Approve({ row }: { row: ApprovalRow }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const [refresh, toast] = [useRefresh(), useToast()];
  const [reason, setReason] = useState("");
  const last = missing(row) <= 1;
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" variant="primary">
          Approve…
        </Button>
      }
      title={`Approve ${nameOf(row)} as ${row.alias}`}
      effects={
        last
          ? [
              row.alias === "champion"
                ? "it may become champion: at once where no deployment serves the model, else by a rollout, which may start now"
                : `${row.alias} moves to v${row.version} at once, for everybody who loads the model by that alias`,
            ]
          : [`${missing(row) - 1} more approval${missing(row) === 2 ? "" : "s"} by other people are needed after yours`]
      }
      undo="The alias can be moved again; an approval can be withdrawn. It is written to the audit log under your name."
      confirmLabel={`Approve v${row.version}`}
      onOpen={() => setReason("")}
      onConfirm={async () => {
        await client.model.decideApproval.mutate({ ...scope, approvalId: row.id, approved: true, reason });
        await refresh();
        toast.show({ text: `${nameOf(row)} approved as ${row.alias}` });
        return undefined;
      }}
    >
      <Reason label="Why, if you like" value={reason} onChange={setReason} />
    </ConfirmDialog>
  );
}

function Reject({ row }: { row: ApprovalRow }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  return (
    <WithReason
      trigger={<Button size="small">Reject…</Button>}
      title={`Reject ${nameOf(row)} as ${row.alias}`}
      effects={["the request ends; the alias stays where it is", "it can be asked for again"]}
      undo="A rejection stands. It is written to the audit log under your name."
      confirmLabel={`Reject v${row.version}`}
      needed="Say why, so that the requester knows what to mend."
      act={(reason) => client.model.decideApproval.mutate({ ...scope, approvalId: row.id, approved: false, reason })}
    />
  );
}

function TakeBack({ row }: { row: ApprovalRow }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const [refresh, toast] = [useRefresh(), useToast()];
  const attempt = useAttempt();
  const again = async () => {
    await client.model.requestApproval.mutate({
      ...scope,
      versionId: row.versionId,
      alias: row.alias,
      reason: row.reason,
    });
    await refresh();
  };
  const [failed, setFailed] = useState<string>();
  return (
    <>
      <Button
        size="small"
        variant="ghost"
        onClick={() => {
          client.model.cancelApproval
            .mutate({ ...scope, approvalId: row.id })
            .then(refresh)
            .then(() => toast.show({ text: `Request for ${row.alias} taken back`, undo: () => attempt(again) }))
            .catch((error: unknown) => setFailed(error instanceof Error ? error.message : String(error)));
        }}
      >
        Take back
      </Button>
      {failed ? <span role="alert">{failed}</span> : null}
    </>
  );
}

function Withdraw({ row }: { row: ApprovalRow }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  return (
    <WithReason
      trigger={
        <Button size="small" variant="danger">
          Withdraw…
        </Button>
      }
      title={`Withdraw the approval of ${nameOf(row)} as ${row.alias}`}
      effects={[
        `v${row.version} cannot be given ${row.alias} again without a new approval`,
        "what carries the alias now keeps it",
      ]}
      undo="It can be asked for and approved again. It is written to the audit log under your name."
      confirmLabel="Withdraw the approval"
      needed="Say why."
      act={(reason) => client.model.withdrawApproval.mutate({ ...scope, approvalId: row.id, reason })}
    />
  );
}

/** A confirmation that is not done without a reason: `needed` asks for it. */
function WithReason({
  needed,
  act,
  ...dialog
}: Pick<ConfirmDialogProps, "trigger" | "title" | "effects" | "undo" | "confirmLabel"> & {
  needed: string;
  act: (reason: string) => Promise<unknown>;
}) {
  const refresh = useRefresh();
  const [reason, setReason] = useState("");
  return (
    <ConfirmDialog
      {...dialog}
      danger
      onOpen={() => setReason("")}
      onConfirm={async () => {
        if (reason.trim() === "") return needed;
        await act(reason);
        await refresh();
        return undefined;
      }}
    >
      <Reason label="Why?" value={reason} onChange={setReason} />
    </ConfirmDialog>
  );
}

function Reason({ label, value, onChange }: { label: string; value: string; onChange: (reason: string) => void }) {
  return (
    <Field label={label}>
      <TextArea rows={2} maxLength={2_000} value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
