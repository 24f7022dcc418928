"use client";

import { Button, ConfirmDialog, Field, formatDateTime, formatDecimal, Input, TextArea, useToast } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/frame/may";
import type { Outputs } from "@/page/outputs";
import { useProject } from "@/page/use-project";
import { useReachWords } from "@/page/use-reach-words";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";

type Incident = Outputs["monitoring"]["incident"]["incident"];
type Conversion = Outputs["monitoring"]["incident"]["conversions"][number];

/** Accepts the conversion that an incident proposes, after saying what that does. */
export function AcceptConversion({ incident, size = "default" }: { incident: Incident; size?: "small" | "default" }) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const toast = useToast();
  const accept = useMutation(trpc.monitoring.acceptConversion.mutationOptions({ onSuccess: useRefresh() }));
  const may = useMay("incident.resolve");
  const words = useReachWords();
  const { proposal } = incident;
  if (!proposal || !may) return null;
  const plus = proposal.offset === 0 ? "" : `, then ${formatDecimal(proposal.offset, 3)} added`;
  return (
    <ConfirmDialog
      trigger={
        <Button variant="primary" size={size}>
          Accept conversion…
        </Button>
      }
      title={`Convert ${proposal.column} from ${proposal.receivedUnit} to ${proposal.declaredUnit}`}
      effects={[
        `${proposal.column} is multiplied by ${formatDecimal(proposal.factor, 6)}${plus} in ${words(proposal.appliesTo)}, from ${formatDateTime(proposal.from)} UTC on`,
        proposal.appliesTo?.deployments.length === 0
          ? "serving stays as it is; stored rows stay as they came"
          : "gateways serve with it within a second; stored rows stay as they came",
        "training on rows since then is allowed again, and the incident closes",
      ]}
      undo="It can be withdrawn later, for all of its time or from a moment on. It is written to the audit log under your name."
      confirmLabel={`Convert ${proposal.column}`}
      onConfirm={async () => {
        await accept.mutateAsync({ ...scope, incidentId: incident.id });
        toast.show({ text: `${proposal.column} is converted from ${formatDateTime(proposal.from)} UTC on` });
        return undefined;
      }}
    />
  );
}

/** Closes an incident as none, with a reason. */
export function DismissIncident({ incident }: { incident: Incident }) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const dismiss = useMutation(trpc.monitoring.dismissIncident.mutationOptions({ onSuccess: useRefresh() }));
  const [reason, setReason] = useState("");
  const may = useMay("incident.resolve");
  if (!may) return null;
  return (
    <ConfirmDialog
      trigger={<Button>Not a unit change…</Button>}
      title="Close as no change of unit"
      effects={[
        "the incident closes without a conversion; rows are read as they came",
        "training on rows since then is allowed again",
        "it stays quiet while the same goes on, and speaks again when the column changes once more",
      ]}
      undo="A closed incident is not opened again. It is written to the audit log under your name."
      confirmLabel="Close the incident"
      onOpen={() => setReason("")}
      onConfirm={async () => {
        if (reason.trim().length < 3) return "Say in a few words why this is no change of unit.";
        await dismiss.mutateAsync({ ...scope, incidentId: incident.id, reason: reason.trim() });
        return undefined;
      }}
    >
      <Field label="Why is it none?">
        <TextArea rows={2} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </ConfirmDialog>
  );
}

/** Takes an accepted conversion back. */
export function WithdrawConversion({ conversion }: { conversion: Conversion }) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const withdraw = useMutation(trpc.monitoring.withdrawConversion.mutationOptions({ onSuccess: useRefresh() }));
  const [reason, setReason] = useState("");
  const [from, setFrom] = useState("");
  const may = useMay("incident.resolve");
  if (!may) return null;
  return (
    <ConfirmDialog
      trigger={<Button variant="danger">Withdraw…</Button>}
      title={`Withdraw the conversion of ${conversion.column}`}
      effects={[
        `${conversion.column} is read as it came, in ${conversion.declaredUnit}, from the time below on`,
        "rows that were served with the conversion can still be computed as they were",
      ]}
      undo="The conversion can be proposed and accepted again."
      confirmLabel="Withdraw the conversion"
      danger
      onOpen={() => {
        setReason("");
        setFrom("");
      }}
      onConfirm={async () => {
        if (reason.trim().length < 3) return "Say in a few words why the conversion is withdrawn.";
        const at = from === "" ? undefined : Date.parse(`${from}Z`);
        if (at !== undefined && Number.isNaN(at)) return "Enter the time as 2001-06-20 14:00, or leave it empty.";
        await withdraw.mutateAsync({
          ...scope,
          conversionId: conversion.id,
          reason: reason.trim(),
          ...(at === undefined ? {} : { from: new Date(at).toISOString() }),
        });
        return undefined;
      }}
    >
      <Field label="From event time, UTC" help="Empty: for all of its time, because it was wrong.">
        <Input
          type="datetime-local"
          value={from}
          min={conversion.from.toISOString().slice(0, 16)}
          onChange={(event) => setFrom(event.target.value)}
        />
      </Field>
      <Field label="Why?">
        <TextArea rows={2} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </ConfirmDialog>
  );
}
