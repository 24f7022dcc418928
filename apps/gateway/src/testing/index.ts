/** For tests and benchmarks of the gateway: a project to serve, a client to call it with, its journal to look into. */
export * from "./gateway-client.ts";
export * from "./read-journal.ts";
export * from "./test-project.ts";
