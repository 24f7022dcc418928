"use client";

import { useEffect, useRef } from "react";
import { isTyping } from "@/frame/typing";

/** What a key does; `shift` is held for the second case of a letter. */
export type KeyActs = Readonly<Record<string, (keys: { shift: boolean }) => void>>;

/** Does what `actOf` names for a key press, unless somebody types, a dialog or menu is open, or `g` was pressed before to go somewhere. */
function usePresses(actOf: (event: KeyboardEvent) => (() => void) | undefined): void {
  const latest = useRef(actOf);
  useEffect(() => {
    latest.current = actOf;
  });
  useEffect(() => {
    let wentAt = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog], [role=menu]")) return;
      const afterGo = event.timeStamp - wentAt < 1_500;
      wentAt = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const act = latest.current(event);
      if (!act || afterGo) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** Does something on keys of their own, again and again while they are held. */
export function useKeys(acts: KeyActs): void {
  usePresses((event) => {
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    return act && (() => act({ shift: event.shiftKey }));
  });
}

/** One key that does one thing, once per press. */
export function useKey(key: string, act: () => void): void {
  usePresses((event) => (event.repeat || event.key.toLowerCase() !== key ? undefined : act));
}
