"use client";

import { Button, Link, Verdict } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { AcceptConversion } from "@/page/incident-actions";
import { paths } from "@/page/paths";
import { TickedText } from "@/page/ticked-text";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { advice, type Remedy } from "./advice";
import type { Watched } from "./monitoring-data";

const tones = { healthy: "healthy", attention: "warning", broken: "breach", waiting: "running" } as const;

/** The monitoring verdict with what to do about it. */
export function Health({ watched }: { watched: Watched }) {
  const { verdict } = watched;
  const [first] = verdict.remedies;
  return (
    <Verdict
      tone={tones[verdict.state]}
      headline={`${verdict.headline}.`}
      why={verdict.reasons.map((reason) => (
        <p key={reason}>
          <TickedText text={reason} />
        </p>
      ))}
      act={
        <p>
          {first ? advice[first.kind] : "Nothing. Each day is looked at by itself when the watermark passes its end."}
        </p>
      }
      actions={
        verdict.remedies.length > 0
          ? verdict.remedies
              .slice(0, 3)
              .map((remedy) => (
                <RemedyButton key={`${remedy.kind} ${remedy.label}`} remedy={remedy} watched={watched} />
              ))
          : undefined
      }
    />
  );
}

function RemedyButton({ remedy, watched }: { remedy: Remedy; watched: Watched }) {
  const { base } = useProject();
  const { set } = useUrlState();
  const { kind, incidentId, column } = remedy;
  if (kind === "accept_conversion" && incidentId) return <AcceptNow incidentId={incidentId} />;
  if (kind === "open_incident" && incidentId) {
    return (
      <Button asChild>
        <Link href={paths.incident(base, incidentId)}>Open incident</Link>
      </Button>
    );
  }
  if (kind === "look_at_column" && column) {
    return <Button onClick={() => set({ column, day: watched.window?.day ?? null })}>{remedy.label}</Button>;
  }
  if (kind === "look_at_performance") {
    return (
      <Button asChild>
        <a href="#performance">{remedy.label}</a>
      </Button>
    );
  }
  return null;
}

function AcceptNow({ incidentId }: { incidentId: string }) {
  const { scope, base } = useProject();
  const trpc = useTRPC();
  const query = useQuery(trpc.monitoring.incident.queryOptions({ ...scope, incidentId }));
  return (
    <>
      {query.data ? <AcceptConversion incident={query.data.incident} /> : null}
      <Button asChild>
        <Link href={paths.incident(base, incidentId)}>Open incident</Link>
      </Button>
    </>
  );
}
