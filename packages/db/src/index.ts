/** Tables, tenant transactions, the outbox. */
export * from "./client.ts";
export * from "./schema/index.ts";
