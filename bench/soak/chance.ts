export function between(least: number, most: number): number {
  return least + Math.random() * (most - least);
}

export function pick<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
