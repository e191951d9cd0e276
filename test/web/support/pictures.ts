import type { BrowserContext } from "playwright-core";

/** Where no server is: the browser is given it by the test. */
export const PICTURE = "https://pictures.example.org/tea.png";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Has the browser find a picture; answers the referrers with which it was fetched, one for each time. */
export async function servePicture(context: BrowserContext, url = PICTURE): Promise<(string | undefined)[]> {
  const referrers: (string | undefined)[] = [];
  await context.route(url, (route) => {
    referrers.push(route.request().headers().referer);
    return route.fulfill({ contentType: "image/png", body: PNG });
  });
  return referrers;
}
