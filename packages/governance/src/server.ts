/** Services of access: accounts, teams, projects, members, invitations, identities, service accounts, tokens, the audit log. */
export * from "./accounts.ts";
export * from "./audit.ts";
export * from "./identities.ts";
export { type Installation, openSealed, readInstallation, sealText } from "./installation.ts";
export * from "./invitations.ts";
export * from "./members.ts";
export { type OidcSettings, oidcSettings } from "./oidc-settings.ts";
export * from "./open-lineage/export.ts";
export * from "./service-accounts.ts";
export { SignInThrottle } from "./sign-in-throttle.ts";
export { SignUpThrottle } from "./sign-up-throttle.ts";
export * from "./signing.ts";
export { stillAllowed } from "./still-allowed.ts";
export { refuseUnstorable } from "./storable-input.ts";
export * from "./tokens.ts";
export { type DeliverDeps, deliverWebhooks } from "./webhooks/deliver.ts";
export * from "./webhooks/deliveries.ts";
export * from "./webhooks/webhooks.ts";
