import { defineConfig } from "vitest/config";

const exclude = ["**/node_modules/**", "**/.next/**", "**/.ballast/**"];
export default defineConfig({
  test: {
    // What services log while they are tested is not for the reader of the results.
    env: { BALLAST_LOG: "silent" },
    projects: [
      {
        test: {
          name: "unit",
          include: ["{packages,plugins,apps,bench}/**/*.test.ts"],
          exclude: [...exclude, "**/*.int.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "int",
          include: ["{packages,plugins,apps}/**/*.int.test.ts"],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
