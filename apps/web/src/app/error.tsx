"use client";

import { Button, ErrorState } from "@ballast/ui";

/** A page that failed to render: what it means, and the digest that finds it in the web server's log. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="page">
      <h1>This page failed to load</h1>
      <ErrorState
        happened="The server could not answer."
        means="Predictions are not affected: the gateway does not depend on this page."
        act="Try again. If it fails again, look for the request in the log of the web process."
        requestId={error.digest}
        actions={<Button onClick={reset}>Try again</Button>}
      />
    </main>
  );
}
