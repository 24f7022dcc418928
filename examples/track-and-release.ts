/**
 * A training script without MLflow: makes an experiment, logs a run with its metric history, reads it back, registers what came out
 * of it as a model version, and asks how the newest rollout stands.
 *
 *     BALLAST_URL=http://127.0.0.1:7300 BALLAST_TOKEN=blst_… node examples/track-and-release.ts
 *
 * The token needs `project.read`, `experiment.write` and `model.write`; it says which project is meant. Ends with 0, or 1 and the reason.
 */
import { BallastError, createClient } from "@ballast/client";

const EPOCHS = 200;
const PER_BATCH = 50;

async function trainAndRelease(): Promise<void> {
  const ballast = createClient();
  const startedAt = Date.now();
  const experiment = await ballast.experiment.createExperiment.mutate({ name: `by hand ${startedAt}` });
  const params = { depth: 6, eta: 0.1 };
  const run = await ballast.experiment.startRun.mutate({ experimentId: experiment.id, name: "first try", params });
  console.log(`run ${run.id} in ${experiment.name}`);

  for (let from = 0; from < EPOCHS; from += PER_BATCH) {
    const metrics = Array.from({ length: PER_BATCH }, (_, i) => {
      const step = from + i;
      // Stands for a training loop.
      return { key: "loss", value: 0.3 + Math.exp(-step / 40), at: startedAt + step * 1_000, step };
    });
    // Sent again when the connection breaks: a batch that arrived twice counts once.
    await ballast.experiment.logBatch.mutate({ runId: run.id, metrics });
  }
  await ballast.experiment.finishRun.mutate({ runId: run.id, state: "finished", metrics: { auc: 0.71 } });

  const history = await ballast.experiment.history.query({ runId: run.id, key: "loss", limit: 1_000 });
  console.log(`loss: ${history.points.length} points, last ${history.points.at(-1)?.value.toFixed(4)}`);
  const best = await ballast.experiment.search.query({
    ...{ experimentIds: [experiment.id], filter: "metrics.auc > 0.7" },
    orderBy: [{ by: "metrics.auc", descending: true }],
  });
  console.log(`runs with auc > 0.7: ${best.total}`);

  const name = `by-hand-${startedAt}`;
  await ballast.model.create.mutate({ name, description: "What a script registers." });
  const registered = await ballast.model.registerFiles.mutate({ name, source: `runs:/${run.id}/model`, runId: run.id });
  console.log(`${name} version ${registered.version.version}`);

  const [newest] = (await ballast.rollout.list.query({ limit: 1 })).rollouts;
  console.log(newest ? `newest rollout: version ${newest.candidateVersion} ${newest.state}` : "no rollout yet");
}

try {
  await trainAndRelease();
} catch (error) {
  if (!(error instanceof BallastError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
