"use client";

import { Button, Field, Input, Link, Note } from "@ballast/ui";
import { useActionState } from "react";
import { signInAction } from "../actions.ts";

export function SignInForm({ next }: { next: string }) {
  const [state, action, pending] = useActionState(signInAction, { values: {}, errors: {} });
  return (
    <form className="grid gap-4" action={action} noValidate>
      <input type="hidden" name="next" value={next} />
      <Field label="E-mail" error={state.errors.email}>
        <Input
          inputSize="large"
          type="email"
          name="email"
          autoComplete="username"
          defaultValue={state.values.email}
          key={state.values.email}
        />
      </Field>
      <Field label="Password" error={state.errors.password}>
        <Input inputSize="large" type="password" name="password" autoComplete="current-password" />
      </Field>
      {state.refusal ? (
        <Note tone="breach" alert>
          <b>{state.refusal}</b>
        </Note>
      ) : null}
      <Button type="submit" variant="primary" size="large" busy={pending}>
        {pending ? "Signing in…" : "Sign in"}
      </Button>
      <p className="muted small">
        No account? <Link href="/signup">Sign up</Link> with a team of your own. Programs use tokens: Settings → Tokens,
        once you are in.
      </p>
    </form>
  );
}
