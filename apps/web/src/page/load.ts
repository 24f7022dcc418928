import "server-only";
import { TRPCError } from "@trpc/server";
import { notFound } from "next/navigation";

/** Loads what a page cannot be without; what does not exist, or exists elsewhere, is the page that says so. */
export async function loadOrNotFound<Data>(load: () => Promise<Data>): Promise<Data> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof TRPCError && error.code === "NOT_FOUND") notFound();
    throw error;
  }
}

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** A parameter's one value, the first if it is given often. */
export function oneOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
