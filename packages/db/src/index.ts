/** Tables, tenant transactions, the outbox. */
export * from "./client.ts";
export { likeAnywhere, likeText } from "./like.ts";
export * from "./schema/index.ts";
export { isServable, type Servable, servableVersion } from "./servable-version.ts";
