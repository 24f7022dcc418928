"use client";

import type { LucideIcon } from "lucide-react";
import { DropdownMenu as Primitive } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { Icon } from "./icon.tsx";
import { Link } from "./link.tsx";

export type MenuEntry =
  | {
      kind: "action";
      label: string;
      icon?: LucideIcon;
      hint?: string;
      danger?: boolean;
      onSelect: () => void;
    }
  | { kind: "link"; label: string; icon?: LucideIcon; hint?: string; href: string; current?: boolean }
  | { kind: "label"; label: ReactNode }
  | { kind: "rule" };

/** A menu of actions and links behind a button. */
export function Menu({
  trigger,
  entries,
  align = "start",
}: {
  trigger: ReactElement;
  entries: readonly MenuEntry[];
  align?: "start" | "end";
}) {
  return (
    <Primitive.Root modal={false}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content className="menu-list" align={align} sideOffset={4} collisionPadding={8}>
          {entries.map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rules have no identity; entries are replaced as a whole
            <MenuRow key={index} entry={entry} />
          ))}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function MenuRow({ entry }: { entry: MenuEntry }) {
  switch (entry.kind) {
    case "rule":
      return <Primitive.Separator className="menu-rule" />;
    case "label":
      return <Primitive.Label className="menu-label">{entry.label}</Primitive.Label>;
    case "link":
      return (
        <Primitive.Item asChild>
          <Link className="menu-item" href={entry.href} aria-current={entry.current ? "true" : undefined}>
            {entry.icon ? <Icon of={entry.icon} /> : null}
            {entry.label}
            {entry.hint ? <span className="end">{entry.hint}</span> : null}
          </Link>
        </Primitive.Item>
      );
    case "action":
      return (
        <Primitive.Item
          className="menu-item"
          data-variant={entry.danger ? "danger" : undefined}
          onSelect={entry.onSelect}
        >
          {entry.icon ? <Icon of={entry.icon} /> : null}
          {entry.label}
          {entry.hint ? <span className="end">{entry.hint}</span> : null}
        </Primitive.Item>
      );
  }
}
