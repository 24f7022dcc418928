"use client";

import { Icon, Input } from "@ballast/ui";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useUrlState } from "./use-url-state.ts";

/** Typing is over when nothing came for this long. */
const PAUSE_MS = 250;

/** A search that lives in the URL under `param`. `/` puts the cursor here, Escape empties it. */
export function SearchBox({
  label,
  placeholder,
  param = "q",
  resets = [],
}: {
  label: string;
  placeholder: string;
  param?: string;
  /** Parameters that a new search makes void, such as the page. */
  resets?: readonly string[];
}) {
  const { params, set } = useUrlState();
  const inUrl = params.get(param) ?? "";
  const [typed, setTyped] = useState(inUrl);
  const [shown, setShown] = useState(inUrl);
  // The address changed by itself (Back, a link): follow it.
  if (shown !== inUrl) {
    setShown(inUrl);
    setTyped(inUrl);
  }
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const apply = (text: string): void => {
    clearTimeout(timer.current);
    const value = text.trim();
    if (value === inUrl) return;
    setShown(value);
    set({ [param]: value, ...Object.fromEntries(resets.map((name) => [name, null])) });
  };
  return (
    <search className="input-with-icon min-w-0 flex-[1_1_100%] sm:flex-[0_1_280px]">
      <Icon of={Search} size={14} />
      <Input
        type="search"
        data-filter
        aria-label={label}
        placeholder={placeholder}
        value={typed}
        maxLength={100}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => apply(text), PAUSE_MS);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") apply(typed);
          if (event.key !== "Escape") return;
          setTyped("");
          apply("");
        }}
      />
    </search>
  );
}
