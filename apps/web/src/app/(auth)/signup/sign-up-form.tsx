"use client";

import { Button, Field, Input, Link, Note } from "@ballast/ui";
import { useActionState } from "react";
import { signUpAction } from "../actions.ts";

const fields = [
  { name: "name", label: "Your name", autoComplete: "name" },
  { name: "email", label: "E-mail", autoComplete: "username", type: "email" },
  {
    name: "password",
    label: "Password",
    autoComplete: "new-password",
    type: "password",
    help: "At least 12 characters. A sentence is fine.",
  },
  { name: "teamName", label: "Team", autoComplete: "organization" },
  { name: "projectName", label: "First project", autoComplete: "off" },
] as const;

export function SignUpForm() {
  const [state, action, pending] = useActionState(signUpAction, { values: {}, errors: {} });
  return (
    <form className="grid gap-4" action={action} noValidate>
      {fields.map((field) => (
        <Field
          key={field.name}
          label={field.label}
          error={state.errors[field.name]}
          help={"help" in field ? field.help : undefined}
        >
          <Input
            inputSize="large"
            name={field.name}
            type={"type" in field ? field.type : "text"}
            autoComplete={field.autoComplete}
            defaultValue={state.values[field.name]}
            key={state.values[field.name]}
          />
        </Field>
      ))}
      {state.refusal ? (
        <Note tone="breach" alert>
          {state.refusal}
        </Note>
      ) : null}
      <Button type="submit" variant="primary" size="large" busy={pending}>
        {pending ? "Creating…" : "Create account and team"}
      </Button>
      <p className="muted small">
        Have an account? <Link href="/signin">Sign in</Link>
      </p>
    </form>
  );
}
