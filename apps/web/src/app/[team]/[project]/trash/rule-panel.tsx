"use client";

import { actColumn, Button, ConfirmDialog, type DataColumn, Panel, PanelBody, Status, useToast } from "@ballast/ui";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { RecordTable } from "@/page/record-table";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import { RuleForm } from "./rule-form";
import { ruleWords } from "./rule-words";

type Rule = Outputs["trash"]["rules"][number];

/** How long things are kept: the rules, in words. Without any, nothing is ever deleted by itself. */
export function RulePanel({ mayWrite }: { mayWrite: boolean }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.trash.rules.queryOptions(scope));
  const experiments = useQuery(trpc.experiment.experiments.queryOptions(scope));
  const nameOf = (id: string) => experiments.data?.find((experiment) => experiment.id === id)?.name ?? id;
  const columns: DataColumn<Rule>[] = [
    { id: "rule", header: "Rule", primary: true, wide: true, value: (row) => ruleWords(row.spec, nameOf) },
    {
      id: "state",
      header: "State",
      value: (row) => row.enabled,
      cell: (row) => <Status tone={row.enabled ? "running" : "idle"}>{row.enabled ? "on" : "off"}</Status>,
    },
    { id: "by", header: "Made by", value: (row) => row.createdBy },
  ];
  if (mayWrite) columns.push(actColumn("Change", (row) => <RuleActs rule={row} words={ruleWords(row.spec, nameOf)} />));
  return (
    <Panel
      title="Retention"
      note="applied once a day"
      actions={mayWrite ? <RuleForm experiments={experiments.data ?? []} /> : undefined}
    >
      <QueryView query={query} what="rules" rows={2}>
        {(rules) =>
          rules.length === 0 ? (
            <PanelBody>
              <p className="secondary">No rule is set: everything is kept until somebody deletes it for good.</p>
            </PanelBody>
          ) : (
            <RecordTable label="Retention rules" name="rules" columns={columns} rows={rules} rowId={(row) => row.id} />
          )
        }
      </QueryView>
    </Panel>
  );
}

function RuleActs({ rule, words }: { rule: Rule; words: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const refresh = useRefresh();
  const update = useMutation(trpc.trash.updateRule.mutationOptions());
  const remove = useMutation(trpc.trash.deleteRule.mutationOptions());
  const turn = async (enabled: boolean) => {
    await update.mutateAsync({ ...scope, ruleId: rule.id, enabled });
    await refresh();
  };
  const attempt = useAttempt();
  const toggle = async () => {
    await turn(!rule.enabled);
    show({ text: `The rule is ${rule.enabled ? "off" : "on"}`, undo: () => attempt(() => turn(rule.enabled)) });
  };
  return (
    <span className="row">
      <Button size="small" busy={update.isPending} onClick={() => attempt(toggle)}>
        {rule.enabled ? "Turn off" : "Turn on"}
      </Button>
      <ConfirmDialog
        trigger={
          <Button size="small" variant="danger">
            Remove…
          </Button>
        }
        title="Remove the rule"
        effects={[words, "It is applied no more; what it deleted stays deleted."]}
        undo="A rule like it can be made again."
        confirmLabel="Remove rule"
        danger
        onConfirm={async () => {
          await remove.mutateAsync({ ...scope, ruleId: rule.id });
          await refresh();
          return undefined;
        }}
      />
    </span>
  );
}
