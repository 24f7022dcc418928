import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { currentRateCard, setBudget, setRateCard } from "./budgets.ts";
import { costPerDay } from "./cost-per-day.ts";
import { budgetSummaries, costByDay, listRefusals, unitCosts } from "./cost-queries.ts";
import { budgetInputSchema, rateCardSchema } from "./index.ts";

const range = z.object({ from: z.date().optional(), to: z.date().optional() });

export const finopsRouter = router({
  budgets: projectProcedure("project.read").query(({ ctx }) => ctx.inTenant((tx) => budgetSummaries(tx, ctx.scope))),
  setBudget: projectProcedure("budget.write")
    .input(z.object({ budget: budgetInputSchema }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => setBudget(tx, ctx.scope, input.budget))),
  costByDay: projectProcedure("project.read")
    .input(range)
    .query(({ ctx, input }) => ctx.inTenant((tx) => costByDay(tx, ctx.scope, input))),
  /** The newest event days' cost by purpose and model version, and what was spent before them. */
  costPerDay: projectProcedure("project.read")
    .input(z.object({ days: z.int().min(1).max(400).default(90) }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => costPerDay(tx, ctx.scope, input))),
  unitCosts: projectProcedure("project.read")
    .input(z.object({ modelId: z.string().optional() }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => unitCosts(tx, ctx.scope, input))),
  refusals: projectProcedure("project.read")
    .input(z.object({ limit: z.int().min(1).max(200).default(50), leases: z.boolean().default(false) }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => listRefusals(tx, ctx.scope, input))),
  rateCard: projectProcedure("project.read").query(({ ctx }) => ctx.inTenant((tx) => currentRateCard(tx, ctx.scope))),
  setRateCard: projectProcedure("budget.write")
    .input(z.object({ card: rateCardSchema }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => setRateCard(tx, ctx.scope, input.card))),
});
