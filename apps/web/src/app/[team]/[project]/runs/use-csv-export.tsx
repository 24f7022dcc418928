"use client";

import { Note } from "@ballast/ui";
import { type ReactNode, useState } from "react";
import { requestIdOf } from "@/page/request-id";
import { useProject } from "@/page/use-project";
import { useTRPCClient } from "@/trpc/client";
import { runsCsv } from "./csv";
import type { Run } from "./run-columns";
import type { runsQuery } from "./runs-query";

/** Most runs one read answers. */
const CHUNK = 200;

/** Saves every run that fits the filters, not only those on the page, as a file. */
export function useCsvExport(query: ReturnType<typeof runsQuery>): {
  busy: boolean;
  start: () => Promise<void>;
  problem: ReactNode;
} {
  const client = useTRPCClient();
  const { scope } = useProject();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ReactNode>(null);
  const start = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const runs: Run[] = [];
      for (let offset: number | null = 0; offset !== null; ) {
        const asked = { ...query, offset, limit: CHUNK };
        const page: { runs: Run[]; nextOffset: number | null } = await client.experiment.runs.query({
          ...scope,
          query: asked,
        });
        runs.push(...page.runs);
        offset = page.nextOffset;
      }
      save(`runs-${scope.project}.csv`, runsCsv(runs));
    } catch (error) {
      const requestId = error instanceof Error ? requestIdOf(error) : undefined;
      setProblem(
        <Note tone="breach" alert>
          <b>The runs could not be exported.</b> {error instanceof Error ? error.message : String(error)} Try again.{" "}
          {requestId ? <span className="muted">Request {requestId}</span> : null}
        </Note>,
      );
    } finally {
      setBusy(false);
    }
  };
  return { busy, start, problem };
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
