import { z } from "zod";
import type { HttpRequest } from "./http-client.ts";

/** One request as whoever has signed in; what comes back is checked against the schema. */
export type Call = <T extends z.ZodType>(schema: T, request: HttpRequest) => Promise<z.infer<T>>;

/** An answer without a body. */
export const nothingSchema = z.unknown().transform(() => undefined);

export interface PageRequest {
  readonly cursor?: string | null;
  readonly limit?: number;
}

/** A part of a path that is not ours to trust, as an emoji or a code. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}
