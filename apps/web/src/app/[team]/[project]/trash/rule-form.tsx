"use client";

import { Button, Field, Input, Note, Select } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import { type RuleSpec, ruleWords } from "./rule-words";

const KINDS = [
  ["trash", "Empty the trash"],
  ["runs", "Put old runs into the trash"],
  ["metric_history", "Thin old metric histories"],
  ["deliveries", "Forget webhook deliveries"],
] as const;
type Kind = (typeof KINDS)[number][0];

interface Draft {
  kind: Kind;
  keepDays: string;
  experimentId: string;
  keepTag: string;
  points: string;
}
const FIRST: Draft = { kind: "trash", keepDays: "30", experimentId: "", keepTag: "keep", points: "1000" };

/** What is wrong with each field; empty where nothing is. */
function errorsOf(draft: Draft): Partial<Record<keyof Draft, string>> {
  const least = draft.kind === "runs" || draft.kind === "deliveries" ? 1 : 0;
  const days = Number(draft.keepDays);
  const points = Number(draft.points);
  const errors: Partial<Record<keyof Draft, string>> = {};
  if (draft.keepDays.trim() === "" || !Number.isInteger(days) || days < least || days > 36_500)
    errors.keepDays = `Enter whole days, from ${least} to 36,500.`;
  if (draft.kind === "metric_history" && (!Number.isInteger(points) || points < 10 || points > 1_000_000))
    errors.points = "Enter a whole number from 10 to 1,000,000.";
  return errors;
}

/** What the form says, as the procedure wants it. */
function specOf(draft: Draft): RuleSpec {
  const keepDays = Number(draft.keepDays);
  const experimentId = draft.experimentId || null;
  switch (draft.kind) {
    case "runs":
      return { kind: "runs", keepDays, experimentId, keepTag: draft.keepTag.trim() || null };
    case "metric_history":
      return { kind: "metric_history", keepDays, experimentId, points: Number(draft.points) };
    default:
      return { kind: draft.kind, keepDays };
  }
}

export function RuleForm({ experiments }: { experiments: readonly { id: string; name: string }[] }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const refresh = useRefresh();
  const create = useMutation(trpc.trash.createRule.mutationOptions());
  const [draft, setDraft] = useState<Draft>(FIRST);
  const [checked, setChecked] = useState(false);
  const errors = errorsOf(draft);
  const valid = Object.keys(errors).length === 0;
  const errorAt = (field: keyof Draft) => (checked ? errors[field] : undefined);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const nameOf = (id: string) => experiments.find((experiment) => experiment.id === id)?.name ?? id;
  return (
    <FormDialog
      trigger={
        <Button size="small" icon={Plus}>
          New rule…
        </Button>
      }
      title="New retention rule"
      submitLabel="Set rule"
      busyLabel="Setting rule"
      onOpen={() => {
        setDraft(FIRST);
        setChecked(false);
      }}
      onSubmit={async () => {
        setChecked(true);
        if (!valid) return false;
        await create.mutateAsync({ ...scope, spec: specOf(draft) });
        await refresh();
        return true;
      }}
    >
      <Field label="What">
        <Select
          value={draft.kind}
          onChange={(event) => change({ kind: KINDS.find(([kind]) => kind === event.target.value)?.[0] ?? "trash" })}
        >
          {KINDS.map(([kind, words]) => (
            <option key={kind} value={kind}>
              {words}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="After days" error={errorAt("keepDays")}>
        <Input
          inputMode="numeric"
          value={draft.keepDays}
          onChange={(event) => change({ keepDays: event.target.value })}
        />
      </Field>
      {draft.kind === "runs" || draft.kind === "metric_history" ? (
        <Field label="Experiment">
          <Select value={draft.experimentId} onChange={(event) => change({ experimentId: event.target.value })}>
            <option value="">all experiments</option>
            {experiments.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      ) : null}
      {draft.kind === "runs" ? (
        <Field label="Spare runs with the tag" help="Empty: no tag spares a run.">
          <Input value={draft.keepTag} maxLength={250} onChange={(event) => change({ keepTag: event.target.value })} />
        </Field>
      ) : null}
      {draft.kind === "metric_history" ? (
        <Field label="Points to keep of each metric" error={errorAt("points")}>
          <Input
            inputMode="numeric"
            value={draft.points}
            onChange={(event) => change({ points: event.target.value })}
          />
        </Field>
      ) : null}
      {valid ? <Note tone="info">{ruleWords(specOf(draft), nameOf)}</Note> : null}
    </FormDialog>
  );
}
