// Stands in for `cloudflare:workers` while the objects run in Node.

/** What an object is given at its construction. */
export class DurableObject<Bindings> {
  protected readonly ctx: unknown;
  protected readonly env: Bindings;

  constructor(ctx: unknown, env: Bindings) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** The variables that are read outside of any object. */
export const env = { LOG_LEVEL: "warn" };
