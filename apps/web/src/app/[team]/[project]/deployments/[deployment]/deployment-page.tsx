"use client";

import { Badge, Button, CopyId, Link, PageHead, Panel, Verdict } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { TrailSteps } from "@/frame/trail";
import { QueryView } from "@/page/query-view";
import { TickedText } from "@/page/ticked-text";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { rolloutLook } from "../rollout-look";
import { DECISIONS_READ, type Deployment, isOpen, NEWEST_ROLLOUTS, type RolloutDetail } from "./deployment-data";
import { EarlierRollouts } from "./earlier-rollouts";
import { openingOf } from "./opening";
import { RolloutActions } from "./rollout-actions";
import { RolloutView } from "./rollout-view";
import { Routing } from "./routing";

/** A deployment: who answers, the rollout under way (or the one named in the URL) with its evidence, and the rollouts before it. */
export function DeploymentPage({ name }: { name: string }) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const query = useQuery(trpc.deployment.get.queryOptions({ ...scope, deployment: name }));
  return (
    <>
      <TrailSteps steps={[{ label: name }]} />
      {query.data ? (
        <QueryView query={query} what="routes">
          {(deployment) => <Body deployment={deployment} />}
        </QueryView>
      ) : (
        <>
          <PageHead title={name} />
          <Panel>
            <QueryView query={query} what="routes">
              {() => null}
            </QueryView>
          </Panel>
        </>
      )}
    </>
  );
}

function Body({ deployment }: { deployment: Deployment }) {
  const { scope, base } = useProject();
  const trpc = useTRPC();
  const { params } = useUrlState();
  const listed = useQuery(
    trpc.rollout.list.queryOptions({ ...scope, deployment: deployment.name, ...NEWEST_ROLLOUTS }),
  );
  const newest = deployment.rollout?.id ?? listed.data?.rollouts[0]?.id;
  const rolloutId = params.get("rollout") ?? newest;
  const enabled = rolloutId !== undefined;
  const detail = useRollout(rolloutId);
  const current = useRollout(newest).data;
  const decisions = useQuery(
    trpc.rollout.decisions.queryOptions(
      { ...scope, rolloutId: rolloutId ?? "-", limit: DECISIONS_READ },
      { enabled, placeholderData: keepPreviousData },
    ),
  );
  const watch = useQuery(trpc.monitoring.overview.queryOptions({ ...scope, deployment: deployment.name }));
  const opening = openingOf(deployment, current, watch.data, base);
  return (
    <>
      <PageHead title={deployment.name} meta={<Meta deployment={deployment} detail={current} />}>
        {current && isOpen(current.rollout) ? <RolloutActions deployment={deployment} detail={current} /> : null}
      </PageHead>
      <Verdict
        tone={opening.tone}
        headline={opening.headline}
        why={opening.why.map((sentence) => (
          <p key={sentence}>
            <TickedText text={sentence} />
          </p>
        ))}
        act={<p>{opening.act}</p>}
        actions={
          opening.actions.length > 0
            ? opening.actions.map(({ label, href }) => (
                <Button key={label} asChild>
                  <Link href={href}>{label}</Link>
                </Button>
              ))
            : undefined
        }
      />
      {enabled ? (
        <QueryView query={detail} what="rollout">
          {(rollout) => (
            <RolloutView
              deployment={deployment}
              detail={rollout}
              decisions={decisions.data?.decisions ?? rollout.decisions}
            />
          )}
        </QueryView>
      ) : (
        <Routing deployment={deployment} />
      )}
      <EarlierRollouts deployment={deployment} shown={rolloutId} />
    </>
  );
}

function useRollout(id: string | undefined) {
  const { scope } = useProject();
  const trpc = useTRPC();
  return useQuery(
    trpc.rollout.get.queryOptions(
      { ...scope, rolloutId: id ?? "-" },
      { enabled: id !== undefined, placeholderData: keepPreviousData },
    ),
  );
}

function Meta({ deployment, detail }: { deployment: Deployment; detail: RolloutDetail | undefined }) {
  const rollout = detail?.rollout;
  const look = rollout && isOpen(rollout) ? rolloutLook(rollout) : undefined;
  return (
    <>
      {look ? <Badge tone={look.tone}>{look.words}</Badge> : null}
      <CopyId value={deployment.id} />
      <span>model {deployment.model}</span>
    </>
  );
}
