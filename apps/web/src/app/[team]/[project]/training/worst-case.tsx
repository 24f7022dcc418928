import { formatCount, formatDateTime, Link, Note } from "@ballast/ui";
import { formatMicros } from "@/page/format-micros";
import type { Outputs } from "@/page/outputs";
import { requestIdOf } from "@/page/request-id";

type Estimate = Outputs["training"]["estimate"];

/** What the request would cost at worst, and whether the budget would take it, before it is made. */
export function WorstCase({
  estimate,
  error,
  base,
}: {
  estimate: Estimate | undefined;
  error: { message: string } | null;
  base: string;
}) {
  if (error) {
    const requestId = requestIdOf(error);
    return (
      <Note tone="breach" alert>
        <b>It could not be priced.</b> {error.message}{" "}
        {requestId ? <span className="muted">Request {requestId}</span> : null}
      </Note>
    );
  }
  if (!estimate) return <Note tone="running">Counting rows and pricing the worst case.</Note>;
  const { invoice, blockedBy, rowsAtMost } = estimate;
  const money = (micros: number) => formatMicros(micros, estimate.currency);
  const work = `at most ${formatCount(rowsAtMost)} rows, ${estimate.quantity.toLocaleString("en-US", { maximumSignificantDigits: 3 })} ${estimate.unit.replaceAll("_", " ")}`;
  if (blockedBy) {
    return (
      <Note tone="warning">
        <b>It would be refused.</b> Rows from {formatDateTime(blockedBy.from)} UTC on are not trained on while{" "}
        <Link className="underline" href={`${base}/incidents/${blockedBy.incidentId}`}>
          {blockedBy.title}
        </Link>{" "}
        is open. End the range before it, or resolve the incident.
      </Note>
    );
  }
  if (rowsAtMost === 0) {
    return (
      <Note tone="warning">
        <b>It would be refused.</b> No row has a label known in this range.
      </Note>
    );
  }
  if (!estimate.admitted) {
    return (
      <Note tone="warning">
        <b>It would be refused: short by {money(invoice.shortByMicros)}.</b> Worst case{" "}
        {money(estimate.worstCaseMicros)} ({work}); free under the hard limit {money(invoice.freeMicros)} of{" "}
        {money(invoice.limitMicros)}. {invoice.waysOut[0]}
      </Note>
    );
  }
  return (
    <Note tone="info">
      <b>Worst case {money(estimate.worstCaseMicros)}</b>: {work}.{" "}
      {estimate.hard
        ? `It is reserved at once; ${money(invoice.freeMicros)} of ${money(invoice.limitMicros)} is free. What is not used is released when the job ends.`
        : "No hard limit stands over it; what it uses is charged."}
    </Note>
  );
}
