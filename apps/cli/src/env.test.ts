import { expect, test, vi } from "vitest";
import { childEnv } from "./env.ts";

test("children inherit the environment, but not the way to the database that no policy binds", () => {
  vi.stubEnv("DATABASE_URL", "postgres://owner:password@127.0.0.1/ballast");
  vi.stubEnv("BALLAST_S3_REGION", "eu-1");
  const env = childEnv({ BALLAST_HOME: "/home" });
  expect(env).toMatchObject({ BALLAST_S3_REGION: "eu-1", BALLAST_HOME: "/home", NODE_ENV: "production" });
  expect(JSON.stringify(env)).not.toContain("owner:password");
  vi.unstubAllEnvs();
});
