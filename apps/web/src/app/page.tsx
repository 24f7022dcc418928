import { redirect } from "next/navigation";
import { currentAccount, homeOf } from "@/server/account";

/** The root leads to the first project of whoever is signed in. */
export default async function RootPage() {
  const account = await currentAccount();
  redirect(account ? await homeOf(account) : "/signin");
}
