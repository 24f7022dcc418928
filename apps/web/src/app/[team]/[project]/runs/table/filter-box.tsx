"use client";

import { Icon, IconButton, Input } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Search, X } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useId, useRef, useState } from "react";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { type FilterProblem, markedFilter } from "./filter-error";

/**
 * The filter in MLflow's grammar with OR, NOT and parentheses. Completes fields, operators and values at the caret; Enter applies,
 * Escape closes the list, then empties the box.
 */
export function FilterBox({
  value,
  experimentIds,
  problem,
  onApply,
}: {
  value: string;
  experimentIds: string[] | undefined;
  problem: FilterProblem | undefined;
  onApply: (filter: string) => void;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  // The address changed by itself (Back, a link): follow it.
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  const completion = useCompletion({ experimentIds, filter: typed, position: caret, enabled: open });
  const options = open ? (completion?.options ?? []) : [];

  const apply = (text: string): void => {
    setOpen(false);
    setKnown(text.trim());
    onApply(text.trim());
  };
  const accept = (option: string): void => {
    if (!completion) return;
    const next = `${typed.slice(0, completion.from)}${option} ${typed.slice(completion.to).trimStart()}`;
    const at = completion.from + option.length + 1;
    setTyped(next);
    setCaret(at);
    setChosen(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const option = options[chosen];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setOpen(true);
      if (options.length > 0)
        setChosen((chosen + step + options.length + (chosen < 0 && step < 0 ? 1 : 0)) % options.length);
    } else if (event.key === "Tab" && option !== undefined) {
      event.preventDefault();
      accept(option);
    } else if (event.key === "Enter") {
      if (option === undefined) apply(typed);
      else accept(option);
    } else if (event.key === "Escape") {
      if (open && options.length > 0) setOpen(false);
      else if (typed !== "") {
        setTyped("");
        apply("");
      } else input.current?.blur();
    }
  };
  return (
    <search className="filter-box">
      <div className="input-with-icon">
        <Icon of={Search} size={14} />
        <Input
          ref={input}
          data-filter
          role="combobox"
          aria-label="Filter runs"
          aria-expanded={options.length > 0}
          aria-controls={`${id}-options`}
          aria-autocomplete="list"
          aria-activedescendant={options[chosen] === undefined ? undefined : `${id}-${chosen}`}
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? `${id}-problem` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder="Filter: metrics.auc > 0.7 AND params.depth = '6'"
          className="font-mono !text-12"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setCaret(event.target.selectionStart ?? event.target.value.length);
            setOpen(true);
            setChosen(-1);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        {typed === "" ? null : (
          <IconButton
            icon={X}
            label="Empty the filter"
            className="filter-clear"
            onClick={() => {
              setTyped("");
              apply("");
            }}
          />
        )}
      </div>
      <Options id={id} options={options} chosen={chosen} accept={accept} />
      {problem ? <Problem id={`${id}-problem`} filter={value} problem={problem} /> : null}
    </search>
  );
}

/** Candidates at the caret, asked for at the pace of typing and kept while the next ones come. */
function useCompletion({
  experimentIds,
  filter,
  position,
  enabled,
}: {
  experimentIds: string[] | undefined;
  filter: string;
  position: number;
  enabled: boolean;
}) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const asked = useDeferredValue(JSON.stringify({ filter, position: Math.min(position, filter.length) }));
  const query = useQuery(
    trpc.experiment.complete.queryOptions(
      {
        ...scope,
        ...(experimentIds ? { experimentIds } : {}),
        ...(JSON.parse(asked) as { filter: string; position: number }),
      },
      { enabled, placeholderData: keepPreviousData, staleTime: 30_000 },
    ),
  );
  return enabled ? query.data : undefined;
}

function Options({
  id,
  options,
  chosen,
  accept,
}: {
  id: string;
  options: readonly string[];
  chosen: number;
  accept: (option: string) => void;
}) {
  return (
    <div
      id={`${id}-options`}
      className="menu-list filter-options"
      role="listbox"
      aria-label="Completions"
      hidden={options.length === 0}
    >
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are read by the input that names the active option
        <div
          key={option}
          id={`${id}-${index}`}
          className="menu-item font-mono !text-12"
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          data-selected={index === chosen || undefined}
          // Before the input loses focus and closes the list.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => accept(option)}
        >
          {option}
        </div>
      ))}
    </div>
  );
}

function Problem({ id, filter, problem }: { id: string; filter: string; problem: FilterProblem }) {
  const parts = problem.position === undefined ? undefined : markedFilter(filter, problem.position);
  return (
    <div id={id} className="filter-problem" role="alert">
      {parts ? (
        <code>
          {parts[0]}
          <mark>{parts[1]}</mark>
          {parts[2]}
        </code>
      ) : null}
      <p>
        {problem.message}
        {problem.position === undefined || problem.message.includes("at character")
          ? ""
          : ` (character ${problem.position + 1})`}
      </p>
    </div>
  );
}
