// @ts-check
import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";

/** @typedef {{ body: Buffer, etag: string, modified: Date }} StoredObject */

/** What S3 lists in one answer. */
const PAGE_KEYS = 1_000;

/**
 * A bucket in memory that answers as far as workerd asks: reading, writing on a condition, listing, deleting. It checks
 * no signatures and forgets everything at its end: for trying a cluster out on one machine.
 */
export class MemoryBucket {
  /** @type {Map<string, StoredObject>} */
  #objects = new Map();
  // One whose caller dies in the middle needs no answer.
  #server = http.createServer((request, response) => this.#serve(request, response).catch(() => undefined));
  /** How many requests there were, by method. @type {Record<string, number>} */
  requests = {};

  /** @returns {Promise<number>} the port, on this machine only */
  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /**
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   */
  async #serve(request, response) {
    const { method = "GET", headers } = request;
    this.requests[method] = (this.requests[method] ?? 0) + 1;
    const url = new URL(request.url ?? "/", "http://bucket");
    // The first part of the path is the bucket's name.
    const key = decodeURIComponent(url.pathname.split("/").slice(2).join("/"));
    const body = Buffer.concat(await request.toArray());
    if (method === "PUT") this.#put(key, body, headers, response);
    else if (method === "DELETE") this.#delete(key, headers, response);
    else if (method === "POST" && url.searchParams.has("delete")) this.#deleteMany(String(body), response);
    else if (method === "GET" && key === "") this.#list(url.searchParams, response);
    else this.#get(key, method, headers, response);
  }

  /**
   * @param {string} key
   * @param {Buffer} body
   * @param {http.IncomingHttpHeaders} headers
   * @param {http.ServerResponse} response
   */
  #put(key, body, headers, response) {
    if (!this.#isExpected(key, headers)) return refuse(response, 412, "PreconditionFailed");
    const modified = new Date();
    const etag = createHash("md5").update(`${key} ${modified.getTime()} ${Math.random()}`).digest("hex");
    this.#objects.set(key, { body, etag: `"${etag}"`, modified });
    response.writeHead(200, { etag: `"${etag}"` }).end();
  }

  /**
   * @param {string} key
   * @param {http.IncomingHttpHeaders} headers
   * @param {http.ServerResponse} response
   */
  #delete(key, headers, response) {
    if (!this.#isExpected(key, headers)) return refuse(response, 412, "PreconditionFailed");
    this.#objects.delete(key);
    response.writeHead(204).end();
  }

  /**
   * @param {string} xml
   * @param {http.ServerResponse} response
   */
  #deleteMany(xml, response) {
    for (const [, key = ""] of xml.matchAll(/<Key>(.*?)<\/Key>/g)) this.#objects.delete(fromXml(key));
    answerXml(response, "<DeleteResult/>");
  }

  /**
   * Whether a condition on the object as it is now holds: what a cluster's ownership rests on.
   * @param {string} key
   * @param {http.IncomingHttpHeaders} headers
   */
  #isExpected(key, headers) {
    const current = this.#objects.get(key);
    if (headers["if-none-match"] === "*") return current === undefined;
    const wanted = headers["if-match"];
    return wanted === undefined || wanted === current?.etag;
  }

  /**
   * @param {string} key
   * @param {string} method
   * @param {http.IncomingHttpHeaders} headers
   * @param {http.ServerResponse} response
   */
  #get(key, method, headers, response) {
    const object = this.#objects.get(key);
    if (!object) return refuse(response, 404, "NoSuchKey");
    const { body, etag, modified } = object;
    if (headers["if-none-match"] === etag) return void response.writeHead(304).end();
    const range = rangeOf(headers.range, body.length);
    const part = range ? body.subarray(range.first, range.last + 1) : body;
    response.writeHead(range ? 206 : 200, {
      etag,
      "last-modified": modified.toUTCString(),
      "content-length": part.length,
      ...(range && { "content-range": `bytes ${range.first}-${range.last}/${body.length}` }),
    });
    response.end(method === "HEAD" ? undefined : part);
  }

  /**
   * @param {URLSearchParams} query
   * @param {http.ServerResponse} response
   */
  #list(query, response) {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
    const limit = Number(query.get("max-keys") ?? PAGE_KEYS);
    const folders = new Set();
    const keys = [];
    for (const key of [...this.#objects.keys()].sort()) {
      if (!key.startsWith(prefix) || key <= after) continue;
      const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      if (end >= 0) folders.add(key.slice(0, end + delimiter.length));
      else keys.push(key);
    }
    const page = keys.slice(0, limit);
    const isCut = keys.length > limit;
    const items = page.map((key) => {
      const { body, etag, modified } = /** @type {StoredObject} */ (this.#objects.get(key));
      return `<Contents><Key>${toXml(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${toXml(etag)}</ETag><Size>${body.length}</Size></Contents>`;
    });
    answerXml(
      response,
      `<ListBucketResult><Prefix>${toXml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><IsTruncated>${isCut}</IsTruncated>${
        isCut ? `<NextContinuationToken>${toXml(page.at(-1) ?? "")}</NextContinuationToken>` : ""
      }${items.join("")}${[...folders].map((folder) => `<CommonPrefixes><Prefix>${toXml(folder)}</Prefix></CommonPrefixes>`).join("")}</ListBucketResult>`,
    );
  }
}

/**
 * @param {string | undefined} header
 * @param {number} length
 */
function rangeOf(header, length) {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return null;
  if (from === "") return { first: Math.max(0, length - Number(to)), last: length - 1 };
  return { first: Number(from), last: to === "" ? length - 1 : Math.min(Number(to), length - 1) };
}

/**
 * @param {http.ServerResponse} response
 * @param {number} status
 * @param {string} code
 */
function refuse(response, status, code) {
  answerXml(response, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`, status);
}

/**
 * @param {http.ServerResponse} response
 * @param {string} xml
 * @param {number} [status]
 */
function answerXml(response, xml, status = 200) {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {string} text */
function toXml(text) {
  return text.replace(/[&<>"]/g, (sign) => ESCAPES[/** @type {keyof typeof ESCAPES} */ (sign)]);
}

/** @param {string} text */
function fromXml(text) {
  return Object.entries(ESCAPES).reduceRight((rest, [sign, code]) => rest.replaceAll(code, sign), text);
}
