import { PERMISSIONS, ROLES } from "@ballast/core";
import { z } from "zod";

/** Client-safe shapes of access: who signs up, what a token is asked for. */
export const slugSchema = z
  .string()
  .min(2, "Use at least 2 characters.")
  .max(40, "Use at most 40 characters.")
  .regex(/^[a-z0-9][a-z0-9-]*$/, "Use lower-case letters, digits and dashes, starting with a letter or digit.");

export const signUpSchema = z.object({
  name: z.string().trim().min(1, "Enter your name.").max(80),
  email: z.email("Enter an e-mail address, such as ada@example.com.").max(200).toLowerCase(),
  password: z.string().min(12, "Use at least 12 characters.").max(200),
  teamName: z.string().trim().min(2, "Name your team, with at least 2 characters.").max(60),
  projectName: z.string().trim().min(2, "Name your first project, with at least 2 characters.").max(60),
});
export type SignUp = z.infer<typeof signUpSchema>;

export const createTokenSchema = z.object({
  name: z.string().trim().min(1, "Name the token after the program that will hold it.").max(80),
  permissions: z.array(z.enum(PERMISSIONS)).min(1, "Choose at least one permission."),
  /** Days until it expires; null for never. */
  expiresInDays: z.int().min(1).max(3650).nullable(),
  /** The service account it shall belong to; left out for a token of its own. */
  serviceAccountId: z.string().max(40).optional(),
});
export type CreateToken = z.infer<typeof createTokenSchema>;

export const roleSchema = z.enum(ROLES);

export const createInvitationSchema = z.object({
  role: roleSchema,
  /** The only address it shall work for; null for whoever holds the link. */
  email: signUpSchema.shape.email.nullable().default(null),
  /** Days until the link expires. */
  expiresInDays: z.int().min(1).max(30).default(7),
});
export type CreateInvitation = z.infer<typeof createInvitationSchema>;

/** Who joins a team through an invitation, without one of their own. */
export const joinTeamSchema = signUpSchema.pick({ name: true, email: true, password: true });
export type JoinTeam = z.infer<typeof joinTeamSchema>;

export const createServiceAccountSchema = z.object({
  name: z.string().trim().min(2, "Name the program, with at least 2 characters.").max(60),
  description: z.string().trim().max(300).default(""),
  /** The most that any of its tokens may do. */
  permissions: z.array(z.enum(PERMISSIONS)).min(1, "Choose at least one permission.").max(PERMISSIONS.length),
  /** True: it may have tokens in every project of the team, else only in this one. */
  teamWide: z.boolean().default(false),
});
export type CreateServiceAccount = z.infer<typeof createServiceAccountSchema>;

/** What is left out stays as it is. */
export const updateServiceAccountSchema = z.object({
  id: z.string().max(40),
  description: z.string().trim().max(300).optional(),
  permissions: createServiceAccountSchema.shape.permissions.optional(),
});
export type UpdateServiceAccount = z.infer<typeof updateServiceAccountSchema>;

/** `Airline Ops` becomes `airline-ops`. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return slug.length >= 2 ? slug : `team-${slug || "x"}`;
}

export * from "./trash/schemas.ts";
export * from "./webhooks/schemas.ts";
