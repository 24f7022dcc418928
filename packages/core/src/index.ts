/** The ground every room stands on: errors, ids, actors and permissions, events, time, settings, logging. */
export * from "./access.ts";
export * from "./clock.ts";
export * from "./domain-event.ts";
export * from "./env.ts";
export * from "./error.ts";
export * from "./id.ts";
export * from "./log.ts";
export * from "./model-source.ts";
