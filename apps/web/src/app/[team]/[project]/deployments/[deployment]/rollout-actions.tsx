"use client";

import { Button, ConfirmDialog, Field, formatCount, TextArea, useToast } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { ChevronsRight, Pause, Play, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/frame/may";
import { useKey } from "@/page/use-key";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { versionName } from "@/page/version-name";
import { useTRPC } from "@/trpc/client";
import type { Deployment, RolloutDetail } from "./deployment-data";

type Kind = "promote" | "roll_back" | "abort" | "pause" | "resume";

/** What a person may do about a rollout under way: pause it at once, or promote or end it after reading what that does. */
export function RolloutActions({ deployment, detail }: { deployment: Deployment; detail: RolloutDetail }) {
  const may = useMay("rollout.decide");
  const { state } = detail.rollout;
  if (!may) return null;
  const steppable = state === "shadow" || state === "canary";
  return (
    <>
      {steppable ? <PauseButton detail={detail} /> : null}
      {steppable ? <PromoteButton deployment={deployment} detail={detail} /> : null}
      <EndButton deployment={deployment} detail={detail} />
    </>
  );
}

/** Predictions of the newest complete day; null where it had none to move. */
function dailyPredictions({ last24h }: Deployment): number | null {
  return last24h?.tally?.predictions || null;
}

function useDecide(detail: RolloutDetail) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const decide = useMutation(trpc.rollout.decide.mutationOptions({ onSuccess: useRefresh() }));
  const { id: rolloutId } = detail.rollout;
  return {
    busy: decide.isPending,
    decide: (decision: Kind, reason: string) =>
      decide.mutateAsync({ ...scope, decision: { rolloutId, decision, reason } }),
  };
}

function PauseButton({ detail }: { detail: RolloutDetail }) {
  const { decide, busy } = useDecide(detail);
  const toast = useToast();
  const { paused } = detail;
  const act = async (kind: "pause" | "resume"): Promise<void> => {
    try {
      await decide(kind, kind === "pause" ? "Paused on the deployment's page." : "Resumed on the deployment's page.");
      toast.show({
        text: kind === "pause" ? "Paused: no step forward; the guards go on" : "Resumed: the platform decides again",
        undo: () => void act(kind === "pause" ? "resume" : "pause"),
      });
    } catch (error) {
      toast.show({ text: error instanceof Error ? error.message : "The decision was not taken." });
    }
  };
  const press = () => void act(paused ? "resume" : "pause");
  useKey("p", press);
  return (
    <Button icon={paused ? Play : Pause} shortcut="P" busy={busy} onClick={press}>
      {paused ? "Resume" : "Pause"}
    </Button>
  );
}

function ReasonField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field label="Why?" help="Stands in the decision log beside your name.">
      <TextArea rows={2} maxLength={1000} value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}

const NO_REASON = "Say why: the decision log keeps it.";

function PromoteButton({ deployment, detail }: { deployment: Deployment; detail: RolloutDetail }) {
  const { decide } = useDecide(detail);
  const [reason, setReason] = useState("");
  const { rollout, candidate } = detail;
  const version = `v${candidate?.version ?? "?"}`;
  const champion = versionName(deployment.versions, deployment.routing.champion);
  const daily = dailyPredictions(deployment);
  const share = 100 - (deployment.routing.candidate?.percent ?? 0);
  const quality = rollout.evidence.quality;
  return (
    <ConfirmDialog
      trigger={<Button icon={ChevronsRight}>Promote…</Button>}
      title={`Promote ${version} of ${deployment.name}`}
      effects={[
        daily === null
          ? `moves ${share} % of the predictions from ${champion} to ${version}, within a second`
          : `moves ${share} % of ${formatCount(daily)} predictions a day from ${champion} to ${version}, within a second`,
        quality?.verdict === "non_inferior"
          ? "skips the steps that remain; its quality is proven not worse"
          : `overrides the quality test: it is not proven yet (${formatCount(rollout.evidence.days.length)} of at least ${rollout.plan.minDays} matured days)`,
        "ends this rollout; its evidence is kept",
      ]}
      undo={`${champion} stays registered: a rollout of it brings it back.`}
      confirmLabel={`Promote ${version}`}
      onOpen={() => setReason("")}
      onConfirm={async () => {
        if (reason.trim() === "") return NO_REASON;
        await decide("promote", reason.trim());
        return undefined;
      }}
    >
      <ReasonField value={reason} onChange={setReason} />
    </ConfirmDialog>
  );
}

function EndButton({ deployment, detail }: { deployment: Deployment; detail: RolloutDetail }) {
  const { decide } = useDecide(detail);
  const [reason, setReason] = useState("");
  const { rollout, candidate } = detail;
  const version = `v${candidate?.version ?? "?"}`;
  const champion = versionName(deployment.versions, deployment.routing.champion);
  const exposed = rollout.state === "canary";
  const percent = deployment.routing.candidate?.percent ?? 0;
  const daily = dailyPredictions(deployment);
  const label = exposed ? "Roll back" : "End rollout";
  return (
    <ConfirmDialog
      trigger={
        <Button variant="danger" icon={RotateCcw}>
          {label}…
        </Button>
      }
      title={exposed ? `Roll back ${deployment.name} to ${champion}` : `End the rollout of ${version}`}
      effects={[
        exposed
          ? daily === null
            ? `moves ${percent} % of the predictions from ${version} back to ${champion}, within a second`
            : `moves ${percent} % of ${formatCount(daily)} predictions a day from ${version} back to ${champion}, within a second`
          : "no caller has met it: nothing changes for anybody",
        `ends this rollout after ${formatCount(rollout.evidence.exposures)} answers to callers; its evidence is kept`,
      ]}
      undo={`A new rollout of ${version} can be asked for; it starts from the beginning.`}
      confirmLabel={exposed ? `Roll back to ${champion}` : "End the rollout"}
      danger
      onOpen={() => setReason("")}
      onConfirm={async () => {
        if (reason.trim() === "") return NO_REASON;
        await decide(exposed ? "roll_back" : "abort", reason.trim());
        return undefined;
      }}
    >
      <ReasonField value={reason} onChange={setReason} />
    </ConfirmDialog>
  );
}
