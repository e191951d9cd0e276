import { Search } from "lucide-react";
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { useObservable } from "../data/use-observable.ts";
import { useText } from "../text/text.tsx";
import { Answered } from "../ui/answered.tsx";
import { IconButton } from "../ui/button.tsx";
import { INPUT } from "../ui/field.tsx";
import { isComposing } from "../ui/input-method.ts";
import { Empty } from "../ui/states.tsx";
import { EMOJI_GROUPS, type Emoji, findEmoji, pickEmoji, withTone } from "./emoji.ts";
import { cellId, EmojiGrid } from "./emoji-grid.tsx";
import { emojiAt, firstPlace, type GridLine, gridLines, type Place, stepFrom } from "./grid.ts";
import { QUICK_EMOJI } from "./quick-emoji.ts";
import { noteEmoji, recentEmoji } from "./recent-emoji.ts";
import { skinTone } from "./skin-tone.ts";
import { HANDS, SkinTones } from "./skin-tones.tsx";
import { useEmoji } from "./use-emoji.ts";

const COLUMNS = 8;

/** Any emoji there is: looked for by name, or by going through the groups. */
export function EmojiPicker({ onChoose }: { onChoose: (emoji: string) => void }) {
  const query = useEmoji();
  const choose = (emoji: string) => {
    noteEmoji(emoji);
    onChoose(emoji);
  };
  return (
    <div className="flex h-full flex-col gap-2">
      <Answered query={query}>{(all) => <Picker all={all} onChoose={choose} />}</Answered>
    </div>
  );
}

function Picker({ all, onChoose }: { all: readonly Emoji[]; onChoose: (emoji: string) => void }) {
  const text = useText();
  const id = useId();
  const [query, setQuery] = useState("");
  const tone = useObservable(skinTone);
  const [isToning, setToning] = useState(false);
  const lines = useLines(all, query, tone);
  const [chosen, setActive] = useState<Place | null>(null);
  const active = chosen && emojiAt(lines, chosen) ? chosen : firstPlace(lines);
  const [jump, setJump] = useState<number | null>(null);
  const press = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    const emoji = emojiAt(lines, active);
    if (event.key === "Enter" && emoji) {
      event.preventDefault();
      onChoose(emoji.emoji);
      return;
    }
    // In what is written the keys to the sides move the caret.
    const isSideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
    const next = isSideways && query !== "" ? active : stepFrom(lines, active, event.key);
    if (next === active) return;
    event.preventDefault();
    setActive(next);
    setJump(next.line);
  };
  const name = emojiAt(lines, active)?.name ?? "";
  return (
    <>
      <div className="flex items-center gap-1">
        <div className="relative flex-1">
          <Search aria-hidden size={16} className="absolute top-3 left-3 text-muted" />
          <input
            type="search"
            role="combobox"
            aria-expanded
            aria-controls={id}
            aria-activedescendant={cellId(id, active)}
            // biome-ignore lint/a11y/noAutofocus: it is what the picker was opened for.
            autoFocus={matchMedia("(pointer: fine)").matches}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
              setActive(null);
              setJump(0);
            }}
            onKeyDown={press}
            aria-label={text.findEmoji}
            placeholder={text.findEmoji}
            className={`${INPUT} min-h-10 pl-9 [&::-webkit-search-cancel-button]:hidden`}
          />
        </div>
        <IconButton label={text.skinTone} aria-expanded={isToning} onClick={() => setToning(!isToning)}>
          <span aria-hidden className="text-xl">
            {HANDS[tone]}
          </span>
        </IconButton>
      </div>
      {isToning && <SkinTones tone={tone} />}
      {lines.length === 0 ? (
        <Empty icon={Search} title={text.nothingFound} />
      ) : (
        <EmojiGrid
          id={id}
          lines={lines}
          active={active}
          jump={jump}
          onJumped={() => setJump(null)}
          onPoint={setActive}
          onChoose={onChoose}
        />
      )}
      {query === "" ? (
        <Groups lines={lines} onJump={setJump} />
      ) : (
        <p aria-hidden className="h-8 truncate px-2 text-sm leading-8 text-muted">
          {name}
        </p>
      )}
    </>
  );
}

/** Recently used ones and the groups, or what was looked for. */
function useLines(all: readonly Emoji[], query: string, tone: number): readonly GridLine[] {
  const text = useText();
  return useMemo(() => {
    const toned = withTone(all, tone);
    if (query.trim() !== "")
      return gridLines([{ title: text.emoji, emoji: findEmoji(toned, query) }], COLUMNS);
    const recent = [...new Set([...recentEmoji(), ...QUICK_EMOJI])].slice(0, 2 * COLUMNS);
    const sections = EMOJI_GROUPS.map((group) => ({
      title: text.emojiGroups[group],
      emoji: toned.filter((one) => one.group === group),
    }));
    return gridLines([{ title: text.recentEmoji, emoji: pickEmoji(all, recent) }, ...sections], COLUMNS);
  }, [all, query, tone, text]);
}

/** Leads to each group, by its first emoji. */
function Groups({ lines, onJump }: { lines: readonly GridLine[]; onJump: (line: number) => void }) {
  return (
    <div className="flex justify-between border-t border-line pt-1">
      {lines.map((line, index) => {
        const first = lines[index + 1];
        if (line.kind !== "heading" || first?.kind !== "row") return null;
        return (
          <button
            key={line.title}
            type="button"
            aria-label={line.title}
            title={line.title}
            onClick={() => onJump(index)}
            className="flex size-8 items-center justify-center rounded-lg hover:bg-hover"
          >
            <span aria-hidden>{first.emoji[0]?.emoji}</span>
          </button>
        );
      })}
    </div>
  );
}
