import type { Permission } from "@ballast/core";

/** What a token with the permission can do, in words, by what it is for. */
export const permissionGroups: readonly { title: string; permissions: readonly (readonly [Permission, string])[] }[] = [
  {
    title: "Serve",
    permissions: [
      ["prediction.create", "ask for predictions"],
      ["outcome.write", "report outcomes"],
      ["feature.read_online", "read feature values"],
      ["feature.push", "push feature rows and the watermark"],
    ],
  },
  {
    title: "Build",
    permissions: [
      ["project.read", "read everything in the project"],
      ["project.write", "upload files"],
      ["dataset.write", "make dataset versions"],
      ["feature.write", "define feature views"],
      ["experiment.write", "log runs"],
      ["model.write", "register model versions"],
      ["training.request", "ask for training, which spends money"],
    ],
  },
  {
    title: "Operate",
    permissions: [
      ["deployment.write", "make deployments and start rollouts"],
      ["rollout.decide", "promote, pause and roll back"],
      ["policy.write", "set trigger policies"],
      ["incident.resolve", "accept conversions, close incidents"],
      ["budget.write", "set budgets and rate cards"],
    ],
  },
  {
    title: "Govern",
    permissions: [
      ["model.approve", "approve that a version gets an alias"],
      ["governance.write", "set approvals, retention and model cards"],
      ["webhook.write", "set webhooks and send again"],
      ["trash.purge", "delete for good what is in the trash"],
      ["audit.read", "read the audit log and who is in the team"],
      ["token.read", "list tokens"],
      ["token.write", "make and revoke tokens"],
      ["team.manage", "make projects, invite and remove people, make service accounts"],
    ],
  },
];
