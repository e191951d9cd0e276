import fs from "node:fs";
import { createRequire } from "node:module";
import type { Plugin, Rolldown } from "vite";
import { z } from "zod";

const PREFIX = "virtual:emoji/";
const LANGUAGES = ["en", "zh"];

/** What is newer is missing on too many devices, where it would be an empty box. */
const NEWEST_VERSION = 15.1;
/** Skin tones and hair by themselves are nothing to say. */
const COMPONENTS = 2;

const sourceSchema = z.array(
  z.object({
    emoji: z.string(),
    label: z.string(),
    tags: z.array(z.string()).default([]),
    group: z.number().optional(),
    order: z.number().default(0),
    version: z.number(),
    skins: z.array(z.object({ emoji: z.string(), tone: z.unknown() })).default([]),
  }),
);

/** An emoji, its name, what else it is looked for by, its group as Unicode numbers them, and itself in each tone of skin. */
export type EmojiRow = readonly [emoji: string, name: string, tags: string, group: number, tones?: string[]];

const TONES = [1, 2, 3, 4, 5];

/** As Unicode recommends it for interchange, and the server keeps it: the data asks for colour also where that goes without saying. */
function interchangeForm(emoji: string): string {
  return /^\p{RGI_Emoji}$/v.test(emoji) ? emoji : emoji.replaceAll("\u{FE0F}", "");
}

/** Of the data of a language no more than the picker needs: a quarter of it. */
export function emojiRows(language: string): EmojiRow[] {
  const file = createRequire(import.meta.url).resolve(`emojibase-data/${language}/data.json`);
  return sourceSchema
    .parse(JSON.parse(fs.readFileSync(file, "utf8")))
    .sort((one, other) => one.order - other.order)
    .flatMap(({ emoji, label, tags, group, version, skins }): EmojiRow[] => {
      if (group === undefined || group === COMPONENTS || version > NEWEST_VERSION) return [];
      // Of two people each may have another; those that are alike are enough.
      const tones = TONES.flatMap((tone) => skins.find((skin) => skin.tone === tone)?.emoji ?? []);
      const row = [interchangeForm(emoji), label, tags.join(" "), group] as const;
      return [tones.length === TONES.length ? [...row, tones.map(interchangeForm)] : row];
    });
}

/** Makes `virtual:emoji/en` and the like: a file of its own for each language, fetched when somebody opens the picker. */
export function emojiModules(): Plugin {
  return {
    name: "emoji-modules",
    resolveId: (id) =>
      LANGUAGES.includes(id.slice(PREFIX.length)) && id.startsWith(PREFIX) ? `\0${id}` : null,
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const rows = emojiRows(id.slice(PREFIX.length + 1));
      // A string is parsed faster than a literal of this length.
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(rows))});`;
    },
  };
}

/** Is this file of a build the emoji of a language? */
export function isEmoji(file: Rolldown.OutputChunk | Rolldown.OutputAsset): boolean {
  return file.type === "chunk" && file.moduleIds.some((id) => id.startsWith(`\0${PREFIX}`));
}
