import { expect, it } from "vitest";
import { type KeyPress, readShortcut } from "./shortcuts.ts";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  meta: false,
  ctrl: false,
  alt: false,
  typing: false,
  at: 0,
  ...more,
});

it("goes somewhere on g and a letter, within a second", () => {
  const { action, pendingSince } = readShortcut(press("g", { at: 100 }), undefined);
  expect(action).toBeUndefined();
  expect(pendingSince).toBe(100);
  expect(readShortcut(press("m", { at: 900 }), pendingSince).action).toEqual({ kind: "go", key: "m" });
  expect(readShortcut(press("m", { at: 1_101 }), pendingSince).action).toBeUndefined();
});

it("leaves fields alone, except for the palette", () => {
  expect(readShortcut(press("[", { typing: true }), undefined).action).toBeUndefined();
  expect(readShortcut(press("g", { typing: true }), undefined).pendingSince).toBeUndefined();
  expect(readShortcut(press("k", { typing: true, meta: true }), undefined).action).toEqual({ kind: "palette" });
  expect(readShortcut(press("K", { ctrl: true }), undefined).action).toEqual({ kind: "palette" });
});

it("never takes the browser's own combinations", () => {
  expect(readShortcut(press("g", { ctrl: true }), undefined)).toEqual({ action: undefined, pendingSince: undefined });
  expect(readShortcut(press("[", { meta: true }), undefined).action).toBeUndefined();
});
