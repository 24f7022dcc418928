"use client";

import { Button, ErrorState, formatDateTime, Note, SkeletonRows } from "@ballast/ui";
import type { ReactNode } from "react";
import { requestIdOf } from "./request-id.ts";

/** The parts of a query's result that a page shows. */
export interface QueryState<Data> {
  data: Data | undefined;
  error: { message: string; data?: unknown } | null;
  isPending: boolean;
  isFetching: boolean;
  dataUpdatedAt: number;
  refetch: () => Promise<unknown>;
}

/**
 * What a query answered, and what to say while it has not or could not: quiet rows, or the error with its request id. When a
 * refresh fails the last good answer stays, marked with its age.
 */
export function QueryView<Data>({
  query,
  what,
  rows = 6,
  children,
}: {
  query: QueryState<Data>;
  /** What was asked for, in the plural: "runs". */
  what: string;
  /** Quiet rows while it loads. */
  rows?: number;
  children: (data: Data) => ReactNode;
}) {
  const again = (
    <Button busy={query.isFetching} onClick={() => void query.refetch()}>
      {query.isFetching ? "Trying again" : "Try again"}
    </Button>
  );
  if (query.data === undefined) {
    if (!query.error) return <SkeletonRows count={rows} label={`Loading ${what}`} />;
    return (
      <ErrorState
        happened={`The ${what} could not be read.`}
        means={query.error.message}
        act="Try again. If it stays, look for the request's id in the log of the web process."
        requestId={requestIdOf(query.error)}
        actions={again}
      />
    );
  }
  return (
    <>
      {query.error ? (
        <div className="panel-body">
          <Note tone="warning">
            These {what} are from {formatDateTime(query.dataUpdatedAt)} UTC. The refresh failed: {query.error.message}{" "}
            {requestIdOf(query.error) ? <>Request {requestIdOf(query.error)}. </> : null}
            {again}
          </Note>
        </div>
      ) : null}
      {children(query.data)}
    </>
  );
}
