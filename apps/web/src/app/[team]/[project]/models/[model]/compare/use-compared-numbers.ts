"use client";

import { useUrlState } from "@/page/use-url-state";
import { comparedNumbers } from "./compared-numbers";

/** The versions that are ticked for comparison; ticks live in the address. */
export function useComparedNumbers(): { numbers: readonly number[]; toggle: (version: number) => void } {
  const { params, set } = useUrlState();
  const numbers = comparedNumbers(new URLSearchParams(params.toString()));
  const toggle = (version: number): void => {
    const next = numbers.includes(version) ? numbers.filter((one) => one !== version) : [...numbers, version];
    set({ versions: next.length === 0 ? null : next.sort((a, b) => a - b).join(",") });
  };
  return { numbers, toggle };
}
