"use client";

import { Button, Icon, Select } from "@ballast/ui";
import { Columns3, X } from "lucide-react";
import { Popover } from "radix-ui";
import type { Outputs } from "@/page/outputs";
import { SearchBox } from "@/page/search-box";
import { useUrlState } from "@/page/use-url-state";
import { columnLabel } from "./run-columns";
import { parseTags, type RunStateName } from "./runs-query";

const STATES: readonly RunStateName[] = ["running", "finished", "failed", "killed"];

/** What narrows and shapes the list; all of it lives in the URL. */
export function RunFilterBar({
  experiments,
  columns,
  shown,
}: {
  experiments: Outputs["experiment"]["experiments"];
  columns: { metrics: readonly string[]; params: readonly string[]; first: readonly string[] };
  shown: readonly string[];
}) {
  const { params, set } = useUrlState();
  const tags = params.getAll("tag");
  return (
    <div className="filter-bar">
      <SearchBox label="Filter runs by name, id or tag" placeholder="Filter by name, id or tag" resets={["offset"]} />
      <Select
        className="!w-auto"
        aria-label="Experiment"
        value={params.get("experiment") ?? ""}
        onChange={(event) => set({ experiment: event.target.value, offset: null })}
      >
        <option value="">All experiments</option>
        {experiments.map((experiment) => (
          <option key={experiment.id} value={experiment.id}>
            {experiment.name} ({experiment.runs})
          </option>
        ))}
      </Select>
      <Select
        className="!w-auto"
        aria-label="Status"
        value={params.get("state") ?? ""}
        onChange={(event) => set({ state: event.target.value, offset: null })}
      >
        <option value="">Any status</option>
        {STATES.map((state) => (
          <option key={state}>{state}</option>
        ))}
      </Select>
      {Object.entries(parseTags(tags)).map(([name, value]) => (
        <span key={name} className="chip">
          {name} = {value}
          <button
            type="button"
            className="grid size-[24px] place-items-center"
            aria-label={`Remove the filter ${name} = ${value}`}
            onClick={() => set({ tag: tags.filter((tag) => tag !== `${name}=${value}`), offset: null })}
          >
            <Icon of={X} size={12} />
          </button>
        </span>
      ))}
      <span className="end row">
        <Button
          aria-pressed={params.get("group") === "experiment"}
          onClick={() => set({ group: params.get("group") === "experiment" ? null : "experiment" })}
        >
          {params.get("group") === "experiment" ? "Grouped by experiment" : "Group by experiment"}
        </Button>
        <ColumnPicker columns={columns} shown={shown} />
      </span>
    </div>
  );
}

function ColumnPicker({
  columns,
  shown,
}: {
  columns: { metrics: readonly string[]; params: readonly string[]; first: readonly string[] };
  shown: readonly string[];
}) {
  const { set } = useUrlState();
  const all = [...columns.metrics, ...columns.params];
  const toggle = (id: string): void => {
    const next = all.filter((one) => (one === id ? !shown.includes(one) : shown.includes(one)));
    const isFirst = next.length === columns.first.length && next.every((one) => columns.first.includes(one));
    set({ cols: isFirst ? null : next.length === 0 ? "none" : next });
  };
  const group = (title: string, ids: readonly string[]) =>
    ids.length === 0 ? null : (
      <fieldset className="grid">
        <legend className="menu-label">{title}</legend>
        {ids.map((id) => (
          <label key={id} className="menu-item">
            <input type="checkbox" checked={shown.includes(id)} onChange={() => toggle(id)} />
            {columnLabel(id)}
          </label>
        ))}
      </fieldset>
    );
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button icon={Columns3}>
          Columns {shown.length} of {all.length}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu-list" align="end" sideOffset={4} collisionPadding={8} aria-label="Columns">
          {group("Metrics", columns.metrics)}
          {group("Parameters", columns.params)}
          {all.length === 0 ? <p className="menu-label">No run has metrics or parameters.</p> : null}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
