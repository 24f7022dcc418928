"use client";

import { CopyId, Facts, formatBytes, formatCount, formatDateTime, MISSING } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { MarkdownText } from "@/page/markdown-text";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { jsonTable, separatedTable, type TextTable } from "./table-text";

type Preview = Outputs["artifact"]["preview"];
type Content<Kind extends Preview["content"]["kind"]> = Extract<Preview["content"], { kind: Kind }>;

/** A look at one file: a picture, a table, text, or what a model says of itself. */
export function PreviewPanel({ ownerId, path }: { ownerId: string; path: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.artifact.preview.queryOptions({ ...scope, ownerId, path }, { staleTime: 60_000 }));
  return (
    <QueryView query={query} what="file's contents">
      {(preview) => (
        <div className="grid gap-3">
          <div className="row">
            <h2 className="text-14 font-semibold break-all">{preview.path}</h2>
            <span className="muted small">
              {formatBytes(preview.sizeBytes)}, {formatDateTime(preview.createdAt)} UTC
            </span>
            <CopyId value={preview.digest}>{preview.digest.slice(0, 12)}…</CopyId>
          </div>
          <ContentView preview={preview} />
        </div>
      )}
    </QueryView>
  );
}

const REASONS: Readonly<Record<Content<"none">["reason"], string>> = {
  large: "This file is too large to be shown here. Its size and digest stand above.",
  binary: "This file is no text, picture, table or ONNX model, so there is nothing to show of it.",
  broken: "This file is named like an ONNX model and cannot be read as one.",
};

function ContentView({ preview }: { preview: Preview }) {
  const { content, path } = preview;
  switch (content.kind) {
    case "image":
      return (
        // biome-ignore lint/performance/noImgElement: bytes from the artifact store, not an asset that a server could resize
        <img className="artifact-picture" src={`data:${content.mediaType};base64,${content.base64}`} alt={path} />
      );
    case "onnx":
      return <OnnxView model={content.model} />;
    case "text":
      return <TextView path={path} content={content} />;
    case "none":
      return <p className="secondary">{REASONS[content.reason]}</p>;
  }
}

function TextView({ path, content }: { path: string; content: Content<"text"> }) {
  const { text, truncated } = content;
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  const read = useMemo(() => readText(ending, text, truncated), [ending, text, truncated]);
  if (text === "") return <p className="secondary">The file is empty.</p>;
  return (
    <>
      {read.kind === "table" ? <TableView table={read.table} cut={truncated} /> : null}
      {read.kind === "markdown" ? <MarkdownText text={text} /> : null}
      {read.kind === "text" ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <pre className="artifact-text" tabIndex={0}>
          {read.text}
        </pre>
      ) : null}
      {truncated ? (
        <p className="chart-summary">The beginning of the file: it is longer than what is read here.</p>
      ) : null}
    </>
  );
}

type ReadText = { kind: "table"; table: TextTable } | { kind: "markdown" } | { kind: "text"; text: string };

function readText(ending: string | undefined, text: string, truncated: boolean): ReadText {
  if (ending === "csv" || ending === "tsv") {
    const table = separatedTable(text, ending === "csv" ? "," : "\t", truncated);
    if (table) return { kind: "table", table };
  }
  if (ending === "md") return { kind: "markdown" };
  if (ending === "json" && !truncated) {
    try {
      const value: unknown = JSON.parse(text);
      const table = jsonTable(value);
      return table ? { kind: "table", table } : { kind: "text", text: JSON.stringify(value, null, 2) };
    } catch {
      // Named JSON and none: shown as the text it is.
    }
  }
  return { kind: "text", text };
}

function TableView({ table, cut }: { table: TextTable; cut: boolean }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="chart-table artifact-text" tabIndex={0} aria-label="Contents">
        <table className="data-table">
          <thead>
            <tr>
              {table.columns.map((column, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns of a file may share a name and never move
                <th key={index} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other identity and never move
              <tr key={index}>
                {table.columns.map((column, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={at} data-label={column}>
                    {row[at]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="chart-summary">
        {table.rows.length < table.total ? `The first ${formatCount(table.rows.length)} of ` : ""}
        {formatCount(table.total)} rows{cut ? " in the part that was read" : ""}, {table.columns.length} columns.
      </p>
    </>
  );
}

const shapeText = (shape: readonly number[] | null): string =>
  shape === null ? MISSING : `[${shape.map((size) => (size < 0 ? "any" : size)).join(", ")}]`;

function OnnxView({ model }: { model: Content<"onnx">["model"] }) {
  const tensors = (title: string, list: typeof model.inputs) => (
    <div>
      <h3 className="mb-1 font-medium">{title}</h3>
      <Facts
        small
        align="left"
        rows={list.map(({ name, datatype, shape }) => [
          name,
          <code key={name}>{`${datatype} ${shapeText(shape)}`}</code>,
        ])}
      />
    </div>
  );
  return (
    <div className="grid gap-4">
      {tensors("Inputs", model.inputs)}
      {tensors("Outputs", model.outputs)}
      <Facts
        small
        align="left"
        rows={[
          ["Producer", `${model.producer} ${model.producerVersion}`.trim() || MISSING],
          [
            "Operator sets",
            Object.entries(model.opsets)
              .map(([domain, version]) => `${domain || "ai.onnx"} ${version}`)
              .join(", "),
          ],
          ["Operators", model.operators.map(({ opType, count }) => `${opType} × ${count}`).join(", ")],
        ]}
      />
    </div>
  );
}
