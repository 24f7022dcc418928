import type { Permission } from "@ballast/core";
import { index, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** A program's credential. The token itself is shown once; only its SHA-256 is kept. */
export const apiTokens = pgTable(
  "api_tokens",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    /** Hex SHA-256 of the whole token; a token has 160 bits of chance, so a fast hash is enough. */
    hash: text("hash").notNull().unique(),
    /** First characters, to recognise it by. */
    prefix: text("prefix").notNull(),
    permissions: text("permissions").array().$type<Permission[]>().notNull(),
    /** The program it belongs to and acts as; null for a token that a person made for themselves. */
    serviceAccountId: text("service_account_id"),
    createdBy: text("created_by").notNull(),
    /** The person who made it, so that it ends with their membership; null where a program did. */
    createdByUser: text("created_by_user"),
    createdAt: createdAt(),
    expiresAt: at("expires_at"),
    lastUsedAt: at("last_used_at"),
    revokedAt: at("revoked_at"),
  },
  (t) => [
    index("api_tokens_scope").on(t.teamId, t.projectId),
    index("api_tokens_service_account").on(t.teamId, t.serviceAccountId),
  ],
);
