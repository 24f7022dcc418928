import { globSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

/** Every HTTP route of the web app with what guards it. tRPC has the access matrix; `conformance/web.py` asks them all. */
const ROUTES = {
  "api/auth/[...nextauth]/route.ts": "Auth.js: sign-in, sign-out, session",
  "api/docs/route.ts": "public: what there is to ask, nothing of any team",
  "api/health/route.ts": "public: ready or not, nothing of any team",
  "api/openapi.json/route.ts": "public: what there is to ask, nothing of any team",
  "api/openlineage/route.ts": "as the procedure openLineage.export",
  "api/signing-key/route.ts": "public: a public key",
  "api/trpc/[trpc]/route.ts": "per procedure: packages/api/src/access-matrix.int.test.ts",
  "api/v1/[operation]/route.ts": "per procedure: packages/api/src/rest/rest.int.test.ts",
};

test("a new HTTP route says who may call it, and is asked without a credential", () => {
  const app = path.join(import.meta.dirname, "..");
  const found = globSync("**/route.{ts,tsx}", { cwd: app });
  expect(found.sort(), "name it in ROUTES and check it in conformance/web.py").toEqual(Object.keys(ROUTES).sort());
});
