import { clsx } from "clsx";
import { Users } from "lucide-react";
import { useState } from "react";
import { pictures } from "../data/preferences.ts";
import { useObservable } from "../data/use-observable.ts";
import { colourOf, initialsOf } from "./initials.ts";

const SIZES = { small: "size-8 text-xs", medium: "size-11 text-sm", large: "size-20 text-2xl" };

/** Somebody's picture; initials while there is none, or where its user wants none from elsewhere. */
export function Avatar({
  id,
  name,
  url = null,
  size = "medium",
  isGroup = false,
  isOnline = false,
}: {
  id: string;
  name: string;
  url?: string | null | undefined;
  size?: keyof typeof SIZES;
  isGroup?: boolean;
  isOnline?: boolean;
}) {
  const areShown = useObservable(pictures);
  const initials = initialsOf(name);
  return (
    <span aria-hidden className="relative inline-flex shrink-0">
      <span
        className={clsx(
          `relative inline-flex items-center justify-center overflow-hidden font-semibold select-none avatar-${colourOf(id)}`,
          isGroup ? "rounded-2xl" : "rounded-full",
          SIZES[size],
        )}
      >
        {initials || <Users size={18} />}
        {url && areShown && <Picture key={url} url={url} />}
      </span>
      {isOnline && (
        <span className="absolute right-0 bottom-0 size-3 rounded-full border-2 border-surface bg-online" />
      )}
    </span>
  );
}

/** Over the initials once it is there; where it does not come, they stay. */
function Picture({ url }: { url: string }) {
  const [isThere, setThere] = useState(false);
  return (
    <img
      src={url}
      alt=""
      // Whoever keeps the picture is not told where it is looked at (docs/security.md).
      referrerPolicy="no-referrer"
      loading="lazy"
      decoding="async"
      draggable={false}
      onLoad={() => setThere(true)}
      className={clsx("absolute inset-0 size-full bg-surface object-cover", !isThere && "opacity-0")}
    />
  );
}
