import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DriftInput, DriftResult, PluginHost } from "@ballast/plugin-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containDriftTest } from "./contain-failures.ts";
import { openPluginHost, pluginSource } from "./plugin-host.ts";

const manifest = (id: string, over: Record<string, unknown> = {}) => ({
  ...{ schemaVersion: 1, id, title: id, apiVersion: 1, entry: "./entry.mjs" },
  contributes: { driftTests: [{ id: id.split(".")[1], title: "A test" }] },
  ...over,
});
const moduleOf = (testId: string, run = "() => ({ statistic: 's', value: 0, n: { reference: 1, current: 1 } })") =>
  `export default { driftTests: [{ id: "${testId}", title: "A test", kinds: ["numeric"], run: ${run} }] };`;

/** folder → [what package.json holds, the module's text, what the error must say; null where it is ready] */
const CASES: Record<string, [unknown, string | null, RegExp | null]> = {
  "a-good": [manifest("acme.good"), moduleOf("good"), null],
  "b-not-json": ["{ nope", null, /not JSON/],
  "c-misspelt": [manifest("acme.misspelt", { permisions: [] }), moduleOf("misspelt"), /Unrecognized key.*permisions/],
  "d-future": [
    manifest("acme.future", { apiVersion: 7, somethingNew: true }),
    "throw new Error('this code must never run')",
    /plugin API 7; this platform supports 1\./,
  ],
  "e-throws": [manifest("acme.throws"), "throw new Error('boom at load');", /boom at load/],
  "f-syntax": [manifest("acme.syntax"), "export default {", /could not be loaded/],
  "g-no-entry": [manifest("acme.no-entry"), null, /could not be loaded/],
  "h-hangs": [manifest("acme.hangs"), "await new Promise(() => {});", /did not finish loading within 300 ms/],
  "i-no-default": [manifest("acme.no-default"), "export const x = 1;", /no default export/],
  "j-missing": [manifest("acme.missing"), "export default {};", /declares driftTests "missing".*does not export/],
  "k-undeclared": [manifest("acme.undeclared", { contributes: {} }), moduleOf("sneaky"), /"sneaky".*does not declare/],
  "l-no-method": [
    manifest("acme.no-method"),
    'export default { driftTests: [{ id: "no-method" }] };',
    /no function run/,
  ],
  "m-escape": [manifest("acme.escape", { entry: "../a-good/entry.mjs" }), null, /out of the plugin's folder/],
  "n-same-id": [manifest("acme.good"), moduleOf("good"), /acme\.good is installed already/],
  "o-clash": [
    manifest("acme.clash", { contributes: { driftTests: [{ id: "good", title: "Mine" }] } }),
    moduleOf("good"),
    /"good" is contributed by acme\.good already/,
  ],
  "p-breaks": [manifest("acme.breaks"), moduleOf("breaks", "() => { throw new TypeError('bad column'); }"), null],
  "q-bad-id": [manifest("nodot"), moduleOf("x"), /ballast\.id/],
};

let root: string;
let host: PluginHost;
beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), "ballast-plugins-"));
  for (const [name, [pack, code]] of Object.entries(CASES)) {
    mkdirSync(path.join(root, name));
    const text = typeof pack === "string" ? pack : JSON.stringify({ name, version: "1.0.0", ballast: pack });
    writeFileSync(path.join(root, name, "package.json"), text);
    if (code !== null) writeFileSync(path.join(root, name, "entry.mjs"), code);
  }
  mkdirSync(path.join(root, "r-library"));
  writeFileSync(path.join(root, "r-library", "package.json"), JSON.stringify({ name: "just-a-library" }));
  mkdirSync(path.join(root, "s-empty"));
  host = await openPluginHost({ folders: [root, path.join(root, "absent")], loadTimeoutMs: 300 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each(Object.entries(CASES).map(([name, [, , error]], i) => [name, error, i] as const))(
  "%s",
  (_name, error, index) => {
    const listed = host.installed()[index];
    if (error === null) expect(listed).toMatchObject({ state: "ready", error: null });
    else expect(listed).toMatchObject({ state: "failed", error: expect.stringMatching(error) });
  },
);

test("folders that are no plugins are not listed", () => {
  expect(host.installed()).toHaveLength(Object.keys(CASES).length);
});

test("only sound plugins contribute, and one that breaks at work is named", () => {
  expect(host.driftTests().map(({ plugin, test: t }) => [plugin, t.id])).toEqual([
    ["acme.good", "good"],
    ["acme.breaks", "breaks"],
  ]);
  const breaks = host.driftTests()[1]?.test;
  const input = { column: "distance" } as DriftInput;
  expect(() => breaks?.run(input)).toThrow(
    "Plugin acme.breaks: drift test breaks on column distance failed: bad column",
  );
});

test.each([
  ["a value that is no number", { value: Number.NaN }, /the value NaN/],
  ["an endless value", { value: Number.POSITIVE_INFINITY }, /the value Infinity/],
  ["a p-value that is no number", { pValue: Number.NaN }, /the p-value NaN, must be 0 to 1/],
  ["a p-value above 1", { pValue: 1.5 }, /the p-value 1.5/],
  ["a p-value that is null", { pValue: null }, /the p-value null/],
  ["sample sizes that count nothing", { n: { reference: 10, current: Number.NaN } }, /no sample sizes/],
  ["no sample sizes", { n: undefined }, /no sample sizes/],
  ["no name of its statistic", { statistic: undefined }, /names no statistic/],
  ["a conversion to nothing", { diagnosis: { factor: 0, offset: 0 } }, /conversion × 0/],
])("a drift test that answers with %s is at fault, by name", (_, part, reason) => {
  const sound = { statistic: "s", value: 1, pValue: 0, n: { reference: 10, current: 0 } };
  const input = { column: "distance" } as DriftInput;
  const answering = (answer: unknown) =>
    containDriftTest("acme.odd", { ...{ id: "odd", title: "", kinds: [] }, run: () => answer as DriftResult });
  expect(answering(sound).run(input)).toEqual(sound);
  expect(() => answering({ ...sound, ...part }).run(input)).toThrow(
    /^Plugin acme\.odd: drift test odd on column distance/,
  );
  expect(() => answering({ ...sound, ...part }).run(input)).toThrow(reason);
  expect(() => answering(undefined).run(input)).toThrow("names no statistic");
});

test("an unknown trainer is refused with the ids there are", () => {
  expect(() => host.trainer("nope")).toThrow('Trainer "nope" is not installed; there is none.');
});

test("a declared trainer whose plugin failed is named with the reason", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ballast-plugins-"));
  mkdirSync(path.join(folder, "broken"));
  const contributes = { trainers: [{ id: "boost", title: "Boost" }] };
  const pack = { ballast: manifest("acme.boost", { contributes }) };
  writeFileSync(path.join(folder, "broken", "package.json"), JSON.stringify(pack));
  const opened = await openPluginHost({ folders: [folder] });
  expect(() => opened.trainer("boost")).toThrow("Plugin acme.boost, which declares it, failed to load");
  rmSync(folder, { recursive: true, force: true });
});

test("the first-party trainer is found by its manifest, here and by whoever is handed the source", async () => {
  const plugins = path.join(import.meta.dirname, "..", "..", "..", "plugins");
  const source = pluginSource({ folders: [plugins] });
  const module = (await import(source.module)) as { openPluginHost: typeof openPluginHost };
  const first = await module.openPluginHost(source.options);
  const estimate = first.trainer("gbdt").estimate({ rows: 2_000_000, features: 3, params: { maxTrees: 50 } });
  expect(estimate).toEqual({ unit: "Mrow_trees", worstCase: 100 });
  expect(() => first.trainer("gbdt").estimate({ rows: 1, features: 1, params: { trees: 1 } })).toThrow("params.trees");
});
