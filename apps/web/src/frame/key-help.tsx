"use client";

import { Kbd } from "@ballast/ui";
import { Dialog } from "radix-ui";
import { allPages } from "./navigation.ts";

const general: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["⌘", "K"], "Search or run a command"],
  [["["], "Collapse or expand the side bar"],
  [["/"], "Filter the list on the page"],
  [["?"], "Show these keys"],
  [["esc"], "Close what is open"],
];

/** The keys of the frame, on `?`. */
export function KeyHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="dialog" aria-describedby={undefined}>
          <div className="dialog-head">
            <Dialog.Title asChild>
              <h2>Keyboard</h2>
            </Dialog.Title>
          </div>
          <div className="dialog-body grid-cols-2 gap-x-8 pt-3">
            <KeyList rows={general} />
            <KeyList rows={allPages.map((page) => [["g", page.key], page.label] as const)} />
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function KeyList({ rows }: { rows: readonly (readonly [keys: readonly string[], what: string])[] }) {
  return (
    <dl className="grid content-start gap-2">
      {rows.map(([keys, what]) => (
        <div key={what} className="flex items-center justify-between gap-3">
          <dt className="text-ink-2">{what}</dt>
          <dd className="flex shrink-0 gap-1">
            {keys.map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
