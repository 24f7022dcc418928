"use client";

import { EmptyState, Facts, formatCount, Icon, Link, MISSING } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { Activity, GitCommitHorizontal, ShieldCheck, WalletCards } from "lucide-react";
import { type CommandPlace, callCommand, uploadCommand } from "@/page/commands";
import { formatMicros } from "@/page/format-micros";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

const promises = [
  [ShieldCheck, "gates passed, with numbers"],
  [GitCommitHorizontal, "lineage to data, run and code"],
  [Activity, "every rollout it was in"],
  [WalletCards, "cost per 1,000 predictions"],
] as const;

/** No model yet: the two commands that register one, and what this project has so far. */
export function NoModels({ place }: { place: CommandPlace }) {
  const { base } = useProject();
  return (
    <EmptyState
      title="Register the first model"
      explanation="A model is a name with versions. Each version keeps its data, features, run and code, passes gates before it serves, and can be rolled back."
      steps={[
        {
          title: "Send the ONNX file. The answer names its digest.",
          code: uploadCommand(place, "model.onnx"),
          help: (
            <>
              BALLAST_TOKEN is a token with <code>project.write</code> and <code>model.write</code>:{" "}
              <Link className="underline" href={`${base}/settings/tokens`}>
                make one
              </Link>
              .
            </>
          ),
        },
        {
          title: "Register it, saying which feature feeds which input",
          code: callCommand(place, "model.register", {
            version: {
              modelName: "flight-late",
              onnxDigest: "DIGEST",
              serving: {
                tensor: "features",
                output: "probability",
                features: [{ input: "distance", view: "flight", feature: "distance" }],
              },
            },
          }),
          help: "DIGEST is the 64 hex digits that the upload answered; features are named in the order of the tensor.",
        },
      ]}
      waiting={
        <>
          Listening on <code>model.register</code> for project <code>{place.project}</code>. This page changes by
          itself.
        </>
      }
      aside={<ProjectSoFar />}
    />
  );
}

function ProjectSoFar() {
  const trpc = useTRPC();
  const { scope } = useProject();
  const tokens = useQuery(trpc.token.list.queryOptions(scope));
  const runs = useQuery(trpc.experiment.runs.queryOptions({ ...scope, query: { limit: 1 } }));
  const budgets = useQuery(trpc.finops.budgets.queryOptions(scope));
  const budget = budgets.data?.[0];
  const active = tokens.data?.filter((token) => token.revokedAt === null);
  return (
    <>
      <Facts
        small
        rows={[
          ["Tokens", active ? formatCount(active.length) : MISSING],
          ["Runs seen", formatCount(runs.data?.total)],
          [
            budget?.hard ? "Budget, hard" : "Budget",
            budget
              ? `${formatMicros(budget.limitMicros, budget.currency)}, ${formatMicros(budget.freeMicros, budget.currency)} free`
              : "none set",
          ],
        ]}
      />
      <div className="grid gap-2">
        <p className="font-medium">What a version will show</p>
        {promises.map(([icon, words]) => (
          <p key={words} className="secondary flex items-center gap-2">
            <Icon of={icon} /> {words}
          </p>
        ))}
      </div>
    </>
  );
}
