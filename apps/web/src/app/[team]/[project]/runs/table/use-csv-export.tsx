"use client";

import { Note } from "@ballast/ui";
import { type ReactNode, useState } from "react";
import { requestIdOf } from "@/page/request-id";
import { saveFile } from "@/page/save-file";
import { useProject } from "@/page/use-project";
import { useTRPCClient } from "@/trpc/client";
import type { SearchedRun, SearchPage } from "../tracking";
import { runsCsv } from "./csv";
import type { RunSearch } from "./table-state";

/** Most runs one read answers. */
const CHUNK = 1_000;

/** Saves every run that fits the filter, not only those read so far, as a file. */
export function useCsvExport(search: RunSearch): {
  busy: boolean;
  /** Runs read so far. */
  done: number;
  start: () => Promise<void>;
  problem: ReactNode;
} {
  const client = useTRPCClient();
  const { scope } = useProject();
  const [done, setDone] = useState<number>();
  const [problem, setProblem] = useState<ReactNode>(null);
  const start = async (): Promise<void> => {
    setDone(0);
    setProblem(null);
    try {
      const runs: SearchedRun[] = [];
      let cursor: string | null = null;
      do {
        const page: SearchPage = await client.experiment.search.query({
          ...scope,
          ...search,
          limit: CHUNK,
          ...(cursor === null ? {} : { cursor }),
        });
        runs.push(...page.runs);
        setDone(runs.length);
        cursor = page.cursor;
      } while (cursor !== null);
      saveFile(`runs-${scope.project}.csv`, runsCsv(runs), "text/csv;charset=utf-8");
    } catch (error) {
      const requestId = error instanceof Error ? requestIdOf(error) : undefined;
      setProblem(
        <Note tone="breach" alert>
          <b>The runs could not be exported.</b> {error instanceof Error ? error.message : String(error)} Try again.{" "}
          {requestId ? <span className="muted">Request {requestId}</span> : null}
        </Note>,
      );
    } finally {
      setDone(undefined);
    }
  };
  return { busy: done !== undefined, done: done ?? 0, start, problem };
}
