/** Services of access: accounts, teams, projects, tokens, the audit log. */
export * from "./accounts.ts";
export * from "./audit.ts";
export * from "./tokens.ts";
