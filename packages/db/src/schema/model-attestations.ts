import { jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

/** A signed envelope as the Dead Simple Signing Envelope has it: base64 payload and signatures. */
export interface SignedEnvelope {
  payloadType: string;
  payload: string;
  signatures: { keyid: string; sig: string }[];
}

/** What the installation signed about a model version: its files' digests and where they come from. */
export const modelAttestations = pgTable("model_attestations", {
  ...tenant,
  versionId: text("version_id").primaryKey(),
  keyId: text("key_id").notNull(),
  envelope: jsonb("envelope").$type<SignedEnvelope>().notNull(),
  createdBy: text("created_by").notNull(),
  createdAt: createdAt(),
});
