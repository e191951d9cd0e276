import { useQuery } from "@tanstack/react-query";
import { useLanguage } from "../text/text.tsx";
import { type Emoji, emojiOf } from "./emoji.ts";

/** All emoji, named in the chosen language; fetched once. */
export function useEmoji() {
  const language = useLanguage();
  return useQuery<readonly Emoji[]>({
    queryKey: ["emoji", language],
    queryFn: async () => {
      const data = language === "en" ? await import("virtual:emoji/en") : await import("virtual:emoji/zh");
      return emojiOf(data.default);
    },
    staleTime: Number.POSITIVE_INFINITY,
    throwOnError: false,
  });
}
