import type { Catalogue } from "./en.ts";

/** The day that was asked about last: most questions are about the same one, and a calendar is slow. */
let known = { from: 0, to: 0 };

/** Are both on the same day, by the clock on the wall? */
export function isSameDay(one: number, other: number): boolean {
  if (one < known.from || one >= known.to) {
    const from = startOfDay(one);
    known = { from, to: new Date(from).setDate(new Date(from).getDate() + 1) };
  }
  return other >= known.from && other < known.to;
}

/** Whole days between two moments by the clock on the wall. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((startOfDay(later) - startOfDay(earlier)) / 86_400_000);
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, options: Intl.DateTimeFormatOptions, at: number): string {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, known);
  return known.format(at);
}

export function clockTime(language: string, at: number): string {
  return format(language, { hour: "2-digit", minute: "2-digit" }, at);
}

/** As short as it can be told: the time today, the weekday this week, else the date. */
export function shortTime(language: string, text: Catalogue, at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days <= 0) return clockTime(language, at);
  if (days === 1) return text.yesterday;
  if (days < 7) return format(language, { weekday: "short" }, at);
  return format(language, dateOptions(at, now, "short"), at);
}

/** Names a day, above what was said on it. */
export function dayName(language: string, text: Catalogue, at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days <= 0) return text.today;
  if (days === 1) return text.yesterday;
  if (days < 7) return format(language, { weekday: "long" }, at);
  return format(language, dateOptions(at, now, "long"), at);
}

export function fullTime(language: string, at: number): string {
  return format(language, { dateStyle: "medium", timeStyle: "short" }, at);
}

function dateOptions(at: number, now: number, month: "short" | "long"): Intl.DateTimeFormatOptions {
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return { day: "numeric", month, ...(!isThisYear && { year: "numeric" }) };
}
