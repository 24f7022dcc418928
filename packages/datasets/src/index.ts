/** Dataset versions, data contracts, conversions. Safe for the browser. */
export * from "./conversions.ts";
