import type { LoggedSpec } from "./logged-signature.ts";
import type { ModelCard } from "./model-card.ts";

/** Text that Markdown takes for nothing but text, on one line. */
const plain = (text: string) => text.replace(/[\\`*_{}[\]<>()#+!|~]/g, "\\$&").replace(/\s+/g, " ");
const cell = (value: string | number | null) => (value === null ? "–" : plain(String(value)));

function table(head: string[], rows: (string | number | null)[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((row) => line(row.map(cell)))].join("\n");
}

const figure = (value: number | null) => (value === null ? null : String(Number(value.toPrecision(6))));
const micros = (value: number | null, currency: string) =>
  value === null ? "–" : `${Number((value / 1e6).toPrecision(4))} ${currency}`.trim();
const day = (iso: string | null) => iso?.slice(0, 10) ?? "?";

function trainingText({ training }: ModelCard): string {
  const lines = [
    training.from || training.to
      ? `Event time ${day(training.from)} to ${day(training.to)}.`
      : "The range of its data was not recorded.",
    training.run ? `Run: ${plain(training.run.name)} (\`${training.run.id}\`).` : "No run is recorded.",
    training.code ? `Code: \`${training.code.replaceAll("`", "")}\`.` : "",
  ].filter((line) => line !== "");
  const data = training.data.map(({ label, rows, state }) => [label, rows, state]);
  const params = Object.entries(training.parameters);
  return [
    lines.join(" "),
    data.length > 0 ? table(["Data", "Rows", "State"], data) : "No dataset version is recorded.",
    training.featureViews.length > 0
      ? table(
          ["Feature view", "Version"],
          training.featureViews.map((view) => [view.name, view.version]),
        )
      : "",
    params.length > 0 ? table(["Parameter", "Value"], params) : "",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function liveText({ live, drift }: ModelCard): string {
  const performance =
    live.length === 0
      ? "It has no matured day with outcomes yet."
      : table(
          ["Deployment", "Days", "As champion", "From", "To", "Labelled rows", "AUC", "Brier", "Brier skill"],
          live.map((one) => [
            ...[one.deployment, one.days, one.championDays, one.from, one.to, one.labelled],
            ...[figure(one.auc), figure(one.brier), figure(one.brierSkill)],
          ]),
        );
  const drifted =
    drift.days === 0
      ? "No day on which it served was checked for drift yet."
      : drift.columns.length === 0
        ? `No column drifted on the ${drift.days} days it served.`
        : table(
            ["Column", `Days with drift, of ${drift.days} served`],
            drift.columns.map(({ column, days }) => [column, days]),
          );
  return `${performance}\n\n### Drift\n\n${drifted}`;
}

function approvalText({ approvals }: ModelCard): string {
  if (approvals.length === 0) return "None was asked for.";
  return table(
    ["Alias", "State", "Asked by", "Decisions"],
    approvals.map((approval) => [
      approval.alias,
      approval.state,
      approval.requestedBy,
      approval.decisions
        .map(
          ({ by, approved, reason }) => `${approved ? "approved" : "rejected"} by ${by}${reason ? `: ${reason}` : ""}`,
        )
        .join("; ") || null,
    ]),
  );
}

function interfaceText({ signature, loggedSignature, serving, example }: ModelCard): string {
  const parts: string[] = [];
  if (loggedSignature !== null) {
    const rows = (side: string, specs: LoggedSpec[]) =>
      specs.map(({ name, type, shape, required }) => [
        ...[side, name, type, shape && `[${shape.join(", ")}]`],
        side === "input" && !required ? "no" : null,
      ]);
    const { inputs, outputs } = loggedSignature;
    parts.push(
      table(["Side", "Name", "Type", "Shape", "Required"], [...rows("input", inputs), ...rows("output", outputs)]),
    );
  } else if (signature === null)
    parts.push("Neither an ONNX model nor a signature was logged with it, so its inputs are not known.");
  if (signature !== null) {
    const rows = [
      ...signature.inputs.map((spec) => ["input", spec.name, spec.datatype, `[${spec.shape.join(", ")}]`]),
      ...signature.outputs.map((spec) => ["output", spec.name, spec.datatype, `[${spec.shape.join(", ")}]`]),
    ];
    parts.push(table(["Side", "Tensor", "Datatype", "Shape"], rows));
  }
  if (serving !== null) {
    parts.push(
      table(
        ["Input", "Fed by"],
        serving.features.map(({ input, view, feature }) => [input, `${view}.${feature}`]),
      ),
    );
  }
  if (example?.kind === "rows") {
    const rows = example.rows.map((row, i) => [...row, example.predictions[i] ?? null]);
    parts.push(
      `Held-out rows with what the trainer predicts:\n\n${table([...example.columns.map(plain), "prediction"], rows)}`,
    );
  }
  if (example?.kind === "file") {
    const fence = "`".repeat(Math.max(3, ...(example.text.match(/`+/g) ?? []).map((run) => run.length + 1)));
    parts.push(
      `Input example (\`${example.path.replaceAll("`", "")}\`):\n\n${fence}json\n${example.text.slice(0, 4_000)}\n${fence}`,
    );
  }
  return parts.join("\n\n");
}

/** A model card as Markdown. Whatever people wrote into it is text: none of it becomes markup. Pure. */
export function cardMarkdown(card: ModelCard): string {
  const { model, version, metrics, gates, cost } = card;
  const carries = version.aliases.length > 0 ? ` Aliases: ${version.aliases.map(plain).join(", ")}.` : "";
  const names = Object.keys(metrics).sort();
  const sections: [string, string][] = [
    [
      "Purpose",
      [model.purpose, version.description]
        .filter((text) => text !== "")
        .map(plain)
        .join("\n\n") || "Nobody has written it down.",
    ],
    ["Training", trainingText(card)],
    [
      "Metrics at registration",
      names.length === 0
        ? "None."
        : table(
            ["Metric", "Value"],
            names.map((name) => [name, figure(metrics[name] ?? null)]),
          ),
    ],
    [
      "Gates",
      gates.length === 0
        ? "Not measured: no rollout was asked for."
        : table(
            ["Gate", "Result", "Measured"],
            gates.map((gate) => [gate.gate, gate.passed ? "passed" : "failed", gate.message]),
          ),
    ],
    ["Live performance", liveText(card)],
    [
      "Cost",
      cost === null
        ? "It has cost nothing yet."
        : `Serving ${micros(cost.servingPer1000Micros, cost.currency)} and training ${micros(cost.trainingPer1000Micros, cost.currency)} per 1,000 predictions, over ${cost.predictions.toLocaleString("en-US")} predictions.`,
    ],
    ["Approvals", approvalText(card)],
    ["Interface", interfaceText(card)],
  ];
  const head = `# ${plain(model.name)} version ${version.version}\n\nRegistered ${version.createdAt.toISOString().slice(0, 16).replace("T", " ")} UTC by ${plain(version.createdBy)} (${plain(version.cause)}).${carries}`;
  const digest = version.digest
    ? `\n\nSHA-256 \`${version.digest}\`, ${(version.sizeBytes ?? 0).toLocaleString("en-US")} bytes.`
    : "";
  return `${head}${digest}\n\n${sections.map(([title, text]) => `## ${title}\n\n${text}`).join("\n\n")}\n`;
}
