"use client";

import { Button, Field, Input, TextArea } from "@ballast/ui";
import { type ReactNode, useState } from "react";
import { FormDialog } from "./form-dialog.tsx";

/** A dialog that changes one text of a record. */
export function TextDialog({
  button,
  title,
  label,
  help,
  text,
  submitLabel,
  lines = 1,
  needed,
  onSave,
}: {
  button: string;
  title: string;
  label: string;
  help?: ReactNode;
  text: string;
  submitLabel: string;
  lines?: number;
  /** What to enter; set where an empty text will not do. */
  needed?: string;
  onSave: (text: string) => Promise<void>;
}) {
  const [typed, setTyped] = useState(text);
  const [error, setError] = useState<string>();
  return (
    <FormDialog
      trigger={<Button>{button}</Button>}
      title={title}
      submitLabel={submitLabel}
      busyLabel="Saving"
      onOpen={() => {
        setTyped(text);
        setError(undefined);
      }}
      onSubmit={async () => {
        if (needed !== undefined && typed.trim() === "") {
          setError(needed);
          return false;
        }
        await onSave(typed.trim());
        return true;
      }}
    >
      <Field label={label} help={help} error={error}>
        {lines > 1 ? (
          <TextArea rows={lines} value={typed} onChange={(event) => setTyped(event.target.value)} />
        ) : (
          <Input value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
        )}
      </Field>
    </FormDialog>
  );
}
