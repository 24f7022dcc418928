import { expect, test } from "vitest";
import { oidcSettings, roleFromClaim } from "./oidc-settings.ts";

const client = {
  BALLAST_OIDC_ISSUER: "https://login.example.com/realm",
  BALLAST_OIDC_CLIENT_ID: "ballast",
  BALLAST_OIDC_CLIENT_SECRET: "s",
};

test("without an issuer there is no provider; with one, what is missing or wrong is named", () => {
  expect(oidcSettings({})).toBeNull();
  expect(() => oidcSettings({ BALLAST_OIDC_ISSUER: "login" })).toThrow(/BALLAST_OIDC_ISSUER/);
  expect(() => oidcSettings({ ...client, BALLAST_OIDC_CLIENT_ID: "" })).toThrow(/CLIENT_ID/);
  expect(() => oidcSettings({ ...client, BALLAST_OIDC_CLIENT_SECRET: undefined })).toThrow(/CLIENT_SECRET/);
  const join = { ...client, BALLAST_OIDC_TEAM: "ops" };
  expect(() => oidcSettings({ ...join, BALLAST_OIDC_ROLE: "root" })).toThrow(/BALLAST_OIDC_ROLE/);
  expect(() => oidcSettings({ ...join, BALLAST_OIDC_ROLES: "ml=engineer,admin" })).toThrow(/"admin"/);
  expect(oidcSettings(client)).toMatchObject({ name: "login.example.com", domains: [], join: null });
});

test("the greatest mapped role counts; whoever is in no mapped group gets the default", () => {
  const settings = oidcSettings({
    ...{ ...client, BALLAST_OIDC_TEAM: "ops", BALLAST_OIDC_DOMAINS: "Example.com, @example.org" },
    BALLAST_OIDC_ROLES: "cn=ml=engineer, platform=admin,risk=approver",
  });
  expect(settings?.domains).toEqual(["example.com", "example.org"]);
  const rule = settings?.join;
  if (!rule) throw new Error("a team is set");
  expect(roleFromClaim(rule, ["risk", "cn=ml"])).toBe("engineer");
  expect(roleFromClaim(rule, "platform")).toBe("admin");
  for (const claim of [["others"], [], undefined, null, 7, { platform: true }, ["__proto__"]])
    expect(roleFromClaim(rule, claim)).toBe("viewer");
});
