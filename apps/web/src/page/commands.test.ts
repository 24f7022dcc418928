import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { callCommand, uploadCommand } from "./commands.ts";

const place = { web: "http://localhost:3000", gateway: "http://localhost:8080", team: "airline-ops", project: "cargo" };

/** What a shell makes of a command, without running it. */
function argumentsOf(command: string): string[] {
  const script = command.replace(/^\$ curl/, "printf '%s\\0'");
  return execFileSync("env", ["BALLAST_TOKEN=blst_1", "sh", "-c", script]).toString().split("\0").slice(0, -1);
}

it("shows commands that a shell reads as meant, quotes and all", () => {
  expect(argumentsOf(uploadCommand(place, "flights.parquet"))).toEqual([
    ...["-T", "flights.parquet", "-H", "Authorization: Bearer blst_1", "http://localhost:8080/v1/artifacts"],
  ]);
  const args = argumentsOf(callCommand(place, "dataset.createVersion", { description: "the carrier's own" }));
  expect(args[0]).toBe("http://localhost:3000/api/trpc/dataset.createVersion");
  expect(JSON.parse(args.at(-1) ?? "")).toEqual({
    json: { team: "airline-ops", project: "cargo", description: "the carrier's own" },
  });
});
