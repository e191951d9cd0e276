import type { ShownMessage } from "../../../sdk/index.ts";
import { nameOf, useName, useUsers } from "../data/people.ts";
import { useSignedIn } from "../shell/context.tsx";
import type { Catalogue } from "../text/en.ts";
import { useText } from "../text/text.tsx";

const NOBODY: readonly string[] = [];
const NAMED = 3;

/** What has happened to a group, in a sentence. */
export function EventText({ message }: { message: ShownMessage }) {
  const text = useText();
  const { user_id } = useSignedIn();
  const { event, sender_id } = message;
  const whom = whomOf(event);
  const sender = useName(sender_id);
  const users = useUsers(whom.slice(0, NAMED));
  const who = sender_id === user_id ? text.you : sender || "…";
  // Who joined stands where the sentence begins.
  const mine = event?.change === "member_added" && event.by_invite ? text.you : text.youAsObject;
  const names = users.map((user) => (user.user_id === user_id ? mine : nameOf(user))).join(", ");
  const more = whom.length - NAMED;
  return <>{event && sentence(event, text, who, more > 0 ? text.andOthers(names, more) : names)}</>;
}

function whomOf(event: ShownMessage["event"]): readonly string[] {
  if (!event) return NOBODY;
  if ("user_ids" in event) return event.user_ids;
  return event.change === "role_changed" ? [event.user_id] : NOBODY;
}

function sentence(
  event: NonNullable<ShownMessage["event"]>,
  text: Catalogue,
  who: string,
  whom: string,
): string {
  switch (event.change) {
    case "renamed":
      return text.eventRenamed(who, event.name);
    case "settings_changed":
      return "avatar_url" in event.settings ? text.eventPicture(who) : text.eventSettings(who);
    case "member_added":
      return event.by_invite ? text.eventJoined(whom) : text.eventAdded(who, whom);
    case "member_removed":
      return event.has_left ? text.eventLeft(who) : text.eventRemoved(who, whom);
    case "role_changed":
      return text.eventRole(who, whom, text[event.role]);
    case "deleted":
      return text.eventDeleted(who);
  }
}
