import { expect, test } from "vitest";
import { WakeUps } from "./wake.ts";

test("wake-ups during a run cause exactly one more run, and keys do not wait for each other", async () => {
  const runs: string[] = [];
  const gates = new Map<string, () => void>();
  const wakeUps = new WakeUps(async (key) => {
    runs.push(key);
    await new Promise<void>((resolve) => gates.set(key, resolve));
  });
  wakeUps.wake("a");
  wakeUps.wake("b");
  for (let i = 0; i < 5; i++) wakeUps.wake("a");
  expect(runs).toEqual(["a", "b"]);
  gates.get("a")?.();
  await expect.poll(() => runs).toEqual(["a", "b", "a"]);
  gates.get("a")?.();
  gates.get("b")?.();
  await wakeUps.stop();
  expect(runs).toEqual(["a", "b", "a"]);
});
