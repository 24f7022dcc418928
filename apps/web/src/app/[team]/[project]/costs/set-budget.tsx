"use client";

import { Button, ConfirmDialog, Field, Input, Select, useToast } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/frame/may";
import { formatMicros } from "@/page/format-micros";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import type { Budget } from "./cost-data";

/** The budget that every charge of a project goes to. */
const PROJECT_BUDGET = "project";
const MICROS = 1_000_000;

/** The amount in micros; null where the text is no amount. */
function microsOf(text: string): number | null {
  const amount = Number(text.trim().replaceAll(",", ""));
  return text.trim() === "" || !Number.isFinite(amount) || amount < 0 ? null : Math.round(amount * MICROS);
}

/** Sets the limit of the project's budget, and whether it is hard, after saying what that means now. */
export function SetBudget({ budget, currency }: { budget: Budget | undefined; currency: string }) {
  const { scope } = useProject();
  const trpc = useTRPC();
  const toast = useToast();
  const set = useMutation(trpc.finops.setBudget.mutationOptions({ onSuccess: useRefresh() }));
  const [limit, setLimit] = useState("");
  const [hard, setHard] = useState(true);
  const limitMicros = microsOf(limit);
  const money = (micros: number) => formatMicros(micros, currency);
  const may = useMay("budget.write");
  if (!may) return null;
  const held = (budget?.committedMicros ?? 0) + (budget?.reservedMicros ?? 0);
  return (
    <ConfirmDialog
      trigger={<Button>Set budget…</Button>}
      title="Set the project's budget"
      effects={[
        limitMicros === null
          ? "enter a limit to see what it leaves free"
          : `leaves ${money(limitMicros - held)} free beside ${money(held)} committed and reserved`,
        hard
          ? "a job whose worst case does not fit is refused, with the reason"
          : "no job is refused; what goes beyond is shown",
        "serving goes on in either case",
      ]}
      undo="It can be changed at any time. It is written to the audit log under your name."
      confirmLabel={
        limitMicros === null ? "Set the budget" : `Set ${hard ? "a hard" : "a soft"} limit of ${money(limitMicros)}`
      }
      onOpen={() => {
        setLimit(budget ? String(budget.limitMicros / MICROS) : "");
        setHard(budget?.hard ?? true);
      }}
      onConfirm={async () => {
        if (limitMicros === null) return `Enter the limit as an amount of ${currency}, such as 40 or 40.50.`;
        await set.mutateAsync({
          ...scope,
          budget: { name: budget?.name ?? PROJECT_BUDGET, currency, hard, limitMicros },
        });
        toast.show({ text: `The ${hard ? "hard" : "soft"} limit is ${money(limitMicros)} now` });
        return undefined;
      }}
    >
      <div className="grid grid-cols-2 gap-3">
        <Field label={`Limit, ${currency}`}>
          <Input
            inputMode="decimal"
            autoComplete="off"
            value={limit}
            onChange={(event) => setLimit(event.target.value)}
          />
        </Field>
        <Field label="Kind">
          <Select value={hard ? "hard" : "soft"} onChange={(event) => setHard(event.target.value === "hard")}>
            <option value="hard">hard: refuses</option>
            <option value="soft">soft: only shows</option>
          </Select>
        </Field>
      </div>
    </ConfirmDialog>
  );
}
