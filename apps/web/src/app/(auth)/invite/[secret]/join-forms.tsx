"use client";

import { Button, Field, Input, Note } from "@ballast/ui";
import { useActionState } from "react";
import { acceptAction, joinAction } from "../../actions.ts";

/** For somebody new: an account of their own, in the team at once. */
export function JoinForm({ secret, team, email }: { secret: string; team: string; email: string | null }) {
  const [state, action, pending] = useActionState(joinAction, { values: {}, errors: {} });
  const given = state.values.email ?? email ?? "";
  return (
    <form className="grid gap-4" action={action} noValidate>
      <input type="hidden" name="secret" value={secret} />
      <Field label="Your name" error={state.errors.name}>
        <Input
          inputSize="large"
          name="name"
          autoComplete="name"
          defaultValue={state.values.name}
          key={state.values.name}
        />
      </Field>
      <Field label="E-mail" error={state.errors.email} help={email ? "The invitation is for this address." : undefined}>
        <Input
          inputSize="large"
          type="email"
          name="email"
          autoComplete="username"
          defaultValue={given}
          readOnly={email !== null}
          key={given}
        />
      </Field>
      <Field label="Password" error={state.errors.password} help="At least 12 characters. A sentence is fine.">
        <Input inputSize="large" type="password" name="password" autoComplete="new-password" />
      </Field>
      {state.refusal ? (
        <Note tone="breach" alert>
          {state.refusal}
        </Note>
      ) : null}
      <Button type="submit" variant="primary" size="large" busy={pending}>
        {pending ? "Joining…" : `Create account and join ${team}`}
      </Button>
    </form>
  );
}

/** For somebody who is signed in. */
export function AcceptForm({ secret, team, email }: { secret: string; team: string; email: string }) {
  const [state, action, pending] = useActionState(acceptAction, { values: {}, errors: {} });
  const refusal = state.refusal ?? state.errors.email;
  return (
    <form className="grid gap-4" action={action}>
      <input type="hidden" name="secret" value={secret} />
      <p>
        You are signed in as <b>{email}</b>.
      </p>
      {refusal ? (
        <Note tone="breach" alert>
          {refusal}
        </Note>
      ) : null}
      <Button type="submit" variant="primary" size="large" busy={pending}>
        {pending ? "Joining…" : `Join ${team}`}
      </Button>
    </form>
  );
}
