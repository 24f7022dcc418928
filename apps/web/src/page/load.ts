import "server-only";
import { readEnv } from "@ballast/core";
import { headers } from "next/headers";
import { notFound } from "next/navigation";

/** What Next gives a page of a project; `More` are the segments below it. */
export interface ProjectPageProps<More = unknown> {
  params: Promise<{ team: string; project: string } & More>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Loads what a page cannot be without; what does not exist, or exists elsewhere, is the page that says so. */
export async function loadOrNotFound<Data>(load: () => Promise<Data>): Promise<Data> {
  try {
    return await load();
  } catch (error) {
    // By its code, not its class: module instances differ between bundles.
    if (error instanceof Error && "code" in error && error.code === "NOT_FOUND") notFound();
    throw error;
  }
}

/** The address's parameters as the client's `useSearchParams` will read them, so that both ask the same question. */
export async function urlParams(searchParams: ProjectPageProps["searchParams"]): Promise<URLSearchParams> {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(await searchParams)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) params.append(name, one);
  }
  return params;
}

/** Where people and programs reach the web app. */
export async function publicOrigin(): Promise<string> {
  const sent = await headers();
  const protocol = sent.get("x-forwarded-proto")?.split(",")[0] ?? "http";
  const { AUTH_URL } = readEnv();
  return AUTH_URL ? new URL(AUTH_URL).origin : `${protocol}://${sent.get("host") ?? "localhost"}`;
}

/** Where programs reach this installation: what the commands of empty pages name. */
export async function publicAddresses(): Promise<{ web: string; gateway: string }> {
  const { BALLAST_GATEWAY_URL } = readEnv();
  const web = await publicOrigin();
  return { web, gateway: BALLAST_GATEWAY_URL?.replace(/\/$/, "") ?? "http://localhost:8080" };
}
