import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { useEffect, useRef } from "react";
import { useText } from "../text/text.tsx";
import type { GridLine, Place } from "./grid.ts";

/** As high as its style has it. */
const LINE_PX = 40;

/** The emoji of a picker, of which only those on screen are in the page. The field above has the focus and the keys. */
export function EmojiGrid({
  id,
  lines,
  active,
  jump,
  onJumped,
  onPoint,
  onChoose,
}: {
  id: string;
  lines: readonly GridLine[];
  active: Place;
  /** A line to be brought on screen. */
  jump: number | null;
  onJumped: () => void;
  onPoint: (place: Place) => void;
  onChoose: (emoji: string) => void;
}) {
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 3,
  });
  useEffect(() => {
    if (jump === null) return;
    virtualizer.scrollToIndex(jump, { align: lines[jump]?.kind === "heading" ? "start" : "auto" });
    onJumped();
  }, [jump, lines, virtualizer, onJumped]);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <div
        id={id}
        role="listbox"
        aria-label={text.emoji}
        tabIndex={-1}
        className="relative"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          return (
            line && (
              <div
                key={index}
                className="absolute inset-x-0 top-0 grid h-10 grid-cols-8"
                style={{ transform: `translateY(${start}px)` }}
              >
                {line.kind === "heading" ? (
                  <span
                    aria-hidden
                    className="col-span-8 self-end px-2 pb-1 text-sm font-semibold text-muted"
                  >
                    {line.title}
                  </span>
                ) : (
                  line.emoji.map(({ emoji, name }, column) => {
                    const isActive = active.line === index && active.column === column;
                    return (
                      // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys.
                      <div
                        key={emoji}
                        id={cellId(id, { line: index, column })}
                        role="option"
                        tabIndex={-1}
                        aria-selected={isActive}
                        aria-label={name}
                        title={name}
                        onPointerMove={() => onPoint({ line: index, column })}
                        onClick={() => onChoose(emoji)}
                        className={clsx(
                          "flex cursor-pointer items-center justify-center overflow-hidden rounded-lg text-xl whitespace-nowrap select-none",
                          isActive && "bg-chosen",
                        )}
                      >
                        {emoji}
                      </div>
                    );
                  })
                )}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

/** By which the field names the active one. */
export function cellId(id: string, { line, column }: Place): string {
  return `${id}-${line}-${column}`;
}
