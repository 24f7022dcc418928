"use client";

import { Facts, formatCount, Input, Link, MISSING, Panel, PanelBody } from "@ballast/ui";
import { type ReactNode, useState } from "react";
import { useProject } from "@/page/use-project";
import { paramText } from "../table/run-columns";
import { NOTE_TAG, type RunRecord } from "../tracking";

/** Above this many entries a list can be searched. */
const SEARCH_ABOVE = 12;

/** Names and values, with a search where there are many. */
function ValuePanel({
  title,
  rows,
  none,
}: {
  title: string;
  rows: readonly (readonly [name: string, value: ReactNode, text: string])[];
  none: string;
}) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = rows.filter(([name, , text]) => `${name} ${text}`.toLowerCase().includes(wanted));
  return (
    <Panel title={title} note={rows.length > 0 ? formatCount(rows.length) : undefined}>
      <PanelBody>
        {rows.length > SEARCH_ABOVE ? (
          <Input
            type="search"
            className="mb-2"
            aria-label={`Find in ${title.toLowerCase()}`}
            placeholder="Find"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        ) : null}
        {rows.length === 0 ? (
          <p className="secondary">{none}</p>
        ) : found.length === 0 ? (
          <p className="secondary">Nothing is called that.</p>
        ) : (
          <section
            className="max-h-[360px] overflow-auto"
            aria-label={title}
            tabIndex={rows.length > SEARCH_ABOVE ? 0 : undefined}
          >
            <Facts small align="left" rows={found.map(([name, value]) => [name, value] as const)} />
          </section>
        )}
      </PanelBody>
    </Panel>
  );
}

/** The parameters it was given. */
export function ParamPanel({ run }: { run: RunRecord }) {
  const rows = Object.keys(run.params)
    .sort()
    .map((name) => {
      const text = paramText(run.params[name]);
      return [
        name,
        <span key={name} className="break-words">
          {text}
        </span>,
        text,
      ] as const;
    });
  return <ValuePanel title="Parameters" rows={rows} none="No parameter was logged." />;
}

/** Tags that stand elsewhere on the page. */
const SAID_ELSEWHERE = new Set([NOTE_TAG, "mlflow.runName", "mlflow.parentRunId", "job"]);

/** The tags it was logged with, each the way to other runs that have it. */
export function LoggedTags({ run }: { run: RunRecord }) {
  const { base } = useProject();
  const rows = Object.entries(run.tags)
    .filter(([name]) => !SAID_ELSEWHERE.has(name) && !name.startsWith("mlflow.source."))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => {
      const link = (
        <Link
          key={name}
          className="break-words"
          href={`${base}/runs?tag=${encodeURIComponent(`${name}=${value}`)}`}
          title="Runs with this tag"
          prefetch={false}
        >
          {value.length > 200 ? `${value.slice(0, 200)}…` : value || MISSING}
        </Link>
      );
      return [name, link, value] as const;
    });
  return <ValuePanel title="Tags" rows={rows} none="No tag was set." />;
}
