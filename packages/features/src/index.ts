/** Feature views: one definition, served online from memory and computed offline in SQL. Safe for the browser. */
export { type ConversionRule, convert, rulesByColumn, rulesFor } from "@ballast/datasets";
export * from "./bindings.ts";
export * from "./definition.ts";
export * from "./online-store.ts";
export * from "./versioned-views.ts";
