/** A length of time in the words of the language: “8 hours”. */
export function durationText(language: string, count: number, unit: "hour" | "day" | "week"): string {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}
