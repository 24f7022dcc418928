"use client";

import { Button, ConfirmDialog, Field, Input, Select, useToast } from "@ballast/ui";
import { useState } from "react";
import { useMay } from "@/frame/may";
import { FormDialog } from "@/page/form-dialog";
import type { Outputs } from "@/page/outputs";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPCClient } from "@/trpc/client";

type Rule = Outputs["model"]["approvalRules"][number];

/** Guards aliases and lifts guards; drawn for who governs. */
export function RuleEditor({ modelId, rules }: { modelId: string; rules: readonly Rule[] }) {
  const may = useMay("governance.write");
  if (!may) return null;
  return (
    <span className="row">
      {rules.map((rule) => (
        <LiftGuard key={rule.alias} rule={rule} />
      ))}
      <GuardAlias modelId={modelId} />
    </span>
  );
}

function LiftGuard({ rule }: { rule: Rule }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const refresh = useRefresh();
  return (
    <ConfirmDialog
      trigger={<Button size="small">Lift the guard of {rule.alias}…</Button>}
      title={`Let ${rule.alias} move without approval`}
      effects={[
        `whoever may write models can move ${rule.alias} to any version`,
        ...(rule.alias === "champion" ? ["rollouts that wait for approval start"] : []),
      ]}
      undo="It can be guarded again; approvals that were given stand. It is written to the audit log under your name."
      confirmLabel={`Lift the guard of ${rule.alias}`}
      danger
      onConfirm={async () => {
        await client.model.removeApprovalRule.mutate({ ...scope, modelId: rule.modelId, alias: rule.alias });
        await refresh();
        return undefined;
      }}
    />
  );
}

function GuardAlias({ modelId }: { modelId: string }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const [refresh, toast] = [useRefresh(), useToast()];
  const [alias, setAlias] = useState("champion");
  const [approvals, setApprovals] = useState("1");
  const [error, setError] = useState<string>();
  return (
    <FormDialog
      trigger={<Button size="small">Guard an alias…</Button>}
      title="Guard an alias"
      submitLabel="Guard it"
      busyLabel="Guarding"
      onOpen={() => {
        setAlias("champion");
        setApprovals("1");
        setError(undefined);
      }}
      onSubmit={async () => {
        if (alias.trim() === "") {
          setError("Enter an alias, such as champion.");
          return false;
        }
        await client.model.setApprovalRule.mutate({
          ...{ ...scope, modelId, alias: alias.trim(), approvals: Number(approvals) },
        });
        await refresh();
        toast.show({ text: `${alias.trim()} is guarded from now on` });
        return true;
      }}
    >
      <Field
        label="Alias"
        error={error}
        help="champion also keeps rollouts of unapproved versions from starting. What carries the alias now keeps it."
      >
        <Input value={alias} autoComplete="off" maxLength={255} onChange={(event) => setAlias(event.target.value)} />
      </Field>
      <Field
        label="Approvals needed"
        help="By different people; neither the version's author nor the requester counts."
      >
        <Select value={approvals} onChange={(event) => setApprovals(event.target.value)}>
          {[1, 2, 3, 4, 5].map((n) => (
            <option key={n} value={n}>
              {n}
            </option>
          ))}
        </Select>
      </Field>
    </FormDialog>
  );
}
