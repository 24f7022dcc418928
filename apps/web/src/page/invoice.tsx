import { Facts, formatMoney, Link } from "@ballast/ui";
import type { Outputs } from "./outputs.ts";

const MICROS = 1_000_000;

export type Invoice = NonNullable<Outputs["finops"]["refusals"][number]["invoice"]>;

/** A refusal for want of money, read as an invoice: worst case, free, short by, ways out. */
export function InvoiceView({ invoice, title, base }: { invoice: Invoice; title: string; base: string }) {
  const amounts = [invoice.limitMicros, invoice.committedMicros, invoice.reservedMicros, invoice.worstCaseMicros];
  // One number of decimals down the column: cents, unless an amount would vanish in them.
  const digits = amounts.some((micros) => micros > 0 && micros < MICROS / 100) ? 4 : 2;
  const money = (micros: number) => formatMoney(micros / MICROS, { currency: invoice.currency, digits });
  return (
    <div className="grid max-w-[560px] gap-3">
      <p className="font-semibold">{title}</p>
      <Facts
        rows={[
          ["Limit of the budget", money(invoice.limitMicros)],
          ["Committed by then", money(invoice.committedMicros)],
          ["Reserved by then", money(invoice.reservedMicros)],
          ["Free under the limit", money(invoice.freeMicros)],
          ["Worst case of the job", money(invoice.worstCaseMicros)],
        ]}
      />
      <div className="panel-rule pt-2">
        <Facts
          rows={[
            [
              "Short by",
              <b key="short" className="text-breach">
                {money(invoice.shortByMicros)}
              </b>,
            ],
          ]}
        />
      </div>
      <p className="secondary">
        A hard budget admits a job only if its worst case fits. Nothing was started and nothing was charged; serving
        goes on.
      </p>
      {invoice.waysOut.length > 0 ? (
        <div>
          <p className="font-medium">Ways out</p>
          <ul className="secondary grid list-disc gap-1 pl-4">
            {invoice.waysOut.map((way) => (
              <li key={way}>{way}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <p>
        <Link href={`${base}/costs`}>See budget “{invoice.budget}”</Link>
      </p>
    </div>
  );
}
