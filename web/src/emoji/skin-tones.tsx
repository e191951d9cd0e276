import { useId } from "react";
import { useText } from "../text/text.tsx";
import { chooseSkinTone } from "./skin-tone.ts";

export const HANDS = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"] as const;
const NAMES = ["none", "light", "mediumLight", "medium", "mediumDark", "dark"] as const;

/** In which tone skin is shown, from now on and everywhere in the picker. */
export function SkinTones({ tone }: { tone: number }) {
  const text = useText();
  const name = useId();
  return (
    <fieldset className="flex justify-between px-1">
      <legend className="sr-only">{text.skinTone}</legend>
      {NAMES.map((key, index) => (
        <label
          key={key}
          title={text.skinTones[key]}
          className="relative flex size-10 items-center justify-center text-xl"
        >
          <input
            type="radio"
            name={name}
            checked={index === tone}
            onChange={() => chooseSkinTone(index)}
            aria-label={text.skinTones[key]}
            className="absolute inset-0 cursor-pointer appearance-none rounded-lg checked:bg-chosen"
          />
          <span aria-hidden className="pointer-events-none relative">
            {HANDS[index]}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
