import { Button, Link, Mark } from "@ballast/ui";

/** Missing and belonging to somebody else look the same. */
export default function NotFound() {
  return (
    <div className="standalone">
      <main className="standalone-body">
        <div className="standalone-card">
          <div className="standalone-head">
            <span className="standalone-brand">
              <Mark size={28} />
              Ballast
            </span>
            <h1>There is nothing at this address</h1>
            <p className="secondary">It may have been deleted, or it belongs to a team that you are not in.</p>
          </div>
          <Button asChild size="large">
            <Link href="/">Go to your project</Link>
          </Button>
        </div>
      </main>
    </div>
  );
}
