import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildTreeEnsembleModel } from "@ballast/onnx";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GateTask } from "./gate-messages.ts";
import { gateLimitMs, runModelGates } from "./run-model-gates.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-gates-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function task(path: string, sloMs = 25): GateTask {
  const features = ["hour", "distance"].map((input) => ({ input, view: "flight", feature: input }));
  const serving = { tensor: "features", output: "probability", features };
  const ranges = [
    { min: 0, max: 23 },
    { min: 50, max: 3000 },
  ];
  return { path, serving, ranges, sample: null, sloMs };
}

const stump = {
  feature: Int32Array.of(0, -1, -1),
  threshold: Float32Array.of(12, 0, 0),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0),
  value: Float32Array.of(0, -1, 1),
};

test("a sound model passes in a process of its own; one that is no model fails with the runtime's words", async () => {
  const featureNames = ["hour", "distance"];
  const sound = buildTreeEnsembleModel({ task: "binary", featureNames, baseValue: 0, trees: [stump] });
  const results = await runModelGates(task(written("sound.onnx", sound)));
  expect(results.map(({ gate, passed }) => [gate, passed])).toEqual([
    ["onnx_parity", true],
    ["latency", true],
  ]);
  expect(results[1]?.measured).toMatchObject({ runs: 500, sloMs: 25 });
  const [parity, latency] = await runModelGates(task(written("torn.onnx", sound.subarray(0, 50))));
  expect(parity).toMatchObject({ passed: false, message: expect.stringContaining("The model could not be run: ") });
  expect(latency).toMatchObject({ gate: "latency", passed: false, message: parity?.message });
});

test("a model that computes for ever is stopped, and keeps nobody waiting meanwhile", async () => {
  let last = performance.now();
  let longest = 0;
  const ticks = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 10);
  const results = await runModelGates(task(fixture("endless.onnx")), 2_000);
  clearInterval(ticks);
  expect(results).toEqual(
    ["onnx_parity", "latency"].map((gate) => ({
      gate,
      passed: false,
      message: "It was stopped after 2 s.",
      measured: {},
    })),
  );
  expect(longest).toBeLessThan(1_000);
});

test("slow runs end as soon as they decide; every gate that the model got through keeps its finding", async () => {
  const [parity, latency] = await runModelGates(task(fixture("slow.onnx"), 0.01));
  expect(parity).toMatchObject({ gate: "onnx_parity", passed: true });
  expect(latency).toMatchObject({ gate: "latency", passed: false, measured: { runs: 6 } });
  expect(latency?.message).toContain("over 6 runs (objective 0.01 ms; stopped, as 6 were slower)");
});

test("the limit leaves time to a model that just meets its objective", () => {
  expect(gateLimitMs(25)).toBeGreaterThan(60_000 + 1_318 * 25);
  expect(gateLimitMs(60_000)).toBe(600_000);
});
