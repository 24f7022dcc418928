/**
 * A script as a team writes one: it looks at every deployment, reads why the newest rollout was decided as it was, and asks for
 * the last training again, on what is known by now, if the budget takes it. Types come from the server; nothing is generated.
 *
 *     BALLAST=http://127.0.0.1:7300 PROJECT=airline-ops/us-flights-2001 TOKEN=blst_… node examples/ask-and-decide.ts
 *
 * The token needs `project.read` and `training.request`. Ends with 0, or 1 and the reason.
 */
import type { AppRouter } from "@ballast/api";
import { createTRPCClient, httpLink, TRPCClientError } from "@trpc/client";
import superjson from "superjson";

const { BALLAST = "http://127.0.0.1:7300", PROJECT = "", TOKEN = "" } = process.env;
const [team = "", project = ""] = PROJECT.split("/");
const where = { team, project };

const api = createTRPCClient<AppRouter>({
  links: [
    httpLink({ url: `${BALLAST}/api/trpc`, transformer: superjson, headers: { authorization: `Bearer ${TOKEN}` } }),
  ],
});

/** Who serves, and what the newest rollout rests on. */
async function look(): Promise<void> {
  for (const deployment of await api.deployment.list.query(where)) {
    const champion = deployment.versions.find(({ id }) => id === deployment.routing.champion);
    console.log(`${deployment.name}: ${champion ? `version ${champion.version} serves` : "nobody serves yet"}`);
    const [newest] = (await api.rollout.list.query({ ...where, deployment: deployment.id, limit: 1 })).rollouts;
    if (!newest) continue;
    const { rollout, gates, decisions } = await api.rollout.get.query({ ...where, rolloutId: newest.id });
    console.log(`  rollout of version ${newest.candidateVersion}: ${rollout.state}. ${rollout.outcomeReason ?? ""}`);
    for (const { gate, passed, message } of gates)
      console.log(`    gate ${gate} ${passed ? "passed" : "failed"}: ${message}`);
    const { quality, exposures } = rollout.evidence;
    const proof = quality
      ? `Brier difference ${quality.mean.toFixed(4)} (${quality.lower.toFixed(4)} to ${quality.upper.toFixed(4)}) on ${quality.days} paired days: ${quality.verdict}`
      : "no paired days: there was no champion to compare with";
    console.log(`    evidence: ${proof}; ${exposures} answers by the candidate`);
    console.log(`    last decision: ${decisions[0]?.summary ?? "none"}`);
  }
}

/** Asks for the last training again, up to now, unless the ledger would refuse it. */
async function ask(): Promise<void> {
  const [last] = await api.training.jobs.query({ ...where, limit: 1 });
  if (!last) return console.log("no training was ever asked for; define a pipeline first");
  const { watermark } = await api.loop.progress.query(where);
  const training = { pipeline: last.pipeline, from: last.from, to: watermark ? new Date(watermark) : last.to };
  const estimate = await api.training.estimate.query({ ...where, training });
  const { rowsAtMost, worstCaseMicros, currency, admitted, summary } = estimate;
  console.log(`estimate: at most ${rowsAtMost} rows, ${(worstCaseMicros / 1e6).toFixed(4)} ${currency} at worst`);
  if (!admitted) return console.log(`not asked: ${summary}`);
  const job = await api.training.request.mutate({ ...where, training });
  console.log(`training ${job.id}: ${job.state}${job.reason ? `, ${job.reason}` : ""}`);
}

try {
  await look();
  await ask();
} catch (error) {
  if (!(error instanceof TRPCClientError)) throw error;
  const { code } = (error.data ?? {}) as { code?: string };
  console.error(`${code ?? "no answer"}: ${error.message}`);
  process.exitCode = 1;
}
