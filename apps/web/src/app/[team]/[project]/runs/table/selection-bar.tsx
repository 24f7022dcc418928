"use client";

import { Button, formatCount, Link } from "@ballast/ui";
import { GitCompareArrows, Trash2, X } from "lucide-react";
import { MOST_COMPARED } from "../tracking";

/** What can be done with the picked runs. */
export function SelectionBar({
  count,
  compareHref,
  trash,
  restore,
  clear,
}: {
  count: number;
  compareHref: string;
  trash: (() => void) | undefined;
  restore: (() => void) | undefined;
  clear: () => void;
}) {
  return (
    <div className="selection-bar" role="status">
      <span>
        {formatCount(count)} {count === 1 ? "run" : "runs"} selected
      </span>
      <span className="row">
        <Button asChild variant="primary">
          <Link href={compareHref}>
            <GitCompareArrows className="icon" size={14} strokeWidth={1.75} aria-hidden="true" />
            {count > MOST_COMPARED ? `Compare the first ${MOST_COMPARED}` : "Compare"}
            <kbd>c</kbd>
          </Link>
        </Button>
        {trash ? (
          <Button icon={Trash2} variant="danger" onClick={trash}>
            Delete
          </Button>
        ) : null}
        {restore ? <Button onClick={restore}>Restore</Button> : null}
        <Button icon={X} variant="ghost" shortcut="esc" onClick={clear}>
          Clear
        </Button>
      </span>
    </div>
  );
}
