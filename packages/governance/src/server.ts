/** Services of access: accounts, teams, projects, tokens, the audit log. */
export * from "./accounts.ts";
export * from "./audit.ts";
export { SignInThrottle } from "./sign-in-throttle.ts";
export { stillAllowed } from "./still-allowed.ts";
export * from "./tokens.ts";
