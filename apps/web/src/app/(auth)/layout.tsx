import { formatLatency, Status } from "@ballast/ui";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { readServiceState, type ServiceState } from "@/server/service-state";

/** Pages before the frame: one column, one task, and whether the services answer. */
export default async function AuthLayout({ children }: { children: ReactNode }) {
  await connection();
  const services = await readServiceState();
  return (
    <div className="standalone">
      <main className="standalone-body">{children}</main>
      <footer className="standalone-foot">
        <ServiceSummary services={services} />
        <span className="end">Self-hosted, Apache-2.0</span>
      </footer>
    </div>
  );
}

function ServiceSummary({ services: { database, gateway } }: { services: ServiceState }) {
  const silent = [database.answers ? null : "database", gateway && !gateway.answers ? "gateway" : null].filter(Boolean);
  return (
    <>
      {silent.length === 0 ? (
        <Status tone="healthy">All services answer</Status>
      ) : (
        <Status tone="breach">No answer from the {silent.join(" and the ")}</Status>
      )}
      {gateway?.answers ? <span>Gateway · {formatLatency(gateway.milliseconds)}</span> : null}
      {database.answers ? (
        <span>
          Postgres {database.version} · {database.embedded ? "embedded" : "external"}
        </span>
      ) : null}
    </>
  );
}
