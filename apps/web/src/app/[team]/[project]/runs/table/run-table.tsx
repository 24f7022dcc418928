"use client";

import { Button, DataGrid, formatCount, Note, type SeriesColor, type SortOrder } from "@ballast/ui";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { requestIdOf } from "@/page/request-id";
import { toggled } from "@/page/toggled";
import type { Transferred } from "@/page/transfer/transfer-words";
import { useKeys } from "@/page/use-key";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useUrlState } from "@/page/use-url-state";
import { MOST_COMPARED, type SearchedRun, splitField } from "../tracking";
import { runColumns } from "./run-columns";
import { type RunActs, RunMark } from "./run-mark";
import type { RunSnapshot, RunStore } from "./run-store";
import { SelectionBar } from "./selection-bar";
import { orderText, type TableState } from "./table-state";
import { useLines } from "./use-lines";
import { useRunActs, useRunMarks } from "./use-run-acts";
import { useRunsById } from "./use-runs";
import { useSelection } from "./use-selection";

/** Lines beyond the last one in view that should be there before anybody gets to them. */
const AHEAD = 300;

/** What is picked, with its experiment where it is of one. */
function asTransferred(picked: readonly SearchedRun[]): Transferred {
  const [experiment = "", another] = new Set(picked.map((run) => run.experiment));
  return { kind: "runs", runs: picked, experiment: another === undefined ? experiment : "" };
}

const colorValue = (color: SeriesColor): string => `var(--${color})`;

/** The table itself: lines, marks, keys, and what is done with the picked runs. */
export function RunTable({
  state,
  runs,
  store,
  shown,
}: {
  state: TableState;
  runs: RunSnapshot;
  store: RunStore;
  shown: readonly string[];
}) {
  const { base } = useProject();
  const router = useRouter();
  const { params, set } = useUrlState();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const shownKey = shown.join("\n");
  const metrics = useMemo(
    () => shownKey.split("\n").flatMap((id) => (id.startsWith("metrics.") ? [splitField(id)?.key ?? ""] : [])),
    [shownKey],
  );
  const pinKey = state.pins.join("\n");
  const pins = useMemo(() => (pinKey === "" ? [] : pinKey.split("\n")), [pinKey]);
  const pinned = useRunsById(pins).runs;
  const lines = useLines({ runs, pinned, group: state.group, closed, metrics });
  const selection = useSelection(lines, params.getAll("run"));
  const acts = useRunActs(store);
  const refresh = useRefresh();
  const marks = useRunMarks(state.pins, state.colors);
  const { group } = state;
  // Groups need every run that is in them.
  useEffect(() => {
    if (group) store.need(Number.MAX_SAFE_INTEGER);
  }, [group, store]);

  const inTrash = state.search.view === "deleted";
  const rowActs: RunActs = {
    ...marks,
    select: (_, index, keys) => selection.pick(index, keys),
    rename: acts.rename,
    trash: inTrash ? undefined : acts.trash && ((run) => acts.trash?.([run])),
    restore: inTrash ? acts.restore && ((run) => acts.restore?.([run])) : undefined,
  };
  const columns = useColumns({ state, shown, base, acts: rowActs });
  const picked = lines.runs.filter(({ id }) => selection.selected.has(id));
  const ids = [...selection.selected];
  const compareHref = `${base}/runs/compare?${new URLSearchParams([
    ...ids.slice(0, MOST_COMPARED).map((id) => ["run", id]),
    ...ids.flatMap((id) => (state.colors.has(id) ? [["color", `${id}:${state.colors.get(id)}`]] : [])),
  ])}`;
  const after = (act: ((chosen: readonly SearchedRun[]) => void) | undefined) =>
    act &&
    (() => {
      act(picked);
      selection.clear();
    });
  const moved = (): void => {
    store.remove(ids);
    selection.clear();
    void refresh();
  };
  useKeys({
    j: (keys) => selection.move(1, keys),
    k: (keys) => selection.move(-1, keys),
    x: () => selection.active && selection.pick(lines.indexOf(selection.active), { shift: false }),
    c: () => ids.length > 0 && router.push(compareHref),
    o: () => selection.active && marks.open({ id: selection.active }),
    Escape: () => selection.clear(),
  });

  const { colors, order } = state;
  const sort = useMemo(() => ({ column: order.by, descending: order.descending }), [order.by, order.descending]);
  const onSort = useCallback(
    ({ column, descending }: SortOrder) => set({ sort: orderText({ by: column, descending }) }),
    [set],
  );
  const onVisible = useCallback(
    (_first: number, last: number) => {
      if (!group) store.need(last + AHEAD);
    },
    [store, group],
  );
  return (
    <>
      <div className="grid gap-2 px-4 empty:hidden">{acts.dialogs}</div>
      <LoadState runs={runs} store={store} grouped={group !== undefined} />
      {lines.count === 0 ? (
        <p className="panel-body secondary">{inTrash ? "The trash holds no run." : "No run fits this filter."}</p>
      ) : (
        <DataGrid
          label="Runs"
          columns={columns}
          count={lines.count}
          lineAt={lines.lineAt}
          sort={sort}
          onSort={onSort}
          onResize={(column, width) => {
            const widths = new Map(state.widths).set(column, width);
            set({ w: [...widths].map(([id, one]) => `${id}:${one}`) });
          }}
          isSelected={selection.isSelected}
          colorOf={(id) => {
            const color = colors.get(id);
            return color ? colorValue(color) : undefined;
          }}
          active={selection.active}
          reveal={selection.reveal}
          onPress={(index, keys) => {
            if (keys.shift || keys.toggle) selection.pick(index, keys);
            else selection.activate(lines.lineAt(index)?.id);
          }}
          onToggleGroup={(id) => setClosed((known) => toggled(known, id))}
          onVisible={onVisible}
        />
      )}
      {selection.selected.size > 0 ? (
        <SelectionBar
          count={selection.selected.size}
          compareHref={compareHref}
          trash={inTrash ? undefined : after(acts.trash)}
          restore={inTrash ? after(acts.restore) : undefined}
          transfer={inTrash || !acts.trash ? undefined : { of: asTransferred(picked), onMoved: moved }}
          clear={selection.clear}
        />
      ) : null}
    </>
  );
}

/** Columns stay the same objects while nothing of theirs changes: every line in view is drawn again otherwise. */
function useColumns({
  state,
  shown,
  base,
  acts,
}: {
  state: TableState;
  shown: readonly string[];
  base: string;
  acts: RunActs;
}) {
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  const key = JSON.stringify([shown, [...state.widths], state.fixed, state.pins, base]);
  const mayChange = `${acts.rename !== undefined} ${acts.trash !== undefined} ${acts.restore !== undefined}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key holds everything that columns are made from
  return useMemo(() => {
    const stable: RunActs = {
      select: (...args) => latest.current.select(...args),
      open: (run) => latest.current.open(run),
      pin: (run) => latest.current.pin(run),
      color: (run, color) => latest.current.color(run, color),
      rename: acts.rename && ((run) => latest.current.rename?.(run)),
      trash: acts.trash && ((run) => latest.current.trash?.(run)),
      restore: acts.restore && ((run) => latest.current.restore?.(run)),
    };
    return runColumns({
      base,
      shown,
      widths: state.widths,
      fixed: state.fixed,
      mark: (run, cell) => <RunMark run={run} state={cell} pinned={state.pins.includes(run.id)} acts={stable} />,
    });
  }, [key, mayChange]);
}

/** What is still coming, and what could not be read. */
function LoadState({ runs, store, grouped }: { runs: RunSnapshot; store: RunStore; grouped: boolean }) {
  if (runs.error) {
    return (
      <div className="panel-body">
        <Note tone="warning" alert>
          The runs after the first {formatCount(runs.rows.length)} could not be read. {runs.error.message}{" "}
          {requestIdOf(runs.error) ? <>Request {requestIdOf(runs.error)}. </> : null}
          <Button size="small" onClick={() => store.retry()}>
            Try again
          </Button>
        </Note>
      </div>
    );
  }
  if (!grouped || runs.complete) return null;
  return (
    <p className="panel-body small muted" role="status">
      Grouping {formatCount(runs.rows.length)} of {formatCount(runs.total)} runs; the others are being read.
    </p>
  );
}
