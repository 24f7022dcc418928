/** Feature views: one definition, served online from memory and computed offline in SQL. Safe for the browser. */
export * from "./bindings.ts";
export * from "./conversions.ts";
export * from "./online-store.ts";
