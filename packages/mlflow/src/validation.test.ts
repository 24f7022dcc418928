import { expect, test } from "vitest";
import { lengthOf, normalisedPath, pythonJson, pythonRepr } from "./python.ts";
import {
  checkAliasToSet,
  checkModelName,
  checkModelVersion,
  checkName,
  checkParam,
  checkTag,
  cut,
} from "./validation.ts";

/** As Python's `posixpath.normpath` answers (CPython 3.11). */
test.each([
  ["", "."],
  [".", "."],
  ["a/b", "a/b"],
  ["a//b", "a/b"],
  ["a/./b", "a/b"],
  ["a/../b", "b"],
  ["../a", "../a"],
  ["a/../../b", "../b"],
  ["/a/../..", "/"],
  ["//a", "//a"],
  ["///a", "/a"],
  ["a/", "a"],
  ["...", "..."],
])("normalisedPath(%o) is %o", (given, wanted) => {
  expect(normalisedPath(given)).toBe(wanted);
});

test.each(["loss", "val loss", "train/acc", "a.b-c:d_e", "ключ", "损失", "a..b", ".hidden", "x/.y"])(
  "a name: %s",
  (name) => {
    expect(() => checkName(name, "key")).not.toThrow();
  },
);

test.each([
  ["what?", /may only contain alphanumerics/],
  ["a\nb", /may only contain/],
  ["🙂", /may only contain/],
  ["a\\b", /may only contain/],
  ["../up", /would resolve to '\.\.\/up'/],
  ["/abs", /would resolve to '\/abs'/],
  ["a//b", /would resolve to 'a\/b'/],
  ["a/./b", /would resolve to 'a\/b'/],
  ["a/", /would resolve to 'a'/],
  [".", /would resolve to '\.'/],
  ["..x", /would resolve to '\.\.x'/],
])("no name: %o", (name, message) => {
  expect(() => checkName(name, "metrics[0].name")).toThrow(message);
  expect(() => checkName(name, "metrics[0].name")).toThrow(/for parameter 'metrics\[0\]\.name' supplied/);
});

test("lengths are counted in characters, not in halves of them; long values are cut at one", () => {
  expect(lengthOf("a🙂b")).toBe(3);
  expect(cut("🙂".repeat(5), 3)).toBe("🙂🙂🙂");
  expect(checkParam("k", "é".repeat(7000), "")).toHaveLength(6000);
  expect(checkTag("k", "x".repeat(8000), "")).toHaveLength(8000);
  expect(() => checkParam("k".repeat(251), "v", "params[0].")).toThrow(
    "'Param key' exceeds the maximum length of 250 characters",
  );
  expect(() => checkTag("k".repeat(251), "v", "tags[2].")).toThrow(
    "'tags[2].key' exceeds the maximum length of 250 characters",
  );
});

test("values in messages are printed as Python prints them", () => {
  expect(pythonJson({ b: [1, null], a: "é🙂" })).toBe('{"a":"\\u00e9\\ud83d\\ude42","b":[1,null]}');
  expect(pythonJson("x".repeat(5000)).length).toBeLessThan(2100);
  expect([pythonRepr("it's"), pythonRepr("plain"), pythonRepr(`both ' and "`)]).toEqual([
    `"it's"`,
    "'plain'",
    `'both \\' and "'`,
  ]);
});

test.each(["best", "a-b_c", "v", "v1a", "Ünïcode"])("an alias: %s", (alias) => {
  expect(() => checkAliasToSet(alias)).not.toThrow();
});
test.each(["", "latest", "LATEST", "v1", "V22", "a b", "a/b", "x".repeat(256)])("no alias: %o", (alias) => {
  expect(() => checkAliasToSet(alias)).toThrow();
});

test("names and numbers of models", () => {
  expect(() => checkModelName("churn model")).not.toThrow();
  for (const bad of ["", " ", "a/b", "a:b", ".", ".."]) expect(() => checkModelName(bad)).toThrow();
  expect([checkModelVersion("12"), checkModelVersion(" 7 ")]).toEqual([12, 7]);
  for (const bad of ["x", "1.5", "", "99999999999"]) expect(() => checkModelVersion(bad)).toThrow(/must be an integer/);
});
