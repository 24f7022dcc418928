"use client";

import { Button, Field, Input, Select } from "@ballast/ui";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import { formatMicros } from "@/page/format-micros";
import type { Outputs } from "@/page/outputs";
import { jobPath } from "@/page/record-paths";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { dayText, draftProblems, paramsOf, rangeOf, type TrainingDraft } from "./training-draft";
import { WorstCase } from "./worst-case";

type Pipeline = Outputs["training"]["pipelines"][number];

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 28;

/** Asks for a training; the worst case stands in the dialog, and on its button, before anything is asked. */
export function RequestTraining({ pipelines }: { pipelines: readonly Pipeline[] }) {
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const { scope, base } = useProject();
  const progress = useQuery(trpc.loop.progress.queryOptions(scope));
  const request = useMutation(trpc.training.request.mutationOptions());
  const [open, setOpen] = useState(false);
  const [checked, setChecked] = useState(false);
  const [draft, setDraft] = useState<TrainingDraft>({
    pipeline: "",
    from: "",
    to: "",
    params: {},
    strategy: "shadow_then_canary",
  });
  const pipeline = pipelines.find(({ name }) => name === draft.pipeline) ?? pipelines[0];
  const problems = draftProblems(draft, pipeline?.spec.params ?? {});
  const valid = Object.keys(problems).length === 0 && pipeline !== undefined;
  const training = valid
    ? { pipeline: pipeline.name, ...rangeOf(draft), params: paramsOf(draft, pipeline.spec.params) }
    : { pipeline: "", from: new Date(0), to: new Date(1), params: {} };
  const estimate = useQuery(
    trpc.training.estimate.queryOptions(
      { ...scope, training },
      { enabled: open && valid, placeholderData: keepPreviousData, retry: false },
    ),
  );
  const price =
    valid && estimate.data ? formatMicros(estimate.data.worstCaseMicros, estimate.data.currency) : undefined;
  const change = (next: Partial<TrainingDraft>) => setDraft((before) => ({ ...before, ...next }));
  const start = (): void => {
    const to = progress.data?.watermark ? Date.parse(progress.data.watermark) : undefined;
    const range =
      to === undefined ? { from: "", to: "" } : { from: dayText(to - DEFAULT_DAYS * DAY_MS), to: dayText(to) };
    setDraft({ pipeline: pipelines[0]?.name ?? "", ...range, params: {}, strategy: "shadow_then_canary" });
    setChecked(false);
    setOpen(true);
  };
  return (
    <FormDialog
      trigger={
        <Button variant="primary" icon={Play}>
          Request training…
        </Button>
      }
      title="Request a training"
      submitLabel={price ? `Request training, at most ${price}` : "Request training"}
      busyLabel="Asking the budget"
      onOpen={start}
      onSubmit={async () => {
        setChecked(true);
        if (!valid) return false;
        const job = await request.mutateAsync({
          ...scope,
          training: { ...training, plan: { strategy: draft.strategy } },
        });
        await queries.invalidateQueries({ queryKey: trpc.training.jobs.queryKey() });
        // A refusal is an answer too: its page is the invoice.
        router.push(jobPath(base, job.id));
        return true;
      }}
    >
      <DraftFields
        pipelines={pipelines}
        pipeline={pipeline}
        draft={draft}
        problems={checked ? problems : {}}
        change={change}
      />
      {valid ? <WorstCase estimate={estimate.data} error={estimate.error} base={base} /> : null}
    </FormDialog>
  );
}

function DraftFields({
  pipelines,
  pipeline,
  draft,
  problems,
  change,
}: {
  pipelines: readonly Pipeline[];
  pipeline: Pipeline | undefined;
  draft: TrainingDraft;
  problems: Readonly<Record<string, string>>;
  change: (next: Partial<TrainingDraft>) => void;
}) {
  const params = Object.entries(pipeline?.spec.params ?? {});
  return (
    <>
      <Field
        label="Pipeline"
        help={
          pipeline ? `Makes a version of ${pipeline.spec.modelName} for ${pipeline.spec.deploymentName}.` : undefined
        }
      >
        <Select value={pipeline?.name ?? ""} onChange={(event) => change({ pipeline: event.target.value, params: {} })}>
          {pipelines.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Labels known after" error={problems.from} help="Event time, 00:00 UTC.">
          <Input type="date" value={draft.from} onChange={(event) => change({ from: event.target.value })} />
        </Field>
        <Field label="and up to" error={problems.to} help="Event time, 00:00 UTC.">
          <Input type="date" value={draft.to} onChange={(event) => change({ to: event.target.value })} />
        </Field>
        {params.map(([name, preset]) => (
          <Field key={name} label={name} error={problems[`params.${name}`]} help={`The pipeline's own: ${preset}.`}>
            <Input
              value={draft.params[name] ?? String(preset)}
              inputMode={typeof preset === "number" ? "decimal" : "text"}
              autoComplete="off"
              onChange={(event) => change({ params: { ...draft.params, [name]: event.target.value } })}
            />
          </Field>
        ))}
      </div>
      <Field label="Delivered by" help="What becomes of the version once it is trained and its gates have passed.">
        <Select
          value={draft.strategy}
          onChange={(event) => change({ strategy: event.target.value as TrainingDraft["strategy"] })}
        >
          <option value="shadow_then_canary">shadow, then canary</option>
          <option value="canary">canary from the first step</option>
          <option value="all_at_once">all at once</option>
        </Select>
      </Field>
    </>
  );
}
