"use client";

import { Badge, Button, ConfirmDialog, Field, formatDay, ListItem, TextArea, useToast } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/frame/may";
import type { Outputs } from "@/page/outputs";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";

type Stuck = Outputs["loop"]["stuck"][number];

const titles: Record<Stuck["kind"], string> = {
  segment: "The log stands still",
  event: "An event was not handled",
  dataset_version: "A validation does not end",
};

/** Work that fails again and again or was given up, each with what a person can do about it. */
export function StuckItems({ items }: { items: readonly Stuck[] }) {
  const may = useMay("project.write");
  return items.map((item) => (
    <ListItem
      key={`${item.kind} ${item.id}`}
      head={
        <>
          <Badge tone="breach">stuck</Badge>
          <b>{titles[item.kind]}</b>
        </>
      }
      age={formatDay(item.since)}
    >
      <p className="secondary">{item.what}</p>
      <p className="small">
        {item.attempts} attempts failed{item.reason ? `; the last: ${item.reason}` : "."}
      </p>
      {may ? <Act item={item} /> : null}
    </ListItem>
  ));
}

/** What a person can do; nothing where the platform goes on trying by itself and nothing is to be given up. */
function Act({ item }: { item: Stuck }) {
  if (item.kind === "segment") {
    return (
      <div className="row mt-1">
        <GiveUpSegment item={item} />
      </div>
    );
  }
  if (!item.setAside) return null;
  return (
    <div className="row mt-1">
      <RetryEvent item={item} />
    </div>
  );
}

function RetryEvent({ item }: { item: Stuck }) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const toast = useToast();
  const retry = useMutation(trpc.loop.retryEvent.mutationOptions({ onSuccess: useRefresh() }));
  return (
    <Button
      size="small"
      disabled={retry.isPending}
      onClick={() =>
        retry.mutate(
          { ...scope, eventId: Number(item.id) },
          {
            onSuccess: () => toast.show({ text: "It is handled again, in its turn." }),
            onError: (error) => toast.show({ text: error.message }),
          },
        )
      }
    >
      Try again
    </Button>
  );
}

function GiveUpSegment({ item }: { item: Stuck }) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const giveUp = useMutation(trpc.loop.setSegmentAside.mutationOptions({ onSuccess: useRefresh() }));
  const [why, setWhy] = useState("");
  return (
    <ConfirmDialog
      danger
      trigger={
        <Button size="small" variant="danger">
          Give up its rows…
        </Button>
      }
      title="Go on without this segment"
      effects={[
        item.what,
        "its predictions, outcomes and feature events never reach the log; the days they belong to are counted without them",
        "the file stays where the gateway left it",
      ]}
      undo="This cannot be undone. The worker goes on trying until you do it, so mend the cause first if you can."
      confirmLabel="Give up its rows"
      onOpen={() => setWhy("")}
      onConfirm={async () => {
        if (why.trim().length < 3) return "Say in a few words why its rows are given up.";
        await giveUp.mutateAsync({ ...scope, segmentId: item.id, why: why.trim() });
        return undefined;
      }}
    >
      <Field label="Why are they given up?">
        <TextArea rows={2} maxLength={500} value={why} onChange={(event) => setWhy(event.target.value)} />
      </Field>
    </ConfirmDialog>
  );
}
