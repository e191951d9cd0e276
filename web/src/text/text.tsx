import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { UimError } from "../../../sdk/index.ts";
import { type Language, language } from "../data/preferences.ts";
import { useObservable } from "../data/use-observable.ts";
import { type Catalogue, en } from "./en.ts";

interface Words {
  readonly text: Catalogue;
  readonly language: Language;
}

const Context = createContext<Words>({ text: en, language: "en" });

/** Gives everything inside the words of the chosen language. English is there at once, others are fetched. */
export function TextProvider({ children }: { children: ReactNode }) {
  const chosen = useObservable(language);
  const [words, setWords] = useState<Words | null>(chosen === "en" ? { text: en, language: "en" } : null);
  useEffect(() => {
    let isCurrent = true;
    const take = (text: Catalogue) => {
      if (!isCurrent) return;
      document.documentElement.lang = chosen;
      setWords({ text, language: chosen });
    };
    if (chosen === "en") take(en);
    else
      import("./zh.ts").then(
        ({ zh }) => take(zh),
        () => take(en),
      );
    return () => {
      isCurrent = false;
    };
  }, [chosen]);
  return words && <Context value={words}>{children}</Context>;
}

export function useText(): Catalogue {
  return useContext(Context).text;
}

/** In which way times and numbers are written: as the browser has it for this language, else as the language has it. */
export function useLocale(): string {
  const { language: chosen } = useContext(Context);
  const base = chosen.split("-")[0] ?? chosen;
  return navigator.languages.find((name) => name.toLowerCase().startsWith(base) && isLocale(name)) ?? chosen;
}

/** Some browsers name what no formatter takes, as `en-US@posix` where the system has no language. */
function isLocale(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name).length > 0;
  } catch {
    return false;
  }
}

export function useLanguage(): Language {
  return useContext(Context).language;
}

/** What went wrong, in the words of the language; what it has none for, in those of the server. */
export function errorText(text: Catalogue, error: unknown): string {
  if (!(error instanceof UimError)) return text.somethingWrong;
  const { code } = error;
  if (isKnown(text.errors, code)) return text.errors[code];
  return error.errors[0]?.message ?? error.message ?? text.somethingWrong;
}

function isKnown(errors: Catalogue["errors"], code: string): code is keyof Catalogue["errors"] {
  return Object.hasOwn(errors, code);
}
