import { config } from "zod";

/** Zod would try whether it may compile schemas; the page's policy forbids it, and the browser would report the attempt. */
config({ jitless: true });
