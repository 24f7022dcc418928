import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { distribution } from "./distribution.ts";
import { heatMap } from "./heat-map.ts";
import { acceptConversion, dismissIncident, getIncident, listIncidents, withdrawConversion } from "./incidents.ts";
import {
  dismissIncidentSchema,
  distributionSchema,
  heatMapSchema,
  listIncidentsSchema,
  listWindowsSchema,
  performanceSchema,
  withdrawConversionSchema,
} from "./index.ts";
import { monitoringOverview, monitoringOverviews } from "./overview.ts";
import { performanceOverTime } from "./performance-series.ts";
import { listWindows } from "./windows.ts";

const id = z.string().min(1).max(100);

/** What the monitors saw, and what a person decides about it. */
export const monitoringRouter = router({
  overviews: projectProcedure("project.read").query(({ ctx }) =>
    ctx.inTenant((tx) => monitoringOverviews(tx, ctx.scope)),
  ),
  overview: projectProcedure("project.read")
    .input(z.object({ deployment: id }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => monitoringOverview(tx, ctx.scope, input.deployment))),
  heatMap: projectProcedure("project.read")
    .input(heatMapSchema)
    .query(({ ctx, input }) => ctx.inTenant((tx) => heatMap(tx, ctx.scope, input))),
  distribution: projectProcedure("project.read")
    .input(distributionSchema)
    .query(({ ctx, input }) => ctx.inTenant((tx) => distribution(tx, ctx.scope, input))),
  performance: projectProcedure("project.read")
    .input(performanceSchema)
    .query(({ ctx, input }) => ctx.inTenant((tx) => performanceOverTime(tx, ctx.scope, input))),
  windows: projectProcedure("project.read")
    .input(listWindowsSchema)
    .query(({ ctx, input }) => ctx.inTenant((tx) => listWindows(tx, ctx.scope, input))),
  incidents: projectProcedure("project.read")
    .input(listIncidentsSchema)
    .query(({ ctx, input }) => ctx.inTenant((tx) => listIncidents(tx, ctx.scope, input))),
  incident: projectProcedure("project.read")
    .input(z.object({ incidentId: id }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getIncident(tx, ctx.scope, input.incidentId))),
  acceptConversion: projectProcedure("incident.resolve")
    .input(z.object({ incidentId: id }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => acceptConversion(tx, ctx.scope, input))),
  dismissIncident: projectProcedure("incident.resolve")
    .input(dismissIncidentSchema)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => dismissIncident(tx, ctx.scope, input))),
  withdrawConversion: projectProcedure("incident.resolve")
    .input(withdrawConversionSchema)
    .mutation(({ ctx, input }) =>
      ctx.inTenant((tx) =>
        withdrawConversion(tx, ctx.scope, {
          ...input,
          from: input.from === undefined ? undefined : new Date(input.from),
        }),
      ),
    ),
});
