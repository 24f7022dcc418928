import { modelPath, runPath } from "@/page/record-paths";
import type { useTRPCClient } from "@/trpc/client";
import { labelOf, type TransferMode, type Transferred } from "./transfer-words";

export interface TransferOrder {
  mode: TransferMode;
  /** Slug of the project it goes to. */
  to: string;
  /** The project's name, for the words about it. */
  toName: string;
  /** Of the copy; of the experiment that runs go to. */
  name: string;
}

type Client = ReturnType<typeof useTRPCClient>;
type Scope = { team: string; project: string };

/** Moves or copies; answers what was done, in words, and the address of the thing in its new place. */
export async function transfer(
  client: Client,
  scope: Scope,
  of: Transferred,
  order: TransferOrder,
): Promise<{ text: string; link: { label: string; href: string } }> {
  const { path, more } = await send(client, scope, of, order);
  const done = order.mode === "move" ? "Moved" : "Copied";
  const renamed = of.kind !== "runs" && order.mode === "copy" && order.name !== of.name ? ` as ${order.name}` : "";
  return { text: `${done} ${labelOf(of)}${more} to ${order.toName}${renamed}`, link: { label: "Open", href: path } };
}

async function send(client: Client, scope: Scope, of: Transferred, { mode, to, name }: TransferOrder) {
  const base = `/${scope.team}/${to}`;
  const listOf = (experimentId: string): string => `${base}/runs?experiment=${experimentId}`;
  if (of.kind === "model") {
    const asked = { ...scope, modelId: of.id, to };
    if (mode === "move") await client.transfer.moveModel.mutate(asked);
    else await client.transfer.copyModel.mutate({ ...asked, name });
    return { path: modelPath(base, mode === "move" ? of.name : name), more: "" };
  }
  if (of.kind === "experiment") {
    const asked = { ...scope, experimentId: of.id, to };
    if (mode === "move") {
      await client.transfer.moveExperiment.mutate(asked);
      return { path: listOf(of.id), more: "" };
    }
    const made = await client.transfer.copyExperiment.mutate({ ...asked, name });
    return { path: listOf(made.experimentId), more: ` with ${made.copied} ${made.copied === 1 ? "run" : "runs"}` };
  }
  const asked = { ...scope, runIds: of.runs.map(({ id }) => id), to, experiment: name };
  if (mode === "copy") {
    const { copied, experimentId } = await client.transfer.copyRuns.mutate(asked);
    const [only] = copied;
    return { path: copied.length === 1 && only ? runPath(base, only.id) : listOf(experimentId), more: "" };
  }
  const { moved, experimentId } = await client.transfer.moveRuns.mutate(asked);
  const [only] = of.runs;
  const nested = moved - of.runs.length;
  return {
    path: of.runs.length === 1 && only ? runPath(base, only.id) : listOf(experimentId),
    more: nested > 0 ? ` and ${nested} nested in ${of.runs.length === 1 ? "it" : "them"}` : "",
  };
}
