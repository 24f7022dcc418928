import { Fragment } from "react";

/** Text in which column and event names stand in backticks, as the platform writes it: those parts in mono. */
export function TickedText({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence have no other identity
      <code key={index}>{part}</code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence have no other identity
      <Fragment key={index}>{part}</Fragment>
    ),
  );
}
