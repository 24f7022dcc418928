import { DOMAIN_EVENTS } from "@ballast/core";
import { withTenant } from "@ballast/db";
import { z } from "zod";
import { type Installation, readInstallation } from "../installation.ts";
import { projectProcedure, router } from "../trpc.ts";
import { getDelivery, listDeliveries, replayDeliveries, testWebhook } from "./deliveries.ts";
import { createWebhookSchema, replaySchema, updateWebhookSchema } from "./schemas.ts";
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook } from "./webhooks.ts";

const id = z.string().min(1).max(100);

/** Webhooks and their deliveries. `installation` is read from the environment at the first call where it is not given. */
export function createWebhookRouter(installation: () => Installation = readInstallation) {
  return router({
    list: projectProcedure("project.read").query(({ ctx }) => ctx.inTenant((tx) => listWebhooks(tx, ctx.scope))),
    get: projectProcedure("project.read")
      .input(z.object({ webhookId: id }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => getWebhook(tx, ctx.scope, input.webhookId))),
    create: projectProcedure("webhook.write")
      .input(z.object({ webhook: createWebhookSchema }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => createWebhook(tx, installation(), ctx.scope, input.webhook))),
    update: projectProcedure("webhook.write")
      .input(z.object({ webhookId: id, change: updateWebhookSchema }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant((tx) => updateWebhook(tx, installation(), ctx.scope, input.webhookId, input.change)),
      ),
    test: projectProcedure("webhook.write")
      .input(z.object({ webhookId: id, event: z.enum(DOMAIN_EVENTS).optional() }))
      .mutation(({ ctx, input }) =>
        testWebhook({ db: ctx.db, installation: installation() }, ctx.scope, {
          webhookId: input.webhookId,
          event: input.event,
        }),
      ),
    deliveries: projectProcedure("project.read")
      .input(
        z.object({
          webhookId: id,
          state: z.enum(["pending", "delivered", "failed"]).optional(),
          before: z.date().optional(),
          limit: z.int().min(1).max(200).default(50),
        }),
      )
      .query(({ ctx, input }) => ctx.inTenant((tx) => listDeliveries(tx, ctx.scope, input))),
    delivery: projectProcedure("project.read")
      .input(z.object({ deliveryId: id }))
      .query(({ ctx, input }) =>
        withTenant(ctx.db, ctx.scope.teamId, (tx) => getDelivery(tx, ctx.scope, input.deliveryId)),
      ),
    replay: projectProcedure("webhook.write")
      .input(z.object({ replay: replaySchema }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => replayDeliveries(tx, ctx.scope, input.replay))),
    delete: projectProcedure("webhook.write")
      .input(z.object({ webhookId: id }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => deleteWebhook(tx, ctx.scope, input.webhookId))),
  });
}
