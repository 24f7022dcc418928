"use client";

import { Button, Input } from "@ballast/ui";
import { ListFilter } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { toggled } from "@/page/toggled";

const MOST_LISTED = 200;

/** Which of many fields are drawn. */
export function FieldChooser({
  label,
  all,
  shown,
  nameOf,
  onChange,
}: {
  label: string;
  all: readonly string[];
  shown: readonly string[];
  nameOf: (id: string) => string;
  onChange: (shown: readonly string[]) => void;
}) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = all.filter((id) => `${id} ${nameOf(id)}`.toLowerCase().includes(wanted));
  const toggle = (id: string): void => {
    const next = toggled(shown, id);
    onChange(all.filter((one) => next.has(one)));
  };
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button icon={ListFilter}>
          {label} {shown.length} of {all.length}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu-list" align="end" sideOffset={4} collisionPadding={8} aria-label={label}>
          <div className="p-1">
            <Input
              type="search"
              aria-label={`Find in ${label.toLowerCase()}`}
              placeholder="Find"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </div>
          {found.slice(0, MOST_LISTED).map((id) => (
            <label key={id} className="menu-item">
              <input type="checkbox" checked={shown.includes(id)} onChange={() => toggle(id)} />
              {nameOf(id)}
            </label>
          ))}
          {found.length > MOST_LISTED ? (
            <p className="menu-label">{found.length - MOST_LISTED} more: find them by name.</p>
          ) : null}
          {found.length === 0 ? <p className="menu-label">Nothing is called that.</p> : null}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
