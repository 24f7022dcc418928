import { expect, it } from "vitest";
import { LineProcess } from "./line-process.ts";

const ECHO = `process.stdin.on("data", (line) => {
  const { say, fail } = JSON.parse(line);
  if (fail) { process.stderr.write("out of cheese"); process.exit(3); }
  process.stdout.write(JSON.stringify({ heard: say }) + "\\n");
});`;

it("passes one message at a time to and fro", async () => {
  const child = new LineProcess("echo", [process.execPath, "-e", ECHO]);
  expect(await child.request({ say: 1 })).toEqual({ heard: 1 });
  expect(await child.request({ say: 2 })).toEqual({ heard: 2 });
  child.stop();
});

it("reports what a child said when it dies, and a program that is not there", async () => {
  const child = new LineProcess("echo", [process.execPath, "-e", ECHO]);
  await expect(child.request({ fail: true })).rejects.toThrow("echo ended with 3:\nout of cheese");
  await expect(child.request({ say: 1 })).rejects.toThrow("has ended");
  await expect(new LineProcess("none", ["no-such-program"]).request({})).rejects.toThrow("ENOENT");
});
