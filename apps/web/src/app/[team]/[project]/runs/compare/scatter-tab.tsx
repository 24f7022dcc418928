"use client";

import { Panel, PanelBody, ScatterPlot, Select } from "@ballast/ui";
import { useId, useMemo } from "react";
import { metricWords, plainNumber } from "@/page/metric-words";
import { useUrlState } from "@/page/use-url-state";
import { columnLabel } from "../table/run-columns";
import { oddNumberText, type SearchedRun, splitField } from "../tracking";
import { type CompareState, lookOf } from "./compare-state";
import { fieldNumber, metricKeys, numericFields, varyingParams } from "./fields";

/** How the numbers of a field are written; NaN and ±∞ as signs. */
export function numberFormat(id: string): (value: number) => string {
  const field = splitField(id);
  const text = field?.kind === "metrics" ? metricWords(field.key).text : plainNumber;
  return (value) => oddNumberText(value) ?? text(value);
}

/** One field of the runs against another. */
export function ScatterTab({ runs, state }: { runs: readonly SearchedRun[]; state: CompareState }) {
  const { params, set } = useUrlState();
  const fields = useMemo(() => numericFields(runs), [runs]);
  const [metric] = metricKeys(runs);
  const varying = varyingParams(runs).map((key) => `params.${key}`);
  const x = known(params.get("sx"), fields) ?? varying.find((id) => fields.includes(id)) ?? fields[0];
  const y = known(params.get("sy"), fields) ?? (metric ? `metrics.${metric}` : fields[1]);
  const [xLog, yLog] = [state.xLog, state.yLog];
  const xAxis = useMemo(() => x && { label: columnLabel(x), log: xLog, format: numberFormat(x) }, [x, xLog]);
  const yAxis = useMemo(() => y && { label: columnLabel(y), log: yLog, format: numberFormat(y) }, [y, yLog]);
  const points = useMemo(
    () =>
      runs.flatMap((run) => {
        const [px, py] = [x && fieldNumber(run, x), y && fieldNumber(run, y)];
        if (typeof px !== "number" || typeof py !== "number") return [];
        const { color } = lookOf(run.id, state.ids.indexOf(run.id), state.colors);
        return [{ id: run.id, label: run.name, color, x: px, y: py }];
      }),
    [runs, x, y, state],
  );
  if (!x || !y || !xAxis || !yAxis) {
    return (
      <Panel>
        <PanelBody>
          <p className="secondary">These runs share no two numbers to draw against each other.</p>
        </PanelBody>
      </Panel>
    );
  }
  return (
    <Panel>
      <div className="filter-bar">
        <FieldSelect label="Across" fields={fields} value={x} onChange={(id) => set({ sx: id })} />
        <LogBox label="log x" on={xLog} onChange={() => set({ logx: xLog ? null : "1" })} />
        <FieldSelect label="Up" fields={fields} value={y} onChange={(id) => set({ sy: id })} />
        <LogBox label="log y" on={yLog} onChange={() => set({ logy: yLog ? null : "1" })} />
      </div>
      <PanelBody>
        <ScatterPlot
          title={`${columnLabel(y)} against ${columnLabel(x)}`}
          summary={`${points.length} runs.`}
          points={points}
          x={xAxis}
          y={yAxis}
          height={380}
        />
      </PanelBody>
    </Panel>
  );
}

const known = (id: string | null, fields: readonly string[]): string | undefined =>
  id !== null && fields.includes(id) ? id : undefined;

export function FieldSelect({
  label,
  fields,
  value,
  onChange,
}: {
  label: string;
  fields: readonly string[];
  value: string;
  onChange: (id: string) => void;
}) {
  const id = useId();
  return (
    <span className="row small">
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        className="!w-auto max-w-[220px]"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {fields.map((id) => (
          <option key={id} value={id}>
            {columnLabel(id)}
          </option>
        ))}
      </Select>
    </span>
  );
}

export function LogBox({ label, on, onChange }: { label: string; on: boolean; onChange: () => void }) {
  return (
    <label className="row small">
      <input type="checkbox" checked={on} onChange={onChange} />
      {label}
    </label>
  );
}
