"use client";

import { Field, formatCount, Input, Note, type SeriesColor, useToast } from "@ballast/ui";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { useMay } from "@/frame/may";
import { FormDialog } from "@/page/form-dialog";
import { runPath } from "@/page/record-paths";
import { requestIdOf } from "@/page/request-id";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useUrlState } from "@/page/use-url-state";
import { useTRPCClient } from "@/trpc/client";
import type { SearchedRun } from "../tracking";
import type { RunStore } from "./run-store";

/** Runs of one request to the trash: many are sent, few at a time. */
const AT_ONCE = 8;

async function inTurns(ids: readonly string[], act: (id: string) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => act(id)));
  }
}

type NamedRun = Pick<SearchedRun, "id" | "name">;

const counted = (ids: readonly string[], one: string): string =>
  ids.length === 1 ? one : `${formatCount(ids.length)} runs`;

/**
 * Trash and restore happen at once and offer Undo; renaming asks for the name. `dialogs` must be drawn. What the role may not do is
 * undefined.
 */
export function useRunActs(store: RunStore | undefined): {
  trash: ((runs: readonly NamedRun[]) => void) | undefined;
  restore: ((runs: readonly NamedRun[]) => void) | undefined;
  rename: ((run: { id: string; name: string }) => void) | undefined;
  dialogs: ReactNode;
} {
  const client = useTRPCClient();
  const { scope } = useProject();
  const refresh = useRefresh();
  const toast = useToast();
  const may = useMay("experiment.write");
  const [renamed, setRenamed] = useState<{ id: string; name: string }>();
  const [failure, setFailure] = useState<{ what: string; error: Error }>();

  const move = async (
    ids: readonly string[],
    how: { act: (runId: string) => Promise<unknown>; what: string; done: string; undo: () => void },
  ): Promise<void> => {
    store?.remove(ids);
    setFailure(undefined);
    try {
      await inTurns(ids, how.act);
      toast.show({ text: how.done, undo: how.undo });
    } catch (error) {
      store?.unremove(ids);
      setFailure({ what: how.what, error: error instanceof Error ? error : new Error(String(error)) });
    }
    await refresh();
  };
  const back = async (ids: readonly string[], act: (runId: string) => Promise<unknown>): Promise<void> => {
    try {
      await inTurns(ids, act);
    } catch (error) {
      setFailure({ what: "Undo", error: error instanceof Error ? error : new Error(String(error)) });
    }
    store?.unremove(ids);
    await refresh();
  };
  const toTrash = (runId: string) => client.experiment.trashRun.mutate({ ...scope, runId });
  const fromTrash = (runId: string) => client.experiment.restoreRun.mutate({ ...scope, runId });
  const trash = (runs: readonly NamedRun[]): void => {
    const ids = runs.map(({ id }) => id);
    const name = counted(ids, runs[0]?.name ?? "");
    const undo = (): void => void back(ids, fromTrash);
    void move(ids, { act: toTrash, what: "Deleting", done: `Deleted ${name}`, undo });
  };
  const restore = (runs: readonly NamedRun[]): void => {
    const ids = runs.map(({ id }) => id);
    const name = counted(ids, runs[0]?.name ?? "");
    const undo = (): void => void back(ids, toTrash);
    void move(ids, { act: fromTrash, what: "Restoring", done: `Restored ${name}`, undo });
  };
  const dialogs = (
    <>
      {failure ? (
        <Note tone="breach" alert>
          <b>{failure.what} stopped.</b> {failure.error.message} What was done before stays.{" "}
          {requestIdOf(failure.error) ? <span className="muted">Request {requestIdOf(failure.error)}</span> : null}
        </Note>
      ) : null}
      {renamed ? <RenameDialog key={renamed.id} run={renamed} close={() => setRenamed(undefined)} /> : null}
    </>
  );
  return may
    ? { trash, restore, rename: setRenamed, dialogs }
    : { trash: undefined, restore: undefined, rename: undefined, dialogs };
}

function RenameDialog({ run, close }: { run: { id: string; name: string }; close: () => void }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const refresh = useRefresh();
  const [name, setName] = useState(run.name);
  const [error, setError] = useState<string>();
  const submit = async (): Promise<boolean> => {
    if (name.trim() === "") {
      setError("Enter a name.");
      return false;
    }
    await client.experiment.updateRun.mutate({ ...scope, runId: run.id, name: name.trim() });
    await refresh();
    return true;
  };
  return (
    <FormDialog
      title={`Rename ${run.name}`}
      submitLabel="Rename"
      busyLabel="Renaming"
      onSubmit={submit}
      onClose={close}
    >
      <Field label="Name" error={error}>
        <Input
          value={name}
          maxLength={250}
          autoComplete="off"
          onChange={(event) => {
            setName(event.target.value);
            setError(undefined);
          }}
        />
      </Field>
    </FormDialog>
  );
}

/** Pins and colours: marks of the reader, kept in the address. */
export function useRunMarks(pins: readonly string[], colors: ReadonlyMap<string, SeriesColor>) {
  const { set } = useUrlState();
  const router = useRouter();
  const { base } = useProject();
  return {
    open: (run: { id: string }) => router.push(runPath(base, run.id)),
    pin: (run: { id: string }) =>
      set({ pin: pins.includes(run.id) ? pins.filter((id) => id !== run.id) : [...pins, run.id] }),
    color: (run: { id: string }, color: SeriesColor | null) => {
      const next = new Map(colors);
      if (color) next.set(run.id, color);
      else next.delete(run.id);
      set({ color: [...next].map(([id, one]) => `${id}:${one}`) });
    },
  };
}
