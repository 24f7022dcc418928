import { expect, test } from "vitest";
import { RequestSlots } from "./request-slots.ts";

/** What has been granted by the time that all which can run has run. */
async function granted(asked: Promise<number>[]): Promise<(number | null)[]> {
  const found: (number | null)[] = asked.map(() => null);
  asked.forEach((one, i) => {
    one.then((slots) => {
      found[i] = slots;
    });
  });
  await Promise.resolve();
  await Promise.resolve();
  return found;
}

test("no more is out than there is, shares shrink with what is left, and turns are kept", async () => {
  const slots = new RequestSlots(33);
  const asked = [slots.take(1), slots.take(8), slots.take(8)];
  expect(await granted(asked)).toEqual([1, 2, 1]);
  const more = Array.from({ length: 31 }, () => slots.take(8));
  expect(await granted(more)).toEqual([...Array(29).fill(1), null, null]);
  slots.give(1);
  expect((await granted(more)).slice(-2)).toEqual([1, null]);
  slots.give(32);
  expect(await granted(more)).toEqual([...Array(30).fill(1), 2]);
});
