"use client";

import { EmptyState, Link } from "@ballast/ui";
import type { CommandPlace } from "@/page/commands";

/** Before the first run: the lines that make one, exactly as they are typed. */
export function NoRuns({ place, base }: { place: CommandPlace; base: string }) {
  return (
    <EmptyState
      title="Log the first run"
      explanation="A run is one attempt: its parameters, its metrics over time, what it read and what it made. Code that logs to MLflow logs here; nothing in it changes."
      steps={[
        {
          title: "Point your training code here",
          code: `$ export MLFLOW_TRACKING_URI=${place.gateway}\n$ export MLFLOW_TRACKING_TOKEN=$BALLAST_TOKEN`,
          help: (
            <>
              BALLAST_TOKEN is a token of this project with <code>experiment.write</code>:{" "}
              <Link className="underline" href={`${base}/settings/tokens`}>
                make one
              </Link>
              .
            </>
          ),
        },
        {
          title: "Log from Python, as ever",
          code: [
            "import mlflow",
            "",
            'mlflow.set_experiment("late-15")',
            'with mlflow.start_run(run_name="first try"):',
            '    mlflow.log_params({"learning_rate": 0.1, "depth": 6})',
            "    for step in range(100):",
            '        mlflow.log_metric("loss", 1 / (step + 1), step=step)',
          ].join("\n"),
          help: (
            <>
              scikit-learn and others log by themselves after <code>mlflow.autolog()</code>.
            </>
          ),
        },
      ]}
      waiting={
        <>
          Listening at <code>{place.gateway}</code> for runs of <code>{place.project}</code>. This page changes by
          itself.
        </>
      }
    />
  );
}
