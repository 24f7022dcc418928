"use client";

import { Button, Link } from "@ballast/ui";
import { useUrlState } from "./use-url-state.ts";

export interface PagerProps {
  /** "50 events". */
  shown: string;
  /** The cursor of the page after this one; null on the last. */
  next: string | number | null;
  /** What the cursor is called in the URL. */
  param?: string;
  words?: { first: string; next: string };
}

/** The foot of a list that comes in pages: how much is shown, back to the start, on to the rest. */
export function Pager({ shown, next, param = "before", words = { first: "Newest", next: "Older" } }: PagerProps) {
  const { params, href } = useUrlState();
  const atStart = !params.has(param);
  if (atStart && next === null) return null;
  return (
    <nav className="panel-rule row px-4 py-2" aria-label="Pages of the list">
      <span className="muted small">{shown}</span>
      <span className="row ml-auto">
        {atStart ? null : (
          <Button asChild size="small">
            <Link href={href({ [param]: null })}>{words.first}</Link>
          </Button>
        )}
        {next === null ? null : (
          <Button asChild size="small">
            <Link href={href({ [param]: String(next) })}>{words.next}</Link>
          </Button>
        )}
      </span>
    </nav>
  );
}
