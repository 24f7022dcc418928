import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { at, createdAt } from "./columns.ts";

/** How an identity provider names a person. Belongs to the person, not to a team. */
export const userIdentities = pgTable(
  "user_identities",
  {
    /** The provider, as its OpenID discovery document names itself. */
    issuer: text("issuer").notNull(),
    /** The provider's `sub`: never reused, unlike an e-mail address. */
    subject: text("subject").notNull(),
    userId: text("user_id").notNull(),
    /** The address the provider vouched for when the two were linked. */
    email: text("email").notNull(),
    createdAt: createdAt(),
    lastSignInAt: at("last_sign_in_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.issuer, t.subject] }), index("user_identities_user").on(t.userId)],
);
