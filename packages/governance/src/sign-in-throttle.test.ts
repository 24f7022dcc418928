import { expect, test } from "vitest";
import { SignInThrottle } from "./sign-in-throttle.ts";

const wrong = () => Promise.resolve(null);
const right = () => Promise.resolve({ id: "ada" });
const MINUTE = 60_000;

async function fail(throttle: SignInThrottle, times: number, email: string, address: string): Promise<void> {
  for (let i = 0; i < times; i++) expect(await throttle.guard(email, address, wrong)).toBeNull();
}

test("after ten failures the right password waits too, and the message says how long", async () => {
  let now = 0;
  const throttle = new SignInThrottle(() => now);
  await fail(throttle, 9, "ada@example.com", "10.0.0.1");
  now = 5 * MINUTE;
  await fail(throttle, 1, "Ada@Example.com ", "10.0.0.1");
  let asked = false;
  const attempt = throttle.guard("ada@example.com", "10.0.0.1", () => {
    asked = true;
    return right();
  });
  await expect(attempt).rejects.toMatchObject({
    code: "too_many_requests",
    publicMessage: "Too many attempts with this e-mail address. Try again in 5 minutes.",
    details: { waitSeconds: 300 },
  });
  expect(asked).toBe(false);
  now = 10 * MINUTE - 30_000;
  await expect(throttle.guard("ada@example.com", "10.0.0.1", right)).rejects.toThrow("in 30 s");
  now = 10 * MINUTE;
  expect(await throttle.guard("ada@example.com", "10.0.0.1", right)).toEqual({ id: "ada" });
});

test("others are not held up: another person, and the same person from another place", async () => {
  const throttle = new SignInThrottle(() => 0);
  await fail(throttle, 10, "ada@example.com", "10.0.0.1");
  expect(await throttle.guard("eve@example.com", "10.0.0.1", right)).not.toBeNull();
  expect(await throttle.guard("ada@example.com", "10.0.0.2", right)).not.toBeNull();
});

test("changing the network address helps up to fifty failures", async () => {
  const throttle = new SignInThrottle(() => 0);
  for (let i = 0; i < 50; i++) await fail(throttle, 1, "ada@example.com", `10.0.1.${i}`);
  await expect(throttle.guard("ada@example.com", "10.0.2.1", right)).rejects.toMatchObject({
    code: "too_many_requests",
  });
});

test("a hundred attempts at once are ten", async () => {
  const throttle = new SignInThrottle(() => 0);
  let checked = 0;
  const check = async () => {
    checked += 1;
    return null;
  };
  const all = await Promise.allSettled(
    Array.from({ length: 100 }, () => throttle.guard("ada@example.com", "10.0.0.1", check)),
  );
  expect(checked).toBe(10);
  expect(all.filter((one) => one.status === "rejected")).toHaveLength(90);
});

test("what is no wrong password does not count: a success, a database that is away", async () => {
  const throttle = new SignInThrottle(() => 0);
  const away = () => Promise.reject(new Error("no answer"));
  for (let i = 0; i < 60; i++) {
    await expect(throttle.guard("ada@example.com", "10.0.0.1", away)).rejects.toThrow("no answer");
    await throttle.guard("ada@example.com", "10.0.0.1", right);
  }
  await fail(throttle, 9, "ada@example.com", "10.0.0.1");
  await throttle.guard("ada@example.com", "10.0.0.1", right);
  await fail(throttle, 10, "ada@example.com", "10.0.0.1");
  expect(throttle.size).toBe(2);
});

test("memory is bounded", async () => {
  const throttle = new SignInThrottle(() => 0);
  for (let i = 0; i < 15_000; i++) await throttle.guard(`p${i}@example.com`, "10.0.0.1", wrong);
  expect(throttle.size).toBe(20_000);
});
