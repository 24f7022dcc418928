"use client";

import { useToast } from "@ballast/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMay } from "@/frame/may";
import { useProject } from "@/page/use-project";
import { useTRPC, useTRPCClient } from "@/trpc/client";
import { type TransferOrder, transfer } from "./transfer";
import { NEW_PROJECT, refusedField, transferPlaces } from "./transfer-places";
import { DEFAULT_EXPERIMENT, firstName, type TransferMode, type Transferred, tooMany } from "./transfer-words";

interface Typed {
  mode: TransferMode;
  to: string | undefined;
  /** Undefined until somebody types: what is proposed follows the other fields. */
  name: string | undefined;
  newProject: string;
}
type Errors = Partial<Record<"project" | "newProject" | "name", string>>;

const MODES: readonly { value: TransferMode; label: string }[] = [
  { value: "move", label: "Move" },
  { value: "copy", label: "Copy" },
];

/** What can be done with it: a project's Default experiment is of that project. */
const modesOf = (of: Transferred) =>
  of.kind === "experiment" && of.name === DEFAULT_EXPERIMENT ? MODES.slice(1) : MODES;

/** What is typed into the dialog, what follows from it, and `submit`, which resolves to true when it is done. */
export function useTransferForm(of: Transferred, onMoved: () => void) {
  const { scope } = useProject();
  const send = useOrder(of, onMoved);
  const modes = modesOf(of);
  const fresh: Typed = { mode: modes[0]?.value ?? "copy", to: undefined, name: undefined, newProject: "" };
  const [typed, setTyped] = useState(fresh);
  const [errors, setErrors] = useState<Errors>({});
  const { team, places, to, toName, unread } = usePlaces(typed);
  const named = of.kind === "runs" || typed.mode === "copy";
  const name = typed.name ?? firstName(of, typed.mode, { here: scope.project, to });

  const change = (part: Partial<Typed>, ...mended: (keyof Errors)[]): void => {
    setTyped((before) => ({ ...before, ...part }));
    setErrors((before) => ({ ...before, ...Object.fromEntries(mended.map((field) => [field, undefined])) }));
  };
  const submit = async (): Promise<boolean> => {
    const { mode, newProject } = typed;
    const found = await send(
      { mode, to, toName, name: name.trim(), newProject: newProject.trim() },
      { named, chosen: (slug) => change({ to: slug }) },
    );
    setErrors(found);
    return Object.keys(found).length === 0;
  };
  const reset = (): void => {
    setTyped(fresh);
    setErrors({});
  };
  return {
    typed,
    change,
    reset,
    submit,
    errors: { ...errors, ...unread },
    modes,
    places,
    team,
    to,
    toName,
    named,
    name,
  };
}

export type TransferForm = ReturnType<typeof useTransferForm>;

/** Where it can go, and which of these is chosen. */
function usePlaces({ mode, to: chosen, newProject }: Typed) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const mayMake = useMay("team.manage");
  const teams = useQuery(trpc.account.teams.queryOptions(undefined, { staleTime: 30_000 }));
  const team = teams.data?.find(({ slug }) => slug === scope.team);
  const projects = team?.projects ?? [];
  // Until it is known which projects there are, none is proposed: not a new one either.
  const places = team ? transferPlaces(mode, { projects, here: scope.project, mayMake }) : [];
  const to = places.find(({ slug }) => slug === chosen)?.slug ?? places[0]?.slug ?? "";
  const toName = projects.find(({ slug }) => slug === to)?.name ?? (newProject.trim() || "the other project");
  const unread: Errors = teams.error
    ? { project: `The team's projects could not be read. ${teams.error.message}` }
    : {};
  return { team, places, to, toName, unread };
}

/** Sends it; resolves to what is wrong, by field: nothing when it is done. Rejects with what is wrong with the whole. */
function useOrder(of: Transferred, onMoved: () => void) {
  const client = useTRPCClient();
  const router = useRouter();
  const { scope } = useProject();
  const [queries, toast] = [useQueryClient(), useToast()];
  return async (
    order: TransferOrder & { newProject: string },
    { named, chosen }: { named: boolean; chosen: (slug: string) => void },
  ): Promise<Errors> => {
    const isNew = order.to === NEW_PROJECT;
    const missing: Errors = {
      ...(order.to === "" ? { project: "The team's projects are not known yet. Try again." } : {}),
      ...(named && order.name === "" ? { name: "Enter a name." } : {}),
      ...(isNew && order.newProject.length < 2 ? { newProject: "Enter a name of at least 2 characters." } : {}),
    };
    if (Object.keys(missing).length > 0) return missing;
    const refusal = tooMany(of, order.mode);
    if (refusal) throw new Error(refusal);
    let { to } = order;
    try {
      if (isNew) {
        to = (await client.account.createProject.mutate({ ...scope, name: order.newProject })).slug;
        await queries.invalidateQueries({ queryKey: [["account", "teams"]] });
        // If what follows is refused the project is there all the same, and is the one that is chosen.
        chosen(to);
        router.refresh();
      }
      toast.show(await transfer(client, scope, of, { ...order, to }));
    } catch (error) {
      const refused = refusedField(error);
      if (!refused) throw error;
      const field = isNew && to === NEW_PROJECT ? "newProject" : refused.field;
      return { [field]: refused.message };
    }
    await queries.invalidateQueries({ refetchType: order.mode === "move" ? "none" : "active" });
    if (order.mode === "move") onMoved();
    return {};
  };
}
