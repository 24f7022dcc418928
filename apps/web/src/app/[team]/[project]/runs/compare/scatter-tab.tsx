"use client";

import { Panel, PanelBody, ScatterPlot } from "@ballast/ui";
import { useMemo } from "react";
import { useUrlState } from "@/page/use-url-state";
import { columnLabel } from "../table/run-columns";
import type { SearchedRun } from "../tracking";
import { FieldSelect, LogBox, numberFormat } from "./axis-controls";
import { type CompareState, lookOf } from "./compare-state";
import { fieldNumber, metricKeys, numericFields, varyingParams } from "./fields";

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
