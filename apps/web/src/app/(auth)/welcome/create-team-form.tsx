"use client";

import { Button, Field, Input, Note } from "@ballast/ui";
import { useActionState } from "react";
import { createTeamAction } from "../actions.ts";

const fields = [
  { name: "teamName", label: "Team", autoComplete: "organization" },
  { name: "projectName", label: "First project", autoComplete: "off" },
] as const;

export function CreateTeamForm() {
  const [state, action, pending] = useActionState(createTeamAction, { values: {}, errors: {} });
  return (
    <form className="grid gap-4" action={action} noValidate>
      {fields.map(({ name, label, autoComplete }) => (
        <Field key={name} label={label} error={state.errors[name]}>
          <Input
            inputSize="large"
            name={name}
            autoComplete={autoComplete}
            defaultValue={state.values[name]}
            key={state.values[name]}
          />
        </Field>
      ))}
      {state.refusal ? (
        <Note tone="breach" alert>
          {state.refusal}
        </Note>
      ) : null}
      <Button type="submit" variant="primary" size="large" busy={pending}>
        {pending ? "Creating…" : "Create team"}
      </Button>
    </form>
  );
}
