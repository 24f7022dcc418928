"use client";

import { type RetentionSpecInput, retentionSpecSchema } from "@ballast/governance";
import { Button, Field, Input, Note, Select } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import { ruleWords } from "./rule-words";

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

/** What the form says, as the procedure wants it; numbers that are none fail the schema with its own words. */
function specOf(draft: Draft): RetentionSpecInput {
  const keepDays = draft.keepDays.trim() === "" ? Number.NaN : Number(draft.keepDays);
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
  const parsed = retentionSpecSchema.safeParse(specOf(draft));
  const errorAt = (field: string) =>
    checked && !parsed.success ? parsed.error.issues.find((issue) => issue.path[0] === field)?.message : undefined;
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
        if (!parsed.success) return false;
        await create.mutateAsync({ ...scope, spec: parsed.data });
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
        <Field label="Spare runs with the tag" help="Empty: no tag spares a run." error={errorAt("keepTag")}>
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
      {parsed.success ? <Note tone="info">{ruleWords(parsed.data, nameOf)}</Note> : null}
    </FormDialog>
  );
}
