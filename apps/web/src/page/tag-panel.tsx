"use client";

import { Button, Field, IconButton, Input, Panel, PanelBody } from "@ballast/ui";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { FormDialog } from "./form-dialog.tsx";
import { useAttempt } from "./use-attempt.ts";

/** Key and value pairs that people put on a record; editable for who may. */
export function TagPanel({
  tags,
  may,
  onSet,
  onRemove,
}: {
  tags: Readonly<Record<string, string>>;
  may: boolean;
  onSet: (key: string, value: string) => Promise<void>;
  onRemove: (key: string) => Promise<void>;
}) {
  const attempt = useAttempt();
  const entries = Object.entries(tags).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Panel title="Tags" actions={may ? <SetTag onSet={onSet} /> : null}>
      <PanelBody>
        {entries.length === 0 ? (
          <p className="secondary">None.</p>
        ) : (
          <ul className="row flex-wrap">
            {entries.map(([key, value]) => (
              <li key={key} className="tag break-all">
                {value === "" ? key : `${key}: ${value}`}
                {may ? (
                  <IconButton icon={X} label={`Remove tag ${key}`} onClick={() => attempt(() => onRemove(key))} />
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </PanelBody>
    </Panel>
  );
}

function SetTag({ onSet }: { onSet: (key: string, value: string) => Promise<void> }) {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const [error, setError] = useState<string>();
  return (
    <FormDialog
      trigger={
        <Button size="small" icon={Plus}>
          Set tag…
        </Button>
      }
      title="Set a tag"
      submitLabel="Set tag"
      busyLabel="Setting"
      onOpen={() => {
        setKey("");
        setValue("");
        setError(undefined);
      }}
      onSubmit={async () => {
        if (key.trim() === "") {
          setError("Enter a key, such as owner.");
          return false;
        }
        await onSet(key.trim(), value);
        return true;
      }}
    >
      <Field label="Key" error={error}>
        <Input value={key} maxLength={250} autoComplete="off" onChange={(event) => setKey(event.target.value)} />
      </Field>
      <Field label="Value" help="A tag that has the key already gets this value.">
        <Input value={value} autoComplete="off" onChange={(event) => setValue(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
