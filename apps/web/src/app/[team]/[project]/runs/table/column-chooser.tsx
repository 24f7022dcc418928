"use client";

import { Button, IconButton, Input } from "@ballast/ui";
import { Columns3, Pin, PinOff } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { useUrlState } from "@/page/use-url-state";
import { columnGroups, columnLabel, firstColumns, type KnownColumns } from "./run-columns";

/** Which columns are shown, and which of them stay beside the run's name. */
export function ColumnChooser({
  known,
  shown,
  fixed,
}: {
  known: KnownColumns | undefined;
  shown: readonly string[];
  fixed: readonly string[];
}) {
  const { set } = useUrlState();
  const [search, setSearch] = useState("");
  const groups = columnGroups(known);
  const all = groups.flatMap(({ ids }) => ids);
  const choose = (ids: readonly string[]): void => {
    const first = firstColumns(known);
    const isFirst = ids.length === first.length && ids.every((id, index) => id === first[index]);
    set({ cols: isFirst ? null : ids.length === 0 ? "none" : ids });
  };
  const toggle = (id: string): void => choose(shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id]);
  const wanted = search.trim().toLowerCase();
  const fits = (id: string): boolean => `${id} ${columnLabel(id)}`.toLowerCase().includes(wanted);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button icon={Columns3}>
          Columns {shown.length} of {all.length}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="menu-list column-chooser"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Columns"
        >
          <div className="column-chooser-head">
            <Input
              type="search"
              aria-label="Find a column"
              placeholder="Find a column"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            <span className="row">
              <Button size="small" onClick={() => choose([...new Set([...shown, ...all.filter(fits)])])}>
                {wanted === "" ? "All" : "All found"}
              </Button>
              <Button size="small" onClick={() => choose(wanted === "" ? [] : shown.filter((id) => !fits(id)))}>
                {wanted === "" ? "None" : "None found"}
              </Button>
              <Button size="small" onClick={() => set({ cols: null, w: null, fix: null })}>
                As at first
              </Button>
            </span>
          </div>
          {groups.map(({ title, ids }) => (
            <Group key={title} title={title} ids={ids.filter(fits)}>
              {(id) => (
                <div key={id} className="menu-item">
                  <label className="column-choice">
                    <input type="checkbox" checked={shown.includes(id)} onChange={() => toggle(id)} />
                    <span className="grid-head-text">{columnLabel(id)}</span>
                  </label>
                  {shown.includes(id) ? (
                    <IconButton
                      icon={fixed.includes(id) ? PinOff : Pin}
                      label={fixed.includes(id) ? `Unpin ${columnLabel(id)}` : `Pin ${columnLabel(id)} beside the name`}
                      aria-pressed={fixed.includes(id)}
                      className="end"
                      onClick={() =>
                        set({ fix: fixed.includes(id) ? fixed.filter((one) => one !== id) : [...fixed, id] })
                      }
                    />
                  ) : null}
                </div>
              )}
            </Group>
          ))}
          {all.some(fits) ? null : <p className="menu-label">No column is called that.</p>}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** As many choices of a heading as one can look through; the search finds the others. */
const MOST_LISTED = 200;

function Group({
  title,
  ids,
  children,
}: {
  title: string;
  ids: readonly string[];
  children: (id: string) => React.ReactNode;
}) {
  if (ids.length === 0) return null;
  return (
    <fieldset className="grid">
      <legend className="menu-label">{title}</legend>
      {ids.slice(0, MOST_LISTED).map((id) => children(id))}
      {ids.length > MOST_LISTED ? (
        <p className="menu-label">{ids.length - MOST_LISTED} more: find them by name.</p>
      ) : null}
    </fieldset>
  );
}
