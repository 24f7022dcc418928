"use client";

import { Button, Field, Select } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import type { MadeToken } from "./create-token";

const OVERLAPS = [
  ["0", "at once"],
  ["1", "after 1 hour"],
  ["24", "after 1 day"],
  ["168", "after 7 days"],
] as const;

/** A new token in an old one's place; both are good for as long as it takes to hand the new one out. */
export function RotateToken({
  token,
  refresh,
  onMade,
}: {
  token: { id: string; name: string };
  refresh: () => Promise<void>;
  onMade: (made: MadeToken) => void;
}) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const rotate = useMutation(trpc.token.rotate.mutationOptions());
  const [overlap, setOverlap] = useState("24");
  return (
    <FormDialog
      trigger={
        <Button size="small" aria-label={`Rotate ${token.name}…`}>
          Rotate…
        </Button>
      }
      title={`Rotate ${token.name}`}
      submitLabel="Make the new token"
      busyLabel="Making the token"
      onOpen={() => setOverlap("24")}
      onSubmit={async () => {
        const made = await rotate.mutateAsync({ ...scope, id: token.id, overlapHours: Number(overlap) });
        await refresh();
        onMade({ name: token.name, token: made.token });
        return true;
      }}
    >
      <p>The new token has the name, permissions and lifetime of this one.</p>
      <Field label="The old token ends" help="Hand the new one out meanwhile, then nothing stops.">
        <Select value={overlap} onChange={(event) => setOverlap(event.target.value)}>
          {OVERLAPS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
    </FormDialog>
  );
}
