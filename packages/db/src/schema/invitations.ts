import type { Role } from "@ballast/core";
import { index, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt } from "./columns.ts";

/** A link that lets one person into a team. The link's secret is shown once; only its SHA-256 is kept. */
export const invitations = pgTable(
  "invitations",
  {
    teamId: text("team_id").notNull(),
    id: text("id").primaryKey(),
    /** Hex SHA-256 of the secret in the link; 160 bits of chance, so a fast hash is enough. */
    hash: text("hash").notNull().unique(),
    role: text("role").$type<Role>().notNull(),
    /** Lower case. Null: whoever holds the link. */
    email: text("email"),
    invitedBy: text("invited_by").notNull(),
    /** The person behind the invitation, or the program where there is none; null for those from before this was kept. */
    invitedById: text("invited_by_id"),
    createdAt: createdAt(),
    expiresAt: at("expires_at").notNull(),
    /** When and by whom (user id) it was used; it works once. */
    acceptedAt: at("accepted_at"),
    acceptedBy: text("accepted_by"),
    revokedAt: at("revoked_at"),
  },
  (t) => [index("invitations_team").on(t.teamId, t.createdAt)],
);
