"use client";

import { Cell, CopyId, Facts, formatDateTime, Grid, Panel, PanelBody, Status, Steps } from "@ballast/ui";
import { rolloutLook } from "../rollout-look";
import { DecisionLog } from "./decision-log";
import type { Decision, Deployment, RolloutDetail } from "./deployment-data";
import { EvidenceCharts } from "./evidence-charts";
import { Gates } from "./gates";
import { Guards } from "./guards";
import { Routing } from "./routing";
import { stepsOf } from "./steps-of";

/** A rollout: where it stands, its tests against their boundaries, and every decision with the numbers it was made from. */
export function RolloutView({
  deployment,
  detail,
  decisions,
}: {
  deployment: Deployment;
  detail: RolloutDetail;
  decisions: readonly Decision[];
}) {
  const { rollout } = detail;
  const compared = rollout.championId !== null && rollout.plan.strategy !== "all_at_once";
  return (
    <>
      <Grid>
        <Cell span={7}>
          <Routing deployment={deployment} />
        </Cell>
        <Cell span={5}>
          <Plan detail={detail} decisions={decisions} />
        </Cell>
      </Grid>
      {compared ? (
        <>
          <Guards rollout={rollout} decisions={decisions} />
          <EvidenceCharts rollout={rollout} decisions={decisions} />
        </>
      ) : null}
      <Gates detail={detail} />
      <DecisionLog decisions={decisions} />
    </>
  );
}

function Plan({ detail, decisions }: { detail: RolloutDetail; decisions: readonly Decision[] }) {
  const { rollout, candidate, champion, paused } = detail;
  const { plan } = rollout;
  const { tone, words } = rolloutLook(rollout);
  const steps = stepsOf(rollout, decisions);
  const alpha = plan.alpha;
  return (
    <Panel
      title={`Rollout of v${candidate?.version ?? "?"}`}
      note={champion ? `against v${champion.version}` : "first version"}
      actions={<Status tone={paused ? "warning" : tone}>{paused ? "paused" : words}</Status>}
    >
      {steps.length > 0 ? (
        <PanelBody>
          <Steps steps={steps} />
        </PanelBody>
      ) : null}
      <PanelBody>
        <Facts
          small
          rows={[
            ["Asked for by", rollout.cause],
            [
              "Started",
              rollout.startedEventTime ? `${formatDateTime(rollout.startedEventTime)} UTC` : "before the stream",
            ],
            ...(rollout.endedEventTime ? [["Ended", `${formatDateTime(rollout.endedEventTime)} UTC`] as const] : []),
            ...(steps.length > 0
              ? ([
                  ["α of harm", String(alpha.harm)],
                  ["α of errors, latency, split", `${alpha.errors}, ${alpha.latency}, ${alpha.srm}`],
                  ["Wrong promotion at the margin", `at most ${alpha.quality}`],
                  ["Margin, longest trial", `${plan.margin} Brier, ${plan.maxDays} days`],
                ] as const)
              : []),
            [
              "Plan fixed at start",
              <CopyId key="digest" value={rollout.planDigest}>
                {rollout.planDigest.slice(0, 12)}
              </CopyId>,
            ],
          ]}
        />
        {rollout.outcomeReason ? <p className="secondary mt-2">{rollout.outcomeReason}</p> : null}
      </PanelBody>
    </Panel>
  );
}
