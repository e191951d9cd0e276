import { useMemo, useState } from "react";
import { useUsers } from "../data/people.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { piecesOf } from "./pieces.ts";

const NOBODY: readonly string[] = [];
/** More than this is shown when somebody asks for it. */
const SHOWN_CHARS = 3_000;

/** What somebody wrote, as text: never as anything that a browser would carry out. */
export function RichText({
  content,
  mentions = NOBODY,
}: {
  content: string;
  mentions?: readonly string[] | undefined;
}) {
  const text = useText();
  const { user_id } = useSignedIn();
  const users = useUsers(mentions);
  const [isWhole, setWhole] = useState(false);
  const isCut = !isWhole && content.length > SHOWN_CHARS;
  const shown = isCut ? content.slice(0, SHOWN_CHARS).toWellFormed() : content;
  const names = users.map((user) => `${user.username.toLowerCase()} ${user.user_id}`).join();
  const pieces = useMemo(() => {
    const mentioned = new Map(names === "" ? [] : names.split(",").map((pair) => entryOf(pair)));
    return piecesOf(shown, mentioned);
  }, [shown, names]);
  return (
    <>
      {pieces.map((piece, index) => {
        const key = `${index} ${piece.kind}`;
        if (piece.kind === "text") return <span key={key}>{piece.text}</span>;
        if (piece.kind === "link") {
          return (
            <a
              key={key}
              href={piece.href}
              target="_blank"
              rel="noopener noreferrer nofollow"
              className="wrap-anywhere text-accent-ink underline underline-offset-2"
            >
              {piece.text}
            </a>
          );
        }
        const isMe = piece.user_id === user_id;
        return (
          <span key={key} className={`font-medium text-accent-ink ${isMe ? "rounded bg-chosen px-0.5" : ""}`}>
            {piece.text}
          </span>
        );
      })}
      {isCut && (
        <button
          type="button"
          onClick={() => setWhole(true)}
          className="ml-1 font-medium text-accent-ink underline underline-offset-2"
        >
          … {text.more}
        </button>
      )}
    </>
  );
}

function entryOf(pair: string): [string, string] {
  const [name = "", user_id = ""] = pair.split(" ");
  return [name, user_id];
}
