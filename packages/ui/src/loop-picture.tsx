import type { LucideIcon } from "lucide-react";
import { Activity, GitFork, Repeat, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";
import { Link } from "./link.tsx";
import { Facts } from "./panel.tsx";
import { RouteBar, type RouteShare } from "./role.tsx";
import { Badge, Status } from "./status.tsx";
import type { Tone } from "./tone.ts";

export interface LoopStation {
  tone: Tone;
  /** The state in two or three words: "Canary 10 %". */
  state: string;
  /** One sentence. */
  sentence: ReactNode;
  /** Three numbers, label and value. */
  facts: readonly (readonly [label: string, value: ReactNode])[];
  /** The page behind the station. */
  href?: string | undefined;
}

export interface LoopEdge {
  /** What flows, as a count: "1,380 / h", "v5", "0". */
  count: string;
  /** One or two words under it: "journalled". */
  word: string;
  /** `stopped` is dashed in breach and its word says what waits; `held` waits for something expected. */
  state?: "flowing" | "held" | "stopped";
}

export interface LoopPictureProps {
  stations: Record<"integrate" | "deliver" | "monitor" | "train", LoopStation>;
  edges: Record<"integrateToDeliver" | "deliverToMonitor" | "monitorToTrain" | "trainToIntegrate", LoopEdge>;
  model: {
    name: string;
    href?: string | undefined;
    tone: Tone;
    state: string;
    /** What it predicts. */
    task: string;
    routes: readonly RouteShare[];
    shadow?: string | undefined;
    /** The main chart: the champion's score over time against its limit. */
    chart?: ReactNode;
  };
}

/** The loop as a living picture: four stations around the model, what flows between them, and where it stops. */
export function LoopPicture({ stations, edges, model }: LoopPictureProps) {
  return (
    <div className="loop">
      <Station name="Integrate" icon={ShieldCheck} station={stations.integrate} order={1} />
      <Edge edge={edges.integrateToDeliver} direction="right" order={1} />
      <Station name="Deliver" icon={GitFork} station={stations.deliver} order={2} />
      <div className="loop-middle">
        <Edge edge={edges.trainToIntegrate} direction="up" order={7} />
        <div className="loop-model">
          <h3>
            {model.href ? <Link href={model.href}>{model.name}</Link> : model.name}
            <Badge tone={model.tone}>{model.state}</Badge>
            <span className="dim">{model.task}</span>
          </h3>
          <RouteBar routes={model.routes} shadow={model.shadow} />
          {model.shadow ? (
            <p className="figure-note mt-1 mb-2">shadow {model.shadow} scores a copy of every request</p>
          ) : null}
          {model.chart ? <div className="mt-2">{model.chart}</div> : null}
        </div>
        <Edge edge={edges.deliverToMonitor} direction="down" order={3} />
      </div>
      <Station name="Train" icon={Repeat} station={stations.train} order={6} />
      <Edge edge={edges.monitorToTrain} direction="left" order={5} />
      <Station name="Monitor" icon={Activity} station={stations.monitor} order={4} />
    </div>
  );
}

function Station({
  name,
  icon,
  station,
  order,
}: {
  name: string;
  icon: LucideIcon;
  station: LoopStation;
  order: number;
}) {
  return (
    <section className="station" data-tone={station.tone} data-order={order} aria-label={name}>
      <h3>
        <Icon of={icon} />
        {station.href ? <Link href={station.href}>{name}</Link> : name}
        <Status tone={station.tone}>{station.state}</Status>
      </h3>
      <p className="station-sentence">{station.sentence}</p>
      <Facts rows={station.facts} />
    </section>
  );
}

function Edge({
  edge,
  direction,
  order,
}: {
  edge: LoopEdge;
  direction: "left" | "right" | "up" | "down";
  order: number;
}) {
  const upright = direction === "up" || direction === "down";
  return (
    <div className="loop-edge" data-direction={direction} data-state={edge.state ?? "flowing"} data-order={order}>
      <svg className="edge-line" aria-hidden="true">
        {upright ? <line x1="50%" x2="50%" y1="4%" y2="96%" /> : <line x1="2%" x2="98%" y1="50%" y2="50%" />}
      </svg>
      <svg className="edge-head" viewBox="0 0 10 10" aria-hidden="true">
        <path d="M1 0 9 5 1 10z" />
      </svg>
      <span>
        <b>{edge.count}</b> {edge.word}
      </span>
    </div>
  );
}
