import { formatDecimal, Panel, PanelBody } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";

type Proposal = NonNullable<Outputs["monitoring"]["incident"]["incident"]["proposal"]>;

/** Conversions shown; what explains nothing is of no interest. */
const SHOWN = 8;

/** How far the new rows stay from the reference after each conversion that was tried: 0 is the same shape. */
export function UnitCandidates({ proposal }: { proposal: Proposal }) {
  const rows = [...proposal.candidates].sort((a, b) => a.ksD - b.ksD).slice(0, SHOWN);
  const hidden = proposal.candidates.length - rows.length;
  return (
    <Panel title="Kolmogorov–Smirnov D left after each conversion" note="0 is the same shape as the reference">
      <PanelBody>
        <table className="w-full border-separate border-spacing-y-1" aria-label="Distance left after each conversion">
          <tbody>
            {rows.map((candidate) => {
              const chosen = candidate.unit === proposal.receivedUnit;
              const words =
                candidate.factor === 1 && candidate.offset === 0
                  ? "no conversion"
                  : `${candidate.unit.replaceAll("_", " ")} → ${proposal.declaredUnit.replaceAll("_", " ")}`;
              return (
                <tr key={`${candidate.unit} ${candidate.factor} ${candidate.offset}`}>
                  <th
                    scope="row"
                    className={`w-[38%] pr-3 text-left ${chosen ? "font-semibold" : "font-normal text-ink-2"}`}
                  >
                    {words}
                  </th>
                  <td>
                    <span className="flex items-center gap-2">
                      <span
                        aria-hidden="true"
                        className={`inline-block h-3 rounded-1 ${chosen ? "bg-s1" : "bg-line-strong"}`}
                        style={{ width: `${Math.max(0.4, candidate.ksD * 84)}%` }}
                      />
                      <span className={chosen ? "font-semibold" : "text-ink-2"}>{formatDecimal(candidate.ksD, 3)}</span>
                    </span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {hidden > 0 ? <p className="muted small mt-2">{hidden} more units explain it worse.</p> : null}
      </PanelBody>
    </Panel>
  );
}
