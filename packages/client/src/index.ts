/** A typed client of Ballast's API for scripts: plain Node 18 or newer, JavaScript or TypeScript. */
export { createClient } from "./client.ts";
export { BallastError, type FailureCode } from "./error.ts";
export type { ClientOptions } from "./settings.ts";
export type { BallastClient, CallOptions, Output } from "./types.ts";
