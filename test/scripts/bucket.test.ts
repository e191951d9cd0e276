import { describe, expect, it, onTestFinished } from "vitest";
import { MemoryBucket } from "../../scripts/lib/cluster/bucket.mjs";

async function makeBucket(): Promise<
  (method: string, path: string, init?: RequestInit) => Promise<Response>
> {
  const bucket = new MemoryBucket();
  const port = await bucket.listen();
  onTestFinished(() => bucket.close());
  return (method, path, init = {}) => fetch(`http://127.0.0.1:${port}/uim${path}`, { method, ...init });
}

describe("MemoryBucket", () => {
  it("writes on a condition only while it holds: a cluster's ownership rests on that", async () => {
    const call = await makeBucket();
    const put = (body: string, headers: Record<string, string>) => call("PUT", "/owner", { body, headers });
    const first = await put("a", { "if-none-match": "*" });
    expect(first.status).toBe(200);
    expect((await put("b", { "if-none-match": "*" })).status).toBe(412);
    const etag = first.headers.get("etag") ?? "";
    expect((await put("c", { "if-match": etag })).status).toBe(200);
    expect((await put("d", { "if-match": etag })).status).toBe(412);
    expect((await call("DELETE", "/owner", { headers: { "if-match": etag } })).status).toBe(412);
    expect(await (await call("GET", "/owner")).text()).toBe("c");
    expect((await call("GET", "/other")).status).toBe(404);
  });

  it("reads parts, lists page by page and folds folders", async () => {
    const call = await makeBucket();
    for (const key of ["/a/1", "/a/2&3", "/b/4", "/c"]) await call("PUT", key, { body: `body of ${key}` });
    const part = await call("GET", "/a/1", { headers: { range: "bytes=0-3" } });
    expect([part.status, await part.text()]).toEqual([206, "body"]);
    expect(await (await call("GET", "/a/1", { headers: { range: "bytes=-2" } })).text()).toBe("/1");
    const page = await (await call("GET", "?list-type=2&prefix=a/&max-keys=1")).text();
    expect(page).toContain("<Key>a/1</Key>");
    expect(page).toContain("<NextContinuationToken>a/1</NextContinuationToken>");
    const next = await (await call("GET", "?list-type=2&prefix=a/&continuation-token=a/1")).text();
    expect(next).toContain("<Key>a/2&amp;3</Key>");
    expect(next).toContain("<IsTruncated>false</IsTruncated>");
    const folders = await (await call("GET", "?list-type=2&delimiter=/")).text();
    expect(folders).toContain("<Prefix>a/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>b/</Prefix>");
    expect(folders).toContain("<Key>c</Key>");
    await call("POST", "?delete", { body: "<Delete><Object><Key>a/2&amp;3</Key></Object></Delete>" });
    expect((await call("GET", "/a/2&3")).status).toBe(404);
  });
});
