import { z } from "zod";
import { exceedsCodePoints, isCleanText } from "./text.ts";

type Scalar = string | number | boolean | null;
type Nested<T> = Scalar | T[] | { [key: string]: T };

/** JSON to a depth that types can follow: unbounded recursion is too deep for those of the platform's RPC. */
export type Json = Nested<Nested<Nested<Scalar>>>;

/** How deep `metadata` may nest, and how long its JSON text may be (characters). */
export const METADATA_MAX_DEPTH = 4;
export const METADATA_MAX_CHARS = 8192;

/** Recurses at most `depth` levels, so hostile nesting cannot exhaust the stack. */
function isBoundedJson(value: unknown, depth: number): value is Json {
  if (value === null || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return isCleanText(value);
  if (typeof value !== "object" || depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isBoundedJson(item, depth - 1));
  return Object.entries(value).every(([key, item]) => isCleanText(key) && isBoundedJson(item, depth - 1));
}

function isMetadata(value: unknown): value is Record<string, Json> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    isBoundedJson(value, METADATA_MAX_DEPTH) &&
    !exceedsCodePoints(JSON.stringify(value), METADATA_MAX_CHARS)
  );
}

/** Free-form data that a client attaches to a message: a JSON object, at most 4 levels deep and 8,192 characters long. */
export const metadataSchema = z
  .custom<Record<string, Json>>(
    isMetadata,
    `must be a JSON object of at most ${METADATA_MAX_DEPTH} levels and ${METADATA_MAX_CHARS} characters`,
  )
  .meta({ type: "object", additionalProperties: true, description: "Free-form JSON object" });
