"use client";

import { type DataColumn, MISSING, Panel, PanelBody } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

type Signature = NonNullable<Outputs["model"]["loggedSignature"]>;
type SpecRow = Signature["inputs"][number] & {
  side: "input" | "output" | "parameter";
  at: number;
  preset: string | null;
};

const columns: DataColumn<SpecRow>[] = [
  { id: "name", header: "Name", primary: true, value: (row) => row.name ?? `${row.side} ${row.at + 1}`, cell: nameOf },
  { id: "side", header: "Side", value: (row) => row.side },
  { id: "type", header: "Type", value: (row) => row.type, cell: (row) => <code>{row.type}</code> },
  {
    id: "shape",
    header: "Shape, \u22121 is free",
    value: (row) => row.shape?.length ?? 0,
    cell: (row) => (row.shape === null ? MISSING : <code>[{row.shape.join(", ").replaceAll("-", "\u2212")}]</code>),
  },
  {
    id: "required",
    header: "Required",
    value: (row) => (row.preset !== null ? `no, ${row.preset}` : row.required ? "yes" : "no"),
  },
];

function nameOf(row: SpecRow) {
  return row.name === null ? <span className="secondary">unnamed</span> : <code>{row.name}</code>;
}

const rowsOf = ({ inputs, outputs, params }: Signature): SpecRow[] => [
  ...inputs.map((spec, at) => ({ ...spec, side: "input" as const, at, preset: null })),
  ...outputs.map((spec, at) => ({ ...spec, side: "output" as const, at, preset: null })),
  ...params.map(({ name, type, default: preset }, at) => ({
    ...{ name, type, shape: null, required: false },
    ...{ side: "parameter" as const, at, preset },
  })),
];

/** Columns or tensors as the client that logged the model described them. */
export function LoggedSignaturePanel({ versionId }: { versionId: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.model.loggedSignature.queryOptions({ ...scope, versionId }));
  return (
    <Panel title="Signature" note={query.data ? "as it was logged with the model" : undefined}>
      <QueryView query={query} what="signature" rows={3}>
        {(signature) =>
          signature === null ? (
            <PanelBody>
              <p className="secondary">
                None was logged. Give one with the model (<code>signature=</code> or <code>input_example=</code> in
                MLflow), or register an ONNX file.
              </p>
            </PanelBody>
          ) : (
            <RecordTable
              label="Signature"
              name="signature"
              columns={columns}
              rows={rowsOf(signature)}
              rowId={(row) => `${row.side} ${row.at}`}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}
