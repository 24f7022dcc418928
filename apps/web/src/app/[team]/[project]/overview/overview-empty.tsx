import { EmptyState, Facts, Panel } from "@ballast/ui";
import { type CommandPlace, callCommand } from "@/page/commands";
import type { Overview } from "./overview-data";

/** A project before its first deployment: the order of things, each with its command. */
export function OverviewEmpty({ overview, place }: { overview: Overview; place: CommandPlace }) {
  return (
    <Panel>
      <EmptyState
        title="Put the first model into the loop"
        explanation="A deployment is a name that callers ask for predictions. The platform watches what it answers, asks for training when predictions and outcomes part, and promotes a new version only on evidence."
        steps={[
          {
            title: "Make a token for your programs under Settings, Tokens, and put it here",
            code: "$ export BALLAST_TOKEN=blst_…",
          },
          {
            title: "Name the endpoint and the model it serves",
            code: callCommand(place, "deployment.create", {
              deployment: { name: "flight-late", modelName: "flight-late", sloMs: 25 },
            }),
            help: "The first version of the model that passes its gates serves at once.",
          },
          {
            title: "Or see the whole loop run on a year of flights",
            code: "$ npm start",
            help: "The demo replays 2001 in a project of its own.",
          },
        ]}
        waiting="The first deployment appears here by itself."
        aside={
          <Facts
            small
            rows={[
              ["Model versions", String(overview.counts.versions)],
              ["Datasets", overview.dataset ? "1 or more" : "0"],
            ]}
          />
        }
      />
    </Panel>
  );
}
