"use client";

import { type CellState, Icon, type SeriesColor, Swatch } from "@ballast/ui";
import { Ellipsis, ExternalLink, Palette, Pencil, Pin, PinOff, RotateCcw, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { RUN_COLORS, type SearchedRun } from "../tracking";

/** What can be done with one run from its line. */
export interface RunActs {
  select: (run: SearchedRun, index: number, keys: { shift: boolean }) => void;
  open: (run: SearchedRun) => void;
  pin: (run: SearchedRun) => void;
  color: (run: SearchedRun, color: SeriesColor | null) => void;
  /** Left out where the role may not. */
  rename: ((run: SearchedRun) => void) | undefined;
  trash: ((run: SearchedRun) => void) | undefined;
  restore: ((run: SearchedRun) => void) | undefined;
}

const COLOR_WORDS = ["blue", "orange", "sage", "plum", "olive", "sky", "brick"] as const;

/** Before a run's name: pick it, see its colour and pin, do something with it. */
export function RunMark({
  run,
  state,
  pinned,
  acts,
}: {
  run: SearchedRun;
  state: CellState;
  pinned: boolean;
  acts: RunActs;
}) {
  return (
    <span className="run-mark">
      <input
        type="checkbox"
        aria-label={`Select ${run.name}`}
        checked={state.selected}
        onClick={(event) => acts.select(run, state.index, { shift: event.shiftKey })}
        onChange={() => undefined}
      />
      <RunMenu run={run} pinned={pinned} acts={acts} />
      {pinned ? <Icon of={Pin} size={12} /> : null}
      {state.color ? <span className="run-color" style={{ background: state.color }} title="Its colour" /> : null}
    </span>
  );
}

/** Thousands of lines have this menu and few open it: it is built when it is. */
function RunMenu({ run, pinned, acts }: { run: SearchedRun; pinned: boolean; acts: RunActs }) {
  const [open, setOpen] = useState(false);
  const button = (
    <button
      type="button"
      className="icon-button run-menu"
      aria-label={`Actions of ${run.name}`}
      aria-haspopup="menu"
      onClick={open ? undefined : () => setOpen(true)}
    >
      <Icon of={Ellipsis} size={14} />
    </button>
  );
  if (!open) return button;
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={setOpen}>
      <DropdownMenu.Trigger asChild>{button}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu-list" align="start" sideOffset={4} collisionPadding={8}>
          <Item icon={ExternalLink} label="Open" onSelect={() => acts.open(run)} />
          <Item icon={pinned ? PinOff : Pin} label={pinned ? "Unpin" : "Pin on top"} onSelect={() => acts.pin(run)} />
          <DropdownMenu.Label className="menu-label">Colour in the table and in charts</DropdownMenu.Label>
          <div className="run-colors">
            {RUN_COLORS.map((color, index) => (
              <DropdownMenu.Item
                key={color}
                className="icon-button"
                aria-label={COLOR_WORDS[index]}
                title={COLOR_WORDS[index]}
                onSelect={() => acts.color(run, color)}
              >
                <Swatch color={color} />
              </DropdownMenu.Item>
            ))}
          </div>
          <Item icon={Palette} label="No colour" onSelect={() => acts.color(run, null)} />
          {acts.rename || acts.trash || acts.restore ? <DropdownMenu.Separator className="menu-rule" /> : null}
          {acts.rename ? <Item icon={Pencil} label="Rename…" onSelect={() => acts.rename?.(run)} /> : null}
          {acts.trash ? <Item icon={Trash2} label="Delete" danger onSelect={() => acts.trash?.(run)} /> : null}
          {acts.restore ? <Item icon={RotateCcw} label="Restore" onSelect={() => acts.restore?.(run)} /> : null}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Item({
  icon,
  label,
  danger = false,
  onSelect,
}: {
  icon: typeof Pin;
  label: string;
  danger?: boolean;
  onSelect: () => void;
}) {
  return (
    <DropdownMenu.Item className="menu-item" data-variant={danger ? "danger" : undefined} onSelect={onSelect}>
      <Icon of={icon} />
      {label}
    </DropdownMenu.Item>
  );
}
