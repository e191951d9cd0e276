import { ArrowLeft } from "lucide-react";
import { useText } from "../text/text.tsx";
import { goBack, Link } from "./navigation.tsx";

/** Where there is no room for the list beside a page: the way back to it. */
export function BackLink() {
  const text = useText();
  return (
    <Link
      href="/"
      follow={goBack}
      aria-label={text.back}
      className="inline-flex size-10 shrink-0 items-center justify-center rounded-full text-muted hover:bg-hover md:hidden"
    >
      <ArrowLeft aria-hidden size={20} className="rtl:-scale-x-100" />
    </Link>
  );
}
