/** Everything a plugin author imports: the manifest, the contracts, and a way to state each of them. */
export * from "./drift-test.ts";
export * from "./ground.ts";
export * from "./host.ts";
export * from "./manifest.ts";
export * from "./trainer.ts";
