import { PERMISSIONS } from "@ballast/core";
import { expect, it } from "vitest";
import { permissionGroups } from "./permission-words.ts";

it("has words for every permission there is, once", () => {
  const named = permissionGroups.flatMap((group) => group.permissions.map(([permission]) => permission));
  expect([...named].sort()).toEqual([...PERMISSIONS].sort());
});
