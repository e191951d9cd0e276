interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** A list of which there may be several pages; nobody has more than so many friends. */
const MAX_PAGES = 20;
const PAGE = 100;

export async function allPages<T>(
  fetchPage: (page: { cursor: string | null; limit: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const next: Page<T> = await fetchPage({ cursor, limit: PAGE });
    items.push(...next.items);
    if (next.next_cursor === null) break;
    cursor = next.next_cursor;
  }
  return items;
}
