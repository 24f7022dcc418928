"use client";

import { Command } from "cmdk";
import type { LucideIcon } from "lucide-react";
import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { Icon } from "./icon.tsx";

export interface PaletteCommand {
  id: string;
  label: string;
  icon: LucideIcon;
  /** Other words that find it. */
  keywords?: readonly string[];
  /** Its keys, or where it leads. */
  hint?: string | undefined;
  run: () => void;
}

export interface PaletteGroup {
  heading: string;
  commands: readonly PaletteCommand[];
}

/** Search everything, run anything: opened by ⌘K. */
export function CommandPalette({
  open,
  onOpenChange,
  groups,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  groups: readonly PaletteGroup[];
}) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="palette" aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">Search or run a command</Dialog.Title>
          <Command label="Search or run a command" loop>
            <div className="palette-input">
              <Icon of={Search} />
              <Command.Input placeholder="Search or run a command" />
              <kbd>esc</kbd>
            </div>
            <Command.List>
              <Command.Empty>Nothing fits. Try the name of a page, a model or a deployment.</Command.Empty>
              {groups.map((group) => (
                <Command.Group key={group.heading} heading={group.heading}>
                  {group.commands.map((command) => (
                    <Command.Item
                      key={command.id}
                      value={`${command.label} ${command.id}`}
                      keywords={[...(command.keywords ?? [])]}
                      onSelect={() => {
                        onOpenChange(false);
                        command.run();
                      }}
                    >
                      <Icon of={command.icon} />
                      {command.label}
                      {command.hint ? <span className="end">{command.hint}</span> : null}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
