import "server-only";
import { notFound } from "next/navigation";
import { loadOrNotFound } from "@/page/load";
import { serverCaller } from "@/trpc/server";

/** The id of the version that the address names, as `v3` or by its id. */
export async function versionIdOf(
  scope: { team: string; project: string },
  model: string,
  segment: string,
): Promise<string> {
  const number = /^v?(\d{1,9})$/.exec(segment)?.[1];
  if (number === undefined) return segment;
  const wanted = Number(number);
  const caller = await serverCaller();
  const page = await loadOrNotFound(() => caller.model.get({ ...scope, model, before: wanted + 1, limit: 1 }));
  const found = page.versions.find((version) => version.version === wanted);
  return found?.id ?? notFound();
}
