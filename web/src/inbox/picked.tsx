import { useState } from "react";
import type { User } from "../../../sdk/index.ts";
import { nameOf } from "../data/people.ts";
import { useText } from "../text/text.tsx";

/** People who are chosen one by one. */
export function usePicked() {
  const [picked, setPicked] = useState<readonly User[]>([]);
  const toggle = (user: User) =>
    setPicked((before) =>
      before.some(({ user_id }) => user_id === user.user_id)
        ? before.filter(({ user_id }) => user_id !== user.user_id)
        : [...before, user],
    );
  return { picked, toggle };
}

export function Picked({ users, onRemove }: { users: readonly User[]; onRemove: (user: User) => void }) {
  const text = useText();
  if (users.length === 0) return null;
  return (
    <ul className="mb-2 flex flex-wrap gap-1">
      {users.map((user) => (
        <li key={user.user_id}>
          <button
            type="button"
            onClick={() => onRemove(user)}
            title={text.remove}
            className="rounded-full bg-chosen px-3 py-1 text-sm text-accent-ink"
          >
            {nameOf(user)} <span aria-hidden>×</span>
            <span className="sr-only">{text.remove}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
