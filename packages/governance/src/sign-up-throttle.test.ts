import { expect, test } from "vitest";
import { SignUpThrottle } from "./sign-up-throttle.ts";

const refused = (throttle: SignUpThrottle, address: string): number | null => {
  try {
    throttle.admit(address);
    return null;
  } catch (error) {
    return (error as { details: { waitSeconds: number } }).details.waitSeconds;
  }
};

test("twenty from one place, others unharmed, and the wait it names is enough", () => {
  let now = 1_000_000;
  const throttle = new SignUpThrottle(() => now);
  for (let i = 0; i < 20; i++) {
    expect(refused(throttle, "10.0.0.1")).toBeNull();
    now += 1_000;
  }
  const wait = refused(throttle, "10.0.0.1");
  expect(wait).toBe(580);
  expect(refused(throttle, "10.0.0.2")).toBeNull();
  now += (wait ?? 0) * 1_000 - 1;
  expect(refused(throttle, "10.0.0.1")).toBe(1);
  now += 1;
  expect(refused(throttle, "10.0.0.1")).toBeNull();
});

test("an address of one's own choice for every attempt is no way around", () => {
  const throttle = new SignUpThrottle(() => 5_000_000);
  for (let i = 0; i < 200; i++) expect(refused(throttle, `2001:db8::${i}`)).toBeNull();
  expect(refused(throttle, "2001:db8::ffff")).toBe(600);
  expect(refused(throttle, "x".repeat(100_000))).toBe(600);
});
