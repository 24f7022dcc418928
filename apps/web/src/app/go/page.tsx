import { Link, Mark } from "@ballast/ui";
import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import type { ReactNode } from "react";
import { loadOrNotFound } from "@/page/load";
import { currentAccount } from "@/server/account";
import { serverCaller } from "@/trpc/server";
import { HashReader } from "./hash-reader.tsx";
import { linkTarget, placePath } from "./target.ts";

export const metadata: Metadata = { title: "Link" };

type Search = Promise<Record<string, string | string[] | undefined>>;

/** Links that MLflow's clients print know a run, not whose it is: this finds its team and project and goes there. */
export default async function GoPage({ searchParams }: { searchParams: Search }) {
  const { to } = await searchParams;
  if (typeof to !== "string") {
    return (
      <Card title="One moment">
        <HashReader />
      </Card>
    );
  }
  const target = linkTarget(to);
  if (!target) notFound();
  if (!(await currentAccount())) redirect(`/signin?next=${encodeURIComponent(`/go?to=${encodeURIComponent(to)}`)}`);
  const { kind, id, version } = target;
  const { places } = await loadOrNotFound(async () => (await serverCaller()).link.find({ kind, id }));
  const [only, second] = places;
  if (only && !second) redirect(placePath(only, version));
  return (
    <Card title="Which one?">
      <p className="secondary">
        {kind === "model" ? `A model named ${id} is` : "The default experiment is"} in several of your projects.
      </p>
      <ul>
        {places.map((place) => (
          <li key={placePath(place, version)}>
            <Link href={placePath(place, version)}>
              {place.team.name} / {place.project.name}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="standalone">
      <main className="standalone-body">
        <div className="standalone-card">
          <div className="standalone-head">
            <span className="standalone-brand">
              <Mark size={28} />
              Ballast
            </span>
            <h1>{title}</h1>
          </div>
          {children}
        </div>
      </main>
    </div>
  );
}
