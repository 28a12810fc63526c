import { redirect } from "next/navigation";
import { HOME_PATH } from "@/lib/redirects";

export default function RootPage(): never {
  redirect(HOME_PATH);
}
