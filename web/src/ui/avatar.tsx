import { clsx } from "clsx";
import { Users } from "lucide-react";
import { colourOf, initialsOf } from "./initials.ts";

const SIZES = { small: "size-8 text-xs", medium: "size-11 text-sm", large: "size-20 text-2xl" };

/** Made of initials: pictures lie on other servers, and asking those would tell them who reads. */
export function Avatar({
  id,
  name,
  size = "medium",
  isGroup = false,
  isOnline = false,
}: {
  id: string;
  name: string;
  size?: keyof typeof SIZES;
  isGroup?: boolean;
  isOnline?: boolean;
}) {
  const initials = initialsOf(name);
  return (
    <span aria-hidden className="relative inline-flex shrink-0">
      <span
        className={clsx(
          `inline-flex items-center justify-center font-semibold select-none avatar-${colourOf(id)}`,
          isGroup ? "rounded-2xl" : "rounded-full",
          SIZES[size],
        )}
      >
        {initials || <Users size={18} />}
      </span>
      {isOnline && (
        <span className="absolute right-0 bottom-0 size-3 rounded-full border-2 border-surface bg-online" />
      )}
    </span>
  );
}
