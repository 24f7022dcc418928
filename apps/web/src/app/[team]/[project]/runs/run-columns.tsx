import {
  CopyId,
  type DataColumn,
  formatDay,
  formatDuration,
  Link,
  RelativeTime,
  type SeriesColor,
  Swatch,
  Tag,
} from "@ballast/ui";
import { bestOf, metricWords, orderMetrics, plainNumber } from "@/page/metric-words";
import type { Outputs } from "@/page/outputs";
import { runPath, splitVersionLabel } from "@/page/record-paths";
import { StateStatus } from "@/page/states";

export type Run = Outputs["experiment"]["runs"]["runs"][number];

const COLORS: readonly SeriesColor[] = ["s1", "s2", "s3", "s4", "s5", "s6", "s7"];
/** Shown unless the address says otherwise. */
const FIRST_METRICS = ["auc", "brier", "brier_skill", "rmse", "rows_train", "cost_micros"];
const MOST_FIRST_PARAMS = 2;

/** The colour of the n-th compared run. */
export const compareColor = (index: number): SeriesColor => COLORS[index] ?? "s8";

/** Milliseconds from start to end; null while it runs. */
export function durationOf(run: Pick<Run, "startedAt" | "endedAt">): number | null {
  return run.endedAt ? run.endedAt.getTime() - run.startedAt.getTime() : null;
}

/** The model version that a run made, as "v3". */
function madeVersion(run: Pick<Run, "outputs">): string | null {
  const label = run.outputs.find(({ kind }) => kind === "model_version")?.label;
  const version = label ? splitVersionLabel(label)?.version : undefined;
  return version === undefined ? null : `v${version}`;
}

/** A parameter as it was logged; numbers as numbers. */
export function paramText(value: string | number | boolean | undefined): string {
  return typeof value === "number" ? plainNumber(value) : value === undefined ? "\u2014" : String(value);
}

/** Columns that can be shown beyond the fixed ones: `metric:…` and `param:…` of the runs at hand. */
export function optionalColumns(runs: readonly Run[]): { metrics: string[]; params: string[]; first: string[] } {
  const metrics = orderMetrics(runs.flatMap((run) => Object.keys(run.metrics)));
  const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort();
  // A parameter that is the same everywhere tells runs apart no better than none.
  const varying = params.filter((name) => new Set(runs.map((run) => run.params[name])).size > 1);
  const first = [
    ...FIRST_METRICS.filter((name) => metrics.includes(name)).map((name) => `metric:${name}`),
    ...varying.slice(0, MOST_FIRST_PARAMS).map((name) => `param:${name}`),
  ];
  return { metrics: metrics.map((name) => `metric:${name}`), params: params.map((name) => `param:${name}`), first };
}

/** What a column is called in the table's head and in the list of columns. */
export function columnLabel(id: string): string {
  const name = id.slice(id.indexOf(":") + 1);
  return id.startsWith("metric:") ? metricWords(name).label : name;
}

export function runColumns({
  base,
  runs,
  shown,
  compared,
  toggle,
}: {
  base: string;
  runs: readonly Run[];
  /** Ids of the optional columns. */
  shown: readonly string[];
  compared: readonly string[];
  toggle: (id: string) => void;
}): DataColumn<Run>[] {
  return [
    {
      id: "compare",
      header: "Compare",
      hideHeader: true,
      sortable: false,
      value: () => null,
      cell: (row) => <ComparePick run={row} index={compared.indexOf(row.id)} toggle={toggle} />,
    },
    {
      id: "name",
      header: "Run",
      value: (row) => row.name,
      primary: true,
      cell: (row) => (
        <span className="sm:whitespace-nowrap">
          <Link className="row-link" href={runPath(base, row.id)}>
            {row.name}
          </Link>{" "}
          {madeVersion(row) ? <Tag>{madeVersion(row)}</Tag> : null}
        </span>
      ),
    },
    {
      id: "id",
      header: "Id",
      sortable: false,
      value: (row) => row.id,
      cell: (row) => <CopyId value={row.id}>{row.id.slice(0, 13)}…</CopyId>,
    },
    {
      id: "state",
      header: "Status",
      sortable: false,
      value: (row) => row.state,
      cell: (row) => <StateStatus state={row.state} />,
    },
    {
      id: "started",
      header: "Started",
      descendingFirst: true,
      value: (row) => row.startedAt,
      cell: (row) => (
        <span className="sm:whitespace-nowrap">
          <RelativeTime at={row.startedAt} />
        </span>
      ),
    },
    {
      id: "event_time",
      header: "Event day",
      descendingFirst: true,
      value: (row) => row.eventTime,
      cell: (row) => <span className="sm:whitespace-nowrap">{formatDay(row.eventTime, { year: true })}</span>,
    },
    {
      id: "duration",
      header: "Duration",
      numeric: true,
      sortable: false,
      value: (row) => durationOf(row),
      cell: (row) => formatDuration(durationOf(row)),
    },
    ...shown.map((id) => optionalColumn(id, runs)),
  ];
}

function optionalColumn(id: string, runs: readonly Run[]): DataColumn<Run> {
  const name = id.slice(id.indexOf(":") + 1);
  if (id.startsWith("param:")) {
    return {
      id,
      header: name,
      numeric: runs.every((run) => typeof run.params[name] !== "string"),
      value: (row) => row.params[name],
      cell: (row) => paramText(row.params[name]),
    };
  }
  const words = metricWords(name);
  const best = bestOf(
    name,
    runs.map((run) => run.metrics[name]),
  );
  return {
    id,
    header: words.label,
    numeric: true,
    descendingFirst: words.better === "higher",
    value: (row) => row.metrics[name],
    cell: (row) => (
      <span className={best !== undefined && row.metrics[name] === best ? "best" : undefined}>
        {words.text(row.metrics[name])}
      </span>
    ),
  };
}

function ComparePick({ run, index, toggle }: { run: Run; index: number; toggle: (id: string) => void }) {
  return (
    <label className="inline-flex min-h-[24px] min-w-[24px] items-center gap-2">
      <input type="checkbox" aria-label={`Compare ${run.name}`} checked={index >= 0} onChange={() => toggle(run.id)} />
      {index >= 0 ? <Swatch color={compareColor(index)} /> : null}
      <span className="only-phone">Compare</span>
    </label>
  );
}
