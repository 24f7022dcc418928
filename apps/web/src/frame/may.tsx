"use client";

import type { Permission } from "@ballast/core";
import { createContext, type ReactNode, useContext } from "react";

const MayContext = createContext<readonly Permission[]>([]);

/** What the person's role may do in this project, for every control below. */
export function MayProvider({ permissions, children }: { permissions: readonly Permission[]; children: ReactNode }) {
  return <MayContext.Provider value={permissions}>{children}</MayContext.Provider>;
}

/** Whether to draw a control at all: the server decides again when it is used. */
export function useMay(permission: Permission): boolean {
  return useContext(MayContext).includes(permission);
}
