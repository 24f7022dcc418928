"use client";

import { Button, formatCount, Link } from "@ballast/ui";
import { FolderInput, GitCompareArrows, Trash2, X } from "lucide-react";
import { TransferDialog } from "@/page/transfer/transfer-dialog";
import type { Transferred } from "@/page/transfer/transfer-words";
import { MOST_COMPARED } from "../tracking";

/** What can be done with the picked runs. */
export function SelectionBar({
  count,
  compareHref,
  trash,
  restore,
  transfer,
  clear,
}: {
  count: number;
  compareHref: string;
  trash: (() => void) | undefined;
  restore: (() => void) | undefined;
  transfer: { of: Transferred; onMoved: () => void } | undefined;
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
        {transfer ? <TransferDialog {...transfer} trigger={<Button icon={FolderInput}>Move or copy…</Button>} /> : null}
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
