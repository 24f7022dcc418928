"use client";

import {
  CopyId,
  type DataColumn,
  DecisionInputs,
  Facts,
  formatCount,
  formatDateTime,
  Link,
  MISSING,
  Panel,
  PanelBody,
  Status,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { causeWords } from "@/page/cause-words";
import { detailPairs } from "@/page/detail-pairs";
import { featuresInWords } from "@/page/feature-words";
import { MarkdownText } from "@/page/markdown-text";
import { metricWords, orderMetrics } from "@/page/metric-words";
import { featureViewPath, jobPath, runPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { LoggedSignaturePanel } from "./logged-signature-panel";
import type { VersionPage } from "./version-view";

const gateColumns: DataColumn<VersionPage["gates"][number]>[] = [
  { id: "gate", header: "Gate", value: (row) => row.gate, primary: true, cell: (row) => <code>{row.gate}</code> },
  {
    id: "result",
    header: "Result",
    value: (row) => row.passed,
    cell: (row) => <Status tone={row.passed ? "healthy" : "breach"}>{row.passed ? "passed" : "failed"}</Status>,
  },
  {
    id: "message",
    header: "Measured, and allowed",
    value: (row) => row.message,
    sortable: false,
    wide: true,
    cell: (row) => (
      <>
        {row.message}
        <DecisionInputs inputs={detailPairs(row.measured)} />
      </>
    ),
  },
];

/** Each gate's verdict with what it measured. */
export function GatePanel({ page }: { page: VersionPage }) {
  return (
    <Panel title="Gates" note="measured before anybody is exposed">
      <RecordTable
        label="Gates"
        name="gates"
        columns={gateColumns}
        rows={page.gates}
        rowId={(row) => row.gate}
        empty="Gates are measured when a rollout of this version is asked for."
      />
    </Panel>
  );
}

/** Where the version comes from, as its maker stated it. */
export function OriginPanel({ page }: { page: VersionPage }) {
  const { base } = useProject();
  const { version, run } = page;
  const { lineage } = version;
  return (
    <Panel title="Origin">
      <PanelBody>
        <Facts
          small
          align="left"
          rows={[
            ["Cause", causeWords(version.cause)],
            [
              "Run",
              run ? (
                <Link key="run" href={runPath(base, run.id)}>
                  {run.name}
                </Link>
              ) : (
                MISSING
              ),
            ],
            [
              "Training",
              lineage.trainingJobId ? (
                <Link key="job" href={jobPath(base, lineage.trainingJobId)}>
                  {lineage.trainingJobId}
                </Link>
              ) : (
                MISSING
              ),
            ],
            [
              "Trained on",
              lineage.trainedFrom || lineage.trainedTo
                ? `${formatDateTime(lineage.trainedFrom)} to ${formatDateTime(lineage.trainedTo)} UTC`
                : MISSING,
            ],
            ["Code", lineage.codeVersion ? <code key="code">{lineage.codeVersion}</code> : MISSING],
            ...(version.source
              ? [
                  [
                    "Source",
                    <code key="source" className="break-all">
                      {version.source}
                    </code>,
                  ] as const,
                ]
              : []),
            ["Event time", version.eventTime ? `${formatDateTime(version.eventTime)} UTC` : MISSING],
            [
              "ONNX file",
              version.digest ? (
                <CopyId key="digest" value={version.digest}>
                  sha256 {version.digest.slice(0, 12)}…
                </CopyId>
              ) : (
                MISSING
              ),
            ],
          ]}
        />
        {version.description ? (
          <div className="mt-2">
            <MarkdownText text={version.description} />
          </div>
        ) : null}
      </PanelBody>
    </Panel>
  );
}

interface BindingRow {
  position: number;
  input: string;
  view: string;
  feature: string;
  words: string | null;
  unit: string | null;
}

/** Which feature feeds which element of the input tensor. */
export function BindingPanel({ page }: { page: VersionPage }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const views = useQuery(trpc.feature.list.queryOptions(scope));
  const { serving } = page.version;
  const rows = (serving?.features ?? []).map((binding, position): BindingRow => {
    const view = views.data?.find(({ name }) => name === binding.view);
    const found = view && featuresInWords(view.definition).find(({ name }) => name === binding.feature);
    return { position, ...binding, words: found?.words ?? null, unit: found?.unit ?? null };
  });
  const columns: DataColumn<BindingRow>[] = [
    { id: "position", header: "#", numeric: true, value: (row) => row.position },
    { id: "input", header: "Input", value: (row) => row.input, primary: true, cell: (row) => <code>{row.input}</code> },
    {
      id: "feature",
      header: "Fed by",
      value: (row) => `${row.view}.${row.feature}`,
      cell: (row) => (
        <Link href={featureViewPath(base, row.view)}>
          <code>
            {row.view}.{row.feature}
          </code>
        </Link>
      ),
    },
    { id: "unit", header: "Unit", value: (row) => row.unit },
    { id: "words", header: "What it is", value: (row) => row.words, sortable: false, wide: true },
  ];
  return (
    <Panel
      title="Serving"
      note={
        serving
          ? `${formatCount(rows.length)} features into tensor ${serving.tensor}, answer from ${serving.output}`
          : "cannot be deployed"
      }
    >
      <RecordTable
        label="Serving bindings"
        name="bindings"
        columns={columns}
        rows={rows}
        rowId={(row) => row.input}
        empty={
          page.version.digest
            ? "Nothing says which features feed the model's inputs yet. Register the ONNX file with a serving mapping to deploy it."
            : "Registered from files without an ONNX model. Export one and register it with a serving mapping to deploy it."
        }
      />
    </Panel>
  );
}

/** Every held-out metric that was registered. */
export function MetricPanel({ page }: { page: VersionPage }) {
  const { metrics } = page.version;
  const names = orderMetrics(Object.keys(metrics));
  return (
    <Panel
      title="Metrics"
      note={`at registration${metrics.n === undefined ? "" : `, n held out = ${formatCount(metrics.n)}`}`}
    >
      <PanelBody>
        {names.length === 0 ? (
          <p className="secondary">None were registered with it; the metric floor will refuse it.</p>
        ) : (
          <Facts
            small
            rows={names.map((name) => [metricWords(name).label, metricWords(name).text(metrics[name])] as const)}
          />
        )}
      </PanelBody>
    </Panel>
  );
}

type TensorRow = NonNullable<VersionPage["version"]["signature"]>["inputs"][number] & { side: "input" | "output" };

const tensorColumns: DataColumn<TensorRow>[] = [
  { id: "name", header: "Tensor", value: (row) => row.name, primary: true, cell: (row) => <code>{row.name}</code> },
  { id: "side", header: "Side", value: (row) => row.side },
  { id: "datatype", header: "Datatype", value: (row) => row.datatype, cell: (row) => <code>{row.datatype}</code> },
  {
    id: "shape",
    header: "Shape, −1 is free",
    value: (row) => row.shape.length,
    cell: (row) => <code>[{row.shape.join(", ").replaceAll("-", "\u2212")}]</code>,
  },
];

/** The model's tensors, as the Open Inference Protocol names them; of a model without an ONNX file what its client logged. */
export function SignaturePanel({ page }: { page: VersionPage }) {
  const { signature } = page.version;
  if (signature === null) return <LoggedSignaturePanel versionId={page.version.id} />;
  const rows: TensorRow[] = [
    ...signature.inputs.map((tensor) => ({ ...tensor, side: "input" as const })),
    ...signature.outputs.map((tensor) => ({ ...tensor, side: "output" as const })),
  ];
  return (
    <Panel title="Signature" note="tensors of the ONNX file">
      <RecordTable
        label="Tensors"
        name="tensors"
        columns={tensorColumns}
        rows={rows}
        rowId={(row) => `${row.side} ${row.name}`}
      />
    </Panel>
  );
}
