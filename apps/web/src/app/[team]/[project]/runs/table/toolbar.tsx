"use client";

import { Button, formatCount, Menu, type MenuEntry, useToast } from "@ballast/ui";
import { Bookmark, FlaskConical, Group, Trash2 } from "lucide-react";
import { Popover } from "radix-ui";
import { useMemo, useState, useSyncExternalStore } from "react";
import type { Outputs } from "@/page/outputs";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { ColumnChooser } from "./column-chooser";
import { FilterBox } from "./filter-box";
import type { FilterProblem } from "./filter-error";
import { columnLabel, type KnownColumns } from "./run-columns";
import { savedViews } from "./saved-views";
import { filterOf, type TableState } from "./table-state";

type Experiments = Outputs["experiment"]["experiments"];

/** What narrows and shapes the list; all of it lives in the address. */
export function RunToolbar({
  state,
  experiments,
  known,
  shown,
  problem,
}: {
  state: TableState;
  experiments: Experiments;
  known: KnownColumns | undefined;
  shown: readonly string[];
  problem: FilterProblem | undefined;
}) {
  const { params, set } = useUrlState();
  const filter = filterOf(new URLSearchParams(params.toString()));
  return (
    <div className="filter-bar">
      <FilterBox
        value={filter}
        experimentIds={state.search.experimentIds}
        problem={problem}
        onApply={(next) => set({ filter: next, tag: null })}
      />
      <span className="end row">
        <ExperimentPicker experiments={experiments} chosen={state.search.experimentIds ?? []} />
        <GroupPicker known={known} group={state.group} />
        <ColumnChooser known={known} shown={shown} fixed={state.fixed} />
        <Views />
        <Button
          icon={Trash2}
          aria-pressed={params.has("trash")}
          onClick={() => set({ trash: params.has("trash") ? null : "1" })}
        >
          {params.has("trash") ? "Leave the trash" : "Trash"}
        </Button>
      </span>
    </div>
  );
}

function ExperimentPicker({ experiments, chosen }: { experiments: Experiments; chosen: readonly string[] }) {
  const { set } = useUrlState();
  const [one] = chosen;
  const name = experiments.find(({ id }) => id === one)?.name ?? "1 experiment";
  const label = one === undefined ? "All experiments" : chosen.length === 1 ? name : `${chosen.length} experiments`;
  const toggle = (id: string): void =>
    set({ experiment: chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id] });
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button icon={FlaskConical} title="Which experiments">
          <span className="grid-head-text max-w-[180px]">{label}</span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu-list" align="end" sideOffset={4} collisionPadding={8} aria-label="Experiments">
          <label className="menu-item">
            <input type="checkbox" checked={one === undefined} onChange={() => set({ experiment: null })} />
            All experiments
          </label>
          <div className="menu-rule" />
          {experiments.map((experiment) => (
            <label key={experiment.id} className="menu-item">
              <input type="checkbox" checked={chosen.includes(experiment.id)} onChange={() => toggle(experiment.id)} />
              <span className="grid-head-text">{experiment.name}</span>
              <span className="end">{formatCount(experiment.runs)}</span>
            </label>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const OWN_GROUPS = ["attributes.experiment", "attributes.status", "attributes.user_id", "attributes.parent"];
const OWN_WORDS: Readonly<Record<string, string>> = {
  "attributes.experiment": "Experiment",
  "attributes.status": "Status",
  "attributes.user_id": "User",
  "attributes.parent": "Parent run",
};
const MOST_LISTED = 40;

const groupLabel = (id: string): string => OWN_WORDS[id] ?? columnLabel(id);

function GroupPicker({ known, group }: { known: KnownColumns | undefined; group: string | undefined }) {
  const { set } = useUrlState();
  const entry = (id: string): MenuEntry => ({
    kind: "action",
    label: groupLabel(id),
    ...(group === id ? { hint: "shown" } : {}),
    onSelect: () => set({ group: id }),
  });
  const entries: MenuEntry[] = [
    { kind: "action", label: "No groups", onSelect: () => set({ group: null }) },
    { kind: "rule" },
    ...OWN_GROUPS.map(entry),
    { kind: "label", label: "Parameters" },
    ...(known?.params ?? []).slice(0, MOST_LISTED).map(({ key }) => entry(`params.${key}`)),
    { kind: "label", label: "Tags" },
    ...(known?.tags ?? []).slice(0, MOST_LISTED).map(({ key }) => entry(`tags.${key}`)),
  ];
  return (
    <Menu
      align="end"
      entries={entries}
      trigger={<Button icon={Group}>{group ? `Group: ${groupLabel(group)}` : "Group"}</Button>}
    />
  );
}

/** The address is the view: copy it for somebody else, or keep it here by a name. */
function Views() {
  const { scope } = useProject();
  const { params } = useUrlState();
  const toast = useToast();
  const store = useMemo(() => savedViews(`${scope.team}/${scope.project}`), [scope]);
  const views = useSyncExternalStore(store.subscribe, store.list, store.none);
  const [name, setName] = useState("");
  const copy = (): void => {
    const address = window.location.href;
    const copied = navigator.clipboard?.writeText(address) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => toast.show({ text: "Copied the link to this view" }),
      () => toast.show({ text: "This browser gives no clipboard here: copy the address itself" }),
    );
  };
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button icon={Bookmark}>Views</Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu-list" align="end" sideOffset={4} collisionPadding={8} aria-label="Views">
          <button type="button" className="menu-item w-full" onClick={copy}>
            Copy link to this view
          </button>
          <div className="menu-rule" />
          {views.map((view) => (
            <div key={view.name} className="menu-item">
              <a className="row-link" href={`?${view.query}`}>
                {view.name}
              </a>
              <button type="button" className="link-button end" onClick={() => store.remove(view.name)}>
                Remove
              </button>
            </div>
          ))}
          {views.length === 0 ? <p className="menu-label">No view is kept in this browser yet.</p> : null}
          <form
            className="row p-2"
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim() === "") return;
              store.save({ name: name.trim(), query: params.toString() });
              setName("");
            }}
          >
            <input
              className="input min-w-0 flex-1"
              aria-label="Name of the view"
              placeholder="Name this view"
              maxLength={60}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
            <Button type="submit">Save view</Button>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
