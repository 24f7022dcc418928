"use client";

import { Button, Field, Input, Link, Note } from "@ballast/ui";
import { useActionState } from "react";
import { signInAction } from "../actions.ts";

/** With `connect`, the account is connected with the identity provider of that name once the password was right. */
export function SignInForm({ next, connect }: { next: string; connect: string | null }) {
  const [state, action, pending] = useActionState(signInAction, { values: {}, errors: {} });
  return (
    <form className="grid gap-4" action={action} noValidate>
      <input type="hidden" name="next" value={next} />
      {connect ? <input type="hidden" name="connect" value="yes" /> : null}
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
        {pending ? "Signing in…" : connect ? `Sign in and connect with ${connect}` : "Sign in"}
      </Button>
      <p className="muted small">
        No account? <Link href="/signup">Sign up</Link> with a team of your own. Programs use tokens: Settings → Tokens,
        once you are in.
      </p>
    </form>
  );
}
