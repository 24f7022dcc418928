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
});
export type CreateToken = z.infer<typeof createTokenSchema>;

export const roleSchema = z.enum(ROLES);

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
