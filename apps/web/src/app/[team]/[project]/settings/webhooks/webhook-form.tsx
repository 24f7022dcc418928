"use client";

import type { CreateWebhook, WebhookFormat } from "@ballast/governance";
import { Button, Field, formatCount, Input, Note, Select } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import { toggled } from "@/page/toggled";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

const FORMAT_WORDS: Record<WebhookFormat, string> = {
  cloudevents: "CloudEvents 1.0",
  mlflow: "as MLflow's server sends them",
  openlineage: "OpenLineage run events",
};

/** What each format can tell of, as the server says. */
export type FormatEvents = Readonly<Record<WebhookFormat, readonly string[]>>;
const FORMATS = Object.keys(FORMAT_WORDS) as WebhookFormat[];

type Events = CreateWebhook["events"];

function addressError(url: string): string | undefined {
  if (url.trim() === "") return "Enter the address to send to, such as https://ci.example.com/ballast.";
  return URL.canParse(url.trim()) ? undefined : "Write a whole address: https://host/path.";
}

/** Asks for a name, an address, a format and events. The secret is made by the platform. */
export function WebhookForm({
  possible,
  onSaved,
}: {
  possible: FormatEvents;
  onSaved: (made: { name: string; secret: string }) => void;
}) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const create = useMutation(trpc.webhook.create.mutationOptions());
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [format, setFormat] = useState<WebhookFormat>("cloudevents");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [checked, setChecked] = useState(false);
  const events = possible[format].filter((event) => chosen.has(event));
  const errors = {
    name: name.trim() === "" ? "Name it after the system that listens." : undefined,
    url: addressError(url),
    events: events.length === 0 ? "Choose at least one event." : undefined,
  };
  return (
    <FormDialog
      trigger={
        <Button variant="primary" icon={Plus}>
          New webhook…
        </Button>
      }
      title="New webhook"
      submitLabel={`Create webhook for ${formatCount(events.length)} ${events.length === 1 ? "event" : "events"}`}
      busyLabel="Creating webhook"
      onOpen={() => {
        setName("");
        setUrl("");
        setFormat("cloudevents");
        setChosen(new Set());
        setChecked(false);
      }}
      onSubmit={async () => {
        setChecked(true);
        if (errors.name || errors.url || errors.events) return false;
        const webhook = { name: name.trim(), url: url.trim(), format, events: events as Events };
        const made = await create.mutateAsync({ ...scope, webhook });
        onSaved({ name: made.name, secret: made.secret ?? "" });
        return true;
      }}
    >
      <Field label="Name" error={checked ? errors.name : undefined}>
        <Input value={name} maxLength={63} autoComplete="off" onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Address" help="https, on the public internet." error={checked ? errors.url : undefined}>
        <Input type="url" value={url} maxLength={2_000} onChange={(event) => setUrl(event.target.value)} />
      </Field>
      <Field label="Format">
        <Select
          value={format}
          onChange={(event) => {
            const found = FORMATS.find((one) => one === event.target.value);
            if (found) setFormat(found);
          }}
        >
          {FORMATS.map((one) => (
            <option key={one} value={one}>
              {FORMAT_WORDS[one]}
            </option>
          ))}
        </Select>
      </Field>
      <EventChoice possible={possible[format]} chosen={chosen} onChange={setChosen} />
      {checked && errors.events ? (
        <Note tone="breach" alert>
          {errors.events}
        </Note>
      ) : null}
    </FormDialog>
  );
}

function EventChoice({
  possible,
  chosen,
  onChange,
}: {
  possible: readonly string[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}) {
  const all = possible.every((event) => chosen.has(event));
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 font-medium">Events</legend>
      <label className="flex min-h-[24px] items-center gap-2">
        <input type="checkbox" checked={all} onChange={() => onChange(new Set(all ? [] : possible))} />
        <span>All {formatCount(possible.length)}</span>
      </label>
      {possible.map((event) => (
        <label key={event} className="flex min-h-[24px] items-center gap-2">
          <input type="checkbox" checked={chosen.has(event)} onChange={() => onChange(toggled(chosen, event))} />
          <code>{event}</code>
        </label>
      ))}
    </fieldset>
  );
}
