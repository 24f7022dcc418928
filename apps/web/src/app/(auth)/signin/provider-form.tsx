"use client";

import { Button, Note } from "@ballast/ui";
import { useActionState } from "react";
import { signInWithProviderAction } from "../actions.ts";

/** Sign-in through the installation's identity provider. */
export function ProviderForm({ name, next }: { name: string; next: string }) {
  const [state, action, pending] = useActionState(signInWithProviderAction, { values: {}, errors: {} });
  return (
    <form className="grid gap-4" action={action}>
      <input type="hidden" name="next" value={next} />
      {state.refusal ? (
        <Note tone="breach" alert>
          {state.refusal}
        </Note>
      ) : null}
      <Button type="submit" size="large" busy={pending}>
        {pending ? `Asking ${name}…` : `Sign in with ${name}`}
      </Button>
    </form>
  );
}
