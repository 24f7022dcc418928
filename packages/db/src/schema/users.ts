import { pgTable, text } from "drizzle-orm/pg-core";
import { createdAt } from "./columns.ts";

/** A person. Belongs to no team by itself; memberships do that. */
export const users = pgTable("users", {
  id: text("id").primaryKey(),
  /** Lower case; unique. */
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  /** argon2id, PHC string; null for somebody who only signs in through an identity provider. */
  passwordHash: text("password_hash"),
  createdAt: createdAt(),
});
