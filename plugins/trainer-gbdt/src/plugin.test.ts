import { readFileSync } from "node:fs";
import { pluginManifestSchema } from "@ballast/plugin-sdk";
import { expect, it } from "vitest";
import plugin from "./index.ts";

it("contributes what its manifest says", () => {
  const { ballast } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const manifest = pluginManifestSchema.parse(ballast);
  expect(manifest.id).toBe("ballast.trainer-gbdt");
  expect(plugin.trainers?.map(({ id, title }) => ({ id, title }))).toEqual(manifest.contributes.trainers);
});
