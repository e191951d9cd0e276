import http from "node:http";
import { type Spread, spreadOf } from "./percentiles.ts";

/** One answer, and how long it took until its last byte. */
export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly ms: number;
}

/** Requests over connections that are kept open, unless each is to have one of its own. */
export class RestClient {
  readonly #url: string;
  readonly #token: string | null;
  readonly #agent: http.Agent;

  constructor(url: string, token: string | null = null, { keepAlive = true } = {}) {
    this.#url = url;
    this.#token = token;
    this.#agent = new http.Agent({ keepAlive });
  }

  get(path: string): Promise<RestAnswer> {
    return this.#request("GET", path, null);
  }

  post(path: string, body: object): Promise<RestAnswer> {
    return this.#request("POST", path, JSON.stringify(body));
  }

  close(): void {
    this.#agent.destroy();
  }

  #request(method: string, path: string, body: string | null): Promise<RestAnswer> {
    const headers = {
      ...(this.#token !== null && { Authorization: `Bearer ${this.#token}` }),
      ...(body !== null && { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const begun_at = performance.now();
      const request = http.request(this.#url + path, { method, headers, agent: this.#agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => {
          const ms = performance.now() - begun_at;
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text), ms });
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }
}

export interface Repetition {
  readonly spread: Spread;
  readonly seconds: number;
}

/** Does something `count` times, `parallel` at a time; `work` answers how long it took, in ms. */
export async function repeat(
  count: number,
  parallel: number,
  work: (index: number) => Promise<number>,
): Promise<Repetition> {
  const taken: number[] = [];
  let next = 0;
  const begun_at = performance.now();
  const worker = async () => {
    while (next < count) taken.push(await work(next++));
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return { spread: spreadOf(Float64Array.from(taken)), seconds: (performance.now() - begun_at) / 1000 };
}
