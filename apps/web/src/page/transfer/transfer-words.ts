import { formatCount } from "@ballast/ui";

export type TransferMode = "move" | "copy";

/** What is moved or copied. */
export type Transferred =
  | {
      kind: "runs";
      runs: readonly { id: string; name: string }[];
      /** The experiment they are of; empty where they are of several. */
      experiment: string;
    }
  | { kind: "experiment"; id: string; name: string; runs: number }
  | { kind: "model"; id: string; name: string };

/** Every project has an experiment of this name, and it stays there. */
export const DEFAULT_EXPERIMENT = "Default";
/** What one request takes. */
const MOST_RUNS: Readonly<Record<TransferMode, number>> = { move: 1_000, copy: 500 };

/** How sentences name it: "3 runs", "experiment churn", "flight-late". */
export function labelOf(of: Transferred): string {
  if (of.kind === "model") return of.name;
  if (of.kind === "experiment") return `experiment ${of.name}`;
  const [first] = of.runs;
  return of.runs.length === 1 && first ? first.name : `${formatCount(of.runs.length)} runs`;
}

/** The button's words: what kind of thing and how many, since a run's name may be long. */
export function orderWords(of: Transferred, mode: TransferMode): string {
  const verb = mode === "move" ? "Move" : "Copy";
  if (of.kind !== "runs") return `${verb} ${of.kind}`;
  return of.runs.length === 1 ? `${verb} run` : `${verb} ${formatCount(of.runs.length)} runs`;
}

/** The name that its copy or its experiment has until somebody types another. */
export function firstName(of: Transferred, mode: TransferMode, places: { here: string; to: string }): string {
  if (of.kind === "runs") return of.experiment;
  if (mode === "move") return of.name;
  if (of.kind === "experiment" && of.name === DEFAULT_EXPERIMENT) return `${of.name} of ${places.here}`;
  return places.to === places.here ? `${of.name} copy` : of.name;
}

/** Why so many runs are not taken at once; undefined where they are. */
export function tooMany(of: Transferred, mode: TransferMode): string | undefined {
  if (of.kind !== "runs" || of.runs.length <= MOST_RUNS[mode]) return undefined;
  const done = mode === "move" ? "moved" : "copied";
  return `${formatCount(of.runs.length)} runs are selected; at most ${formatCount(MOST_RUNS[mode])} are ${done} at a time. Select fewer.`;
}

/** What will happen, one line each, and whether it can be taken back. `to` is the project's name. */
export function effectsOf(of: Transferred, mode: TransferMode, to: string): { effects: string[]; undo: string } {
  if (of.kind === "model") return mode === "move" ? modelMove(of.name, to) : modelCopy(to);
  if (of.kind === "experiment") return mode === "move" ? experimentMove(of.runs, to) : experimentCopy(to);
  return mode === "move" ? runMove(of.runs.length === 1, to) : runCopy(of.runs.length === 1, to);
}

const GONE = "addresses and tokens of this project do not find";

function runMove(one: boolean, to: string) {
  return {
    effects: [
      `${one ? "the run goes" : "the runs go"} to ${to} with parameters, metrics, tags, logged models, files and the runs nested in ${one ? "it" : "them"}`,
      `ids stay; ${GONE} ${one ? "it" : "them"} any more`,
      one
        ? "the run must have ended; one that a model version was registered from does not move: copy it"
        : "all must have ended; if a model version was registered from one, none moves: copy them",
    ],
    undo: `${one ? "It" : "They"} can be moved back in the same way; a run whose parent stays behind is nested no more.`,
  };
}

function runCopy(one: boolean, to: string) {
  return {
    effects: [
      `${to} gets ${one ? "a copy of the run" : "copies of the runs"} with parameters, metrics, tags, logged models and files`,
      `${one ? "it has an id of its own" : "they have ids of their own"}, and a tag that names the original`,
      `${one ? "the run must have ended; runs nested in it are not copied" : "all must have ended; nested runs are copied only where they are selected"}`,
    ],
    undo: `${one ? "The original stays" : "The originals stay"} as before. A copy is deleted like any run.`,
  };
}

function experimentMove(runs: number, to: string) {
  return {
    effects: [
      `the experiment goes to ${to} with its ${runs === 1 ? "1 run" : `${formatCount(runs)} runs`} and those in the trash`,
      "parameters, metrics, tags, logged models and files move along",
      `ids stay; ${GONE} them any more`,
      "all runs must have ended; if a model version was registered from one, nothing moves: copy it then",
    ],
    undo: "It can be moved back in the same way.",
  };
}

function experimentCopy(to: string) {
  return {
    effects: [
      `${to} gets a copy of the experiment and of its ended runs, 500 at most, with their logged models and files`,
      "copies have ids of their own, and tags that name the originals",
      "runs under way and runs in the trash are left out",
    ],
    undo: "The original stays as before. The copied runs are deleted like any run.",
  };
}

function modelMove(name: string, to: string) {
  return {
    effects: [
      `the model goes to ${to} with all its versions, aliases and their history, approvals and rules`,
      "ids and version numbers stay; the files go along, the runs they came from stay here",
      `programs of this project do not find models:/${name} any more`,
      "while a deployment is of the model it does not move: copy it then",
    ],
    undo: "It can be moved back in the same way.",
  };
}

function modelCopy(to: string) {
  return {
    effects: [
      `${to} gets a copy of the model and of its versions with their files, except those in the trash`,
      "version numbers stay; copies have ids of their own, and tags that name the originals",
      "aliases, approvals and rules are not copied: the other project decides anew",
    ],
    undo: "The original stays as before. The copy is deleted like any model.",
  };
}
