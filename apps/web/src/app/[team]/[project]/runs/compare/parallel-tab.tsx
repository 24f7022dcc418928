"use client";

import { Panel, PanelBody, ParallelPlot, type ParallelPlotAxis } from "@ballast/ui";
import { useMemo, useState } from "react";
import { metricWords, plainNumber } from "@/page/metric-words";
import { useUrlState } from "@/page/use-url-state";
import { columnLabel, paramText } from "../table/run-columns";
import { isSystemMetric, type SearchedRun, splitField } from "../tracking";
import { type CompareState, lookOf } from "./compare-state";
import { FieldChooser } from "./field-chooser";
import { fieldNumber, metricKeys, paramKeys, varyingParams } from "./fields";

const MOST_FIRST_PARAMS = 5;
const MOST_FIRST_METRICS = 3;
/** A parameter of more texts than this says nothing on an axis. */
const MOST_CATEGORIES = 30;
/** Where runs without the parameter cross its axis. */
const NOT_SET = "not set";

/** Parameters and metrics as axes, each run a line across them. */
export function ParallelTab({ runs, state }: { runs: readonly SearchedRun[]; state: CompareState }) {
  const { params, set } = useUrlState();
  const [kept, setKept] = useState<readonly string[]>();
  const all = useMemo(
    () => [...paramKeys(runs).map((key) => `params.${key}`), ...metricKeys(runs).map((key) => `metrics.${key}`)],
    [runs],
  );
  const chosen = params.getAll("axis").filter((id) => all.includes(id));
  const shown = chosen.length > 0 ? chosen : firstAxes(runs);
  const key = shown.join("\n");
  const axes = useMemo(() => key.split("\n").flatMap((id) => axisOfField(id, runs) ?? []), [key, runs]);
  const lines = useMemo(
    () =>
      runs.map((run) => ({
        id: run.id,
        label: run.name,
        ...lookOf(run.id, state.ids.indexOf(run.id), state.colors),
        values: axes.map((axis) => valueOn(axis, run)),
      })),
    [runs, axes, state],
  );
  const names = kept && runs.filter(({ id }) => kept.includes(id)).map(({ name }) => name);
  return (
    <Panel
      title="Parameters and metrics"
      note="drag along an axis to keep the runs that cross it there"
      actions={
        <FieldChooser
          label="Axes"
          all={all}
          shown={shown}
          nameOf={columnLabel}
          onChange={(next) => set({ axis: next })}
        />
      }
    >
      <PanelBody>
        {axes.length < 2 ? (
          <p className="secondary">Choose at least two axes: nothing varies between these runs.</p>
        ) : (
          <ParallelPlot
            title="Parallel coordinates"
            summary={`${runs.length} runs across ${axes.map(({ label }) => label).join(", ")}.`}
            axes={axes}
            runs={lines}
            onBrush={setKept}
            height={340}
          />
        )}
        <p className="chart-summary mt-2" role="status">
          {names
            ? `${names.length} of ${runs.length} runs within the brushed ranges: ${names.slice(0, 12).join(", ")}${names.length > 12 ? " and more" : ""}.`
            : `${runs.length} runs. The better end of a metric is on top where it has one.`}
        </p>
      </PanelBody>
    </Panel>
  );
}

function firstAxes(runs: readonly SearchedRun[]): string[] {
  const metrics = metricKeys(runs).filter((key) => !isSystemMetric(key));
  return [
    ...varyingParams(runs)
      .slice(0, MOST_FIRST_PARAMS)
      .map((key) => `params.${key}`),
    ...metrics.slice(0, MOST_FIRST_METRICS).map((key) => `metrics.${key}`),
  ];
}

function axisOfField(id: string, runs: readonly SearchedRun[]): ParallelPlotAxis | undefined {
  const field = splitField(id);
  if (!field) return undefined;
  const numbers = runs.map((run) => fieldNumber(run, id)).filter((value) => value !== undefined);
  if (field.kind === "metrics") {
    const words = metricWords(field.key);
    return { id, label: words.label, kind: "number", inverse: words.better === "lower", format: words.text };
  }
  const texts = [...new Set(runs.map((run) => run.params[field.key]).filter((value) => value !== undefined))];
  if (numbers.length > 0 && numbers.length === runs.filter((run) => run.params[field.key] !== undefined).length) {
    const spread = Math.max(...numbers) / Math.min(...numbers);
    const log = numbers.every((value) => value > 0) && spread >= 1_000;
    return { id, label: field.key, kind: log ? "log" : "number", format: plainNumber };
  }
  if (texts.length > MOST_CATEGORIES) return undefined;
  const some = runs.some((run) => run.params[field.key] === undefined);
  const categories = [...texts.map(paramText).sort(), ...(some ? [NOT_SET] : [])];
  return { id, label: field.key, kind: "category", categories, format: plainNumber };
}

function valueOn(axis: ParallelPlotAxis, run: SearchedRun): number | string | undefined {
  if (axis.kind !== "category") {
    const value = fieldNumber(run, axis.id);
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  }
  const value = run.params[splitField(axis.id)?.key ?? ""];
  return value === undefined ? NOT_SET : paramText(value);
}
