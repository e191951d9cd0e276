// @ts-check
import { DurableObject } from "cloudflare:workers";

const TEXT = "x".repeat(300);

export class BareObject extends DurableObject {
  /**
   * Stores as many rows as it is told to, each by a statement of its own.
   * @override
   * @param {Request} request
   */
  async fetch(request) {
    const { sql } = this.ctx.storage;
    const rows = Number(new URL(request.url).searchParams.get("rows"));
    if (rows > 0) sql.exec("CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, text TEXT)");
    for (let row = 0; row < rows; row++) sql.exec("INSERT INTO texts (text) VALUES (?)", TEXT);
    return Response.json({ database_bytes: rows > 0 ? sql.databaseSize : 0 });
  }
}

export default {
  /**
   * @param {Request} request
   * @param {{ BARE: DurableObjectNamespace }} env
   */
  fetch(request, env) {
    return env.BARE.getByName(new URL(request.url).pathname).fetch(request);
  },
};
