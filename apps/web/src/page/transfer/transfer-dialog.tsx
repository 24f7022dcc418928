"use client";

import { Field, Icon, Input, Note, Segmented, Select } from "@ballast/ui";
import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { FormDialog } from "@/page/form-dialog";
import { NEW_PROJECT } from "./transfer-places";
import { DEFAULT_EXPERIMENT, effectsOf, labelOf, orderWords, type Transferred } from "./transfer-words";
import { type TransferForm, useTransferForm } from "./use-transfer-form";

/**
 * Moves or copies runs, an experiment or a model to a project of the team. `onMoved` is called when what the page is about is no longer
 * here, so that the page may leave; after a copy nothing here has changed. Draw it only for who may.
 */
export function TransferDialog({ of, trigger, onMoved }: { of: Transferred; trigger: ReactNode; onMoved: () => void }) {
  const form = useTransferForm(of, onMoved);
  const { typed, change, places, team } = form;
  const lonely = team !== undefined && places.length === 0;
  return (
    <FormDialog
      trigger={trigger}
      title={`${form.modes.length === 1 ? "Copy" : "Move or copy"} ${labelOf(of)}`}
      submitLabel={lonely ? undefined : orderWords(of, typed.mode)}
      busyLabel={typed.mode === "move" ? "Moving" : "Copying"}
      onOpen={form.reset}
      onSubmit={form.submit}
    >
      {form.modes.length === 1 ? (
        <p className="secondary">
          Every project has its own {DEFAULT_EXPERIMENT} experiment, so this one stays. Its runs can be moved: select
          them in the list.
        </p>
      ) : (
        <div>
          <Segmented
            label="Move or copy"
            options={form.modes}
            value={typed.mode}
            onChange={(mode) => change({ mode }, "project", "name")}
          />
        </div>
      )}
      {lonely ? (
        <Note tone="info">
          <b>{team.name} has no other project.</b> An admin of the team can make one here; a copy may also stay in this
          project.
        </Note>
      ) : (
        <>
          <PlaceFields form={form} />
          <NameField form={form} of={of} />
          <Effects of={of} form={form} />
        </>
      )}
    </FormDialog>
  );
}

function PlaceFields({ form }: { form: TransferForm }) {
  const { typed, change, places, to, errors, team } = form;
  return (
    <>
      <Field
        label="To project"
        error={errors.project}
        help={
          places.length === 1 && to === NEW_PROJECT ? `${team?.name} has no other project yet; this makes one.` : null
        }
      >
        <Select value={to} onChange={(event) => change({ to: event.target.value }, "project", "name")}>
          {places.map(({ slug, label }) => (
            <option key={slug} value={slug}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      {to === NEW_PROJECT ? (
        <Field label="Name of the new project" error={errors.newProject}>
          <Input
            value={typed.newProject}
            maxLength={60}
            autoComplete="off"
            onChange={(event) => change({ newProject: event.target.value }, "newProject")}
          />
        </Field>
      ) : null}
    </>
  );
}

function NameField({ form, of }: { form: TransferForm; of: Transferred }) {
  if (!form.named) return null;
  return (
    <Field
      label={of.kind === "runs" ? "Experiment there" : "Name there"}
      help={of.kind === "runs" ? "It is made if the project has none of this name." : null}
      error={form.errors.name}
    >
      <Input
        value={form.name}
        maxLength={250}
        autoComplete="off"
        onChange={(event) => form.change({ name: event.target.value }, "name")}
      />
    </Field>
  );
}

function Effects({ form, of }: { form: TransferForm; of: Transferred }) {
  const { effects, undo } = effectsOf(of, form.typed.mode, form.toName);
  return (
    <>
      <ul className="effects">
        {effects.map((effect) => (
          <li key={effect}>
            <Icon of={ArrowRight} size={14} />
            <span>{effect}</span>
          </li>
        ))}
      </ul>
      <p className="secondary">{undo}</p>
    </>
  );
}
