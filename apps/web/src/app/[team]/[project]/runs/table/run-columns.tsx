import {
  formatDateTime,
  formatDecimal,
  formatDuration,
  type GridColumn,
  Link,
  MISSING,
  oddNumberText,
  Tag,
} from "@ballast/ui";
import { CornerDownRight } from "lucide-react";
import { metricWords, orderMetrics, plainNumber } from "@/page/metric-words";
import type { Outputs } from "@/page/outputs";
import { runPath } from "@/page/record-paths";
import { StateStatus } from "@/page/states";
import { isCounter } from "../compare/metric-order.ts";
import { durationOf, isSystemMetric, loggedNumber, type SearchedRun, splitField } from "../tracking.ts";

export type KnownColumns = Outputs["experiment"]["columns"];

const NAME = "attributes.run_name";
const MOST_FIRST_METRICS = 6;
const MOST_FIRST_PARAMS = 3;
/** Read first where they exist; the others come by how many runs have them. */
const FIRST_METRICS = ["auc", "brier", "brier_skill", "rmse", "cost_micros"];

/** What the platform itself knows of a run. `sortable` as far as a search can order by it. */
const ATTRIBUTES: readonly Omit<GridColumn<SearchedRun>, "pinned">[] = [
  {
    id: "attributes.status",
    header: "Status",
    width: 104,
    text: (run) => run.state,
    cell: (run) => <StateStatus state={run.state} />,
    phone: "field",
  },
  {
    id: "attributes.start_time",
    header: "Started, UTC",
    width: 132,
    descendingFirst: true,
    text: (run) => formatDateTime(run.startedAt),
    phone: "field",
  },
  {
    id: "attributes.duration",
    header: "Duration",
    width: 96,
    numeric: true,
    sortable: false,
    text: (run) => formatDuration(durationOf(run)),
  },
  {
    id: "attributes.end_time",
    header: "Ended, UTC",
    width: 132,
    descendingFirst: true,
    text: (run) => formatDateTime(run.endedAt),
  },
  { id: "attributes.user_id", header: "User", width: 110, text: (run) => run.createdBy },
  { id: "attributes.experiment", header: "Experiment", width: 130, sortable: false, text: (run) => run.experiment },
  {
    id: "attributes.run_id",
    header: "Id",
    width: 150,
    text: (run) => run.id,
    cell: (run) => <code className="muted">{run.id}</code>,
  },
  {
    id: "attributes.inputs",
    header: "Data",
    width: 160,
    sortable: false,
    text: (run) => run.inputs.map(({ label }) => label).join(", ") || MISSING,
  },
];
const FIRST_ATTRIBUTES = ["attributes.status", "attributes.start_time", "attributes.duration"];

/** A metric's last value; NaN and ±∞ as signs. */
export function metricText(name: string, value: number | undefined): string {
  if (value === undefined) return MISSING;
  const odd = oddNumberText(value);
  if (odd) return odd;
  const size = Math.abs(value);
  // What is not known by name takes the decimals of a score where these say enough, so that a column lines up.
  const asScore = !Number.isInteger(value) && size >= 0.001 && size < 1_000;
  const { text } = metricWords(name);
  return text === plainNumber && asScore ? formatDecimal(value, 4) : text(value);
}

/** A parameter as it was logged; numbers as numbers. */
export function paramText(value: string | number | boolean | undefined): string {
  return typeof value === "number" ? plainNumber(value) : value === undefined ? MISSING : String(value);
}

/** What a field is called in the table's head and in lists of columns. */
export function columnLabel(id: string): string {
  const field = splitField(id);
  if (field?.kind === "attributes") return ATTRIBUTES.find((one) => one.id === id)?.header ?? field.key;
  return field?.kind === "metrics" ? metricWords(field.key).label : (field?.key ?? id);
}

/** Every column there is, by the heading it stands under in the chooser. */
export function columnGroups(known: KnownColumns | undefined): { title: string; ids: string[] }[] {
  const metrics = orderMetrics((known?.metrics ?? []).map(({ key }) => key));
  return [
    { title: "Run", ids: ATTRIBUTES.map(({ id }) => id) },
    { title: "Metrics", ids: metrics.map((key) => `metrics.${key}`) },
    { title: "Parameters", ids: (known?.params ?? []).map(({ key }) => `params.${key}`) },
    { title: "Tags", ids: (known?.tags ?? []).map(({ key }) => `tags.${key}`) },
  ];
}

/** Shown until somebody chooses: a few attributes, the metrics one reads first, the parameters that most runs have. */
export function firstColumns(known: KnownColumns | undefined): string[] {
  const metrics = [...(known?.metrics ?? [])].filter(({ key }) => !isSystemMetric(key));
  const common = metrics
    .sort((a, b) => Number(isCounter(a.key)) - Number(isCounter(b.key)) || b.runs - a.runs)
    .map(({ key }) => key);
  const chosen = [...FIRST_METRICS.filter((key) => common.includes(key)), ...common].slice(0, MOST_FIRST_METRICS);
  const params = [...(known?.params ?? [])].sort((a, b) => b.runs - a.runs).slice(0, MOST_FIRST_PARAMS);
  return [
    ...FIRST_ATTRIBUTES,
    ...orderMetrics(chosen).map((key) => `metrics.${key}`),
    ...params.map(({ key }) => `params.${key}`),
  ];
}

function fieldColumn(id: string): GridColumn<SearchedRun> | undefined {
  const attribute = ATTRIBUTES.find((one) => one.id === id);
  if (attribute) return attribute;
  const field = splitField(id);
  if (!field) return undefined;
  const { kind, key } = field;
  if (kind === "metrics") {
    const words = metricWords(key);
    return {
      id,
      header: words.label,
      hint: `Metric ${key}, the last value logged`,
      width: Math.min(180, Math.max(92, 30 + words.label.length * 7)),
      numeric: true,
      descendingFirst: words.better === "higher",
      text: (run) => metricText(key, loggedNumber(run.metrics[key]?.last)),
      phone: "field",
    };
  }
  if (kind === "params") {
    return {
      id,
      header: key,
      hint: `Parameter ${key}`,
      width: Math.min(200, Math.max(88, 30 + key.length * 7)),
      text: (run) => paramText(run.params[key]),
      phone: "field",
    };
  }
  if (kind === "tags")
    return { id, header: key, hint: `Tag ${key}`, width: 130, text: (run) => run.tags[key] ?? MISSING };
  return undefined;
}

/** The table's columns: what marks a run and its name, then what was chosen. */
export function runColumns({
  base,
  shown,
  widths,
  fixed,
  mark,
}: {
  base: string;
  shown: readonly string[];
  widths: ReadonlyMap<string, number>;
  fixed: readonly string[];
  /** The controls before a run's name. */
  mark: NonNullable<GridColumn<SearchedRun>["cell"]>;
}): GridColumn<SearchedRun>[] {
  const marks: GridColumn<SearchedRun> = {
    id: "mark",
    header: "Marks",
    hideHeader: true,
    width: 96,
    pinned: true,
    resizable: false,
    sortable: false,
    text: () => "",
    cell: mark,
    phone: "name",
  };
  const name: GridColumn<SearchedRun> = {
    id: NAME,
    header: "Run",
    width: 200,
    pinned: true,
    text: (run) => run.name,
    cell: (run) => <RunName run={run} base={base} />,
    phone: "name",
  };
  const rest = shown.flatMap((id) => {
    const column = fieldColumn(id);
    return column ? [fixed.includes(id) ? { ...column, pinned: true } : column] : [];
  });
  return [marks, name, ...rest].map((column) => {
    const width = widths.get(column.id);
    return width === undefined ? column : { ...column, width };
  });
}

function RunName({ run, base }: { run: SearchedRun; base: string }) {
  return (
    <span className="run-name">
      {run.parentId ? (
        <span title={`Nested in ${run.parentId}`}>
          <CornerDownRight className="icon muted" size={12} strokeWidth={1.75} aria-label="Nested" />
        </span>
      ) : null}
      <Link className="row-link" href={runPath(base, run.id)} title={run.name} prefetch={false}>
        {run.name}
      </Link>
      {run.tags["mlflow.parentRunId"] === undefined && run.tags.kind ? <Tag>{run.tags.kind}</Tag> : null}
    </span>
  );
}
