"use client";

import { useCallback, useRef, useState } from "react";
import { toggled } from "@/page/toggled";
import type { RunLines } from "./use-lines";

/** The runs picked by hand, in the order they were picked, and the line that the keyboard stands on. */
export function useSelection(lines: RunLines, initial: readonly string[]) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(() => new Set(initial));
  const [active, setActive] = useState<string>();
  const [reveal, setReveal] = useState<{ index: number; nonce: number }>();
  const anchor = useRef<string>(undefined);

  const toggle = useCallback((id: string) => {
    anchor.current = id;
    setSelected((known) => toggled(known, id));
  }, []);
  const between = (a: number, b: number): string[] => {
    const ids: string[] = [];
    for (let index = Math.min(a, b); index <= Math.max(a, b); index += 1) {
      const line = lines.lineAt(index);
      if (line?.kind === "row") ids.push(line.id);
    }
    return ids;
  };
  /** Adds every run from the last one picked to this one. */
  const extendTo = (index: number): void => {
    const from = anchor.current === undefined ? -1 : lines.indexOf(anchor.current);
    const ids = between(from < 0 ? index : from, index);
    setSelected((known) => new Set([...known, ...ids]));
  };
  const pick = (index: number, { shift }: { shift: boolean }): void => {
    const line = lines.lineAt(index);
    if (line?.kind !== "row") return;
    setActive(line.id);
    if (shift) extendTo(index);
    else toggle(line.id);
  };
  /** Moves the keyboard's line; with shift the runs passed are picked. */
  const move = (step: 1 | -1, { shift }: { shift: boolean }): void => {
    const at = active === undefined ? -1 : lines.indexOf(active);
    const next = Math.min(lines.count - 1, Math.max(0, at < 0 ? 0 : at + step));
    const line = lines.lineAt(next);
    if (!line) return;
    if (shift && line.kind === "row") {
      anchor.current ??= active ?? line.id;
      extendTo(next);
    }
    setActive(line.id);
    setReveal({ index: next, nonce: Date.now() });
  };
  const isSelected = useCallback((id: string) => selected.has(id), [selected]);
  return {
    selected,
    isSelected,
    active,
    reveal,
    pick,
    move,
    activate: setActive,
    clear: () => {
      anchor.current = undefined;
      setSelected(new Set());
    },
  };
}
