import { Store } from "./store.ts";

export type Theme = "system" | "light" | "dark";
export type Language = "en" | "zh-Hans";

const THEME = "uim.theme";
const LANGUAGE = "uim.language";
const NOTIFICATIONS = "uim.notifications";
const PICTURES = "uim.pictures";

export const theme = new Store<Theme>(savedTheme());
export const language = new Store<Language>(savedLanguage());
/** Whether this browser is to show notifications; whether it may, it says itself. */
export const notifications = new Store<boolean>(localStorage.getItem(NOTIFICATIONS) === "on");
/** Whether pictures of people and groups are fetched from the servers where they lie. */
export const pictures = new Store<boolean>(localStorage.getItem(PICTURES) !== "off");

export function chooseTheme(chosen: Theme): void {
  if (chosen === "system") {
    localStorage.removeItem(THEME);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(THEME, chosen);
    document.documentElement.dataset.theme = chosen;
  }
  theme.set(chosen);
}

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(LANGUAGE, chosen);
  language.set(chosen);
}

export function chooseNotifications(areOn: boolean): void {
  localStorage.setItem(NOTIFICATIONS, areOn ? "on" : "off");
  notifications.set(areOn);
}

export function choosePictures(areOn: boolean): void {
  localStorage.setItem(PICTURES, areOn ? "on" : "off");
  pictures.set(areOn);
}

function savedTheme(): Theme {
  const saved = localStorage.getItem(THEME);
  return saved === "light" || saved === "dark" ? saved : "system";
}

function savedLanguage(): Language {
  const saved = localStorage.getItem(LANGUAGE);
  if (saved === "en" || saved === "zh-Hans") return saved;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";
}
