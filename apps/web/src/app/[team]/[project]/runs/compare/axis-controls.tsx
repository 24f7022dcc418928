"use client";

import { oddNumberText, Select } from "@ballast/ui";
import { useId } from "react";
import { metricWords, plainNumber } from "@/page/metric-words";
import { columnLabel } from "../table/run-columns";
import { splitField } from "../tracking";

/** How the numbers of a field are written; NaN and ±∞ as signs. */
export function numberFormat(id: string): (value: number) => string {
  const field = splitField(id);
  const text = field?.kind === "metrics" ? metricWords(field.key).text : plainNumber;
  return (value) => oddNumberText(value) ?? text(value);
}

/** Chooses the field that an axis shows. */
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

/** Turns an axis to a log scale and back. */
export function LogBox({ label, on, onChange }: { label: string; on: boolean; onChange: () => void }) {
  return (
    <label className="row small">
      <input type="checkbox" checked={on} onChange={onChange} />
      {label}
    </label>
  );
}
