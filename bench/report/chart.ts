import type { Row } from "../scenario.ts";

const SERIES = [
  { name: "conversation", label: "UIM, conversation sockets", color: "#1f6feb" },
  { name: "device", label: "UIM, device sockets", color: "#79b8ff" },
  { name: "baseline", label: "ws + SQLite", color: "#9a6700" },
  { name: "echo-single", label: "echo, nothing stored", color: "#8c959f" },
] as const;
const WINDOWS = [1, 8, 32] as const;

const WIDTH = 720;
const HEIGHT = 360;
const PLOT = { left: 70, right: 20, top: 50, bottom: 60 };
const BAR = 34;

const TITLE = "One-to-one, 50 pairs: messages acknowledged a second";

/** One-to-one throughput as bars, by window; an SVG that needs nothing else. */
export function throughputChart(rows: readonly Row[]): string {
  const rates = new Map(rows.map(({ key, load }) => [key, load ? load.acked / load.seconds : 0]));
  const rateOf = (name: string, window: number) => rates.get(`one-to-one/${name}/${window}`) ?? 0;
  const highest = Math.max(1, ...SERIES.flatMap(({ name }) => WINDOWS.map((window) => rateOf(name, window))));
  const top = niceCeiling(highest);
  const y = (rate: number) => HEIGHT - PLOT.bottom - (rate / top) * (HEIGHT - PLOT.top - PLOT.bottom);
  const groupWidth = (WIDTH - PLOT.left - PLOT.right) / WINDOWS.length;
  const bars = WINDOWS.flatMap((window, group) => {
    const left = PLOT.left + group * groupWidth + (groupWidth - SERIES.length * BAR) / 2;
    return [
      ...SERIES.map(({ name, color }, index) =>
        bar(left + index * BAR, y(rateOf(name, window)), rateOf(name, window), color),
      ),
      text(left + (SERIES.length * BAR) / 2, HEIGHT - PLOT.bottom + 20, `window ${window}`, "middle"),
    ];
  });
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
    `<line x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y(top * part)}" y2="${y(top * part)}" stroke="#d0d7de"/>`,
    text(PLOT.left - 8, y(top * part) + 4, (top * part).toLocaleString("en-US"), "end"),
  ]);
  const legend = SERIES.flatMap(({ label, color }, index) => [
    `<rect x="${PLOT.left + index * 165}" y="${HEIGHT - 24}" width="12" height="12" fill="${color}"/>`,
    text(PLOT.left + index * 165 + 17, HEIGHT - 14, label, "start"),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#1f2328">`,
    `<title>${TITLE}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(PLOT.left, 24, TITLE, "start"),
    ...grid,
    ...bars,
    ...legend,
    "</svg>\n",
  ].join("\n");
}

function bar(x: number, top: number, rate: number, color: string): string {
  const height = HEIGHT - PLOT.bottom - top;
  const rect = `<rect x="${x + 2}" y="${top.toFixed(1)}" width="${BAR - 4}" height="${height.toFixed(1)}" fill="${color}"/>`;
  return rect + text(x + BAR / 2, top - 4, shortNumber(rate), "middle");
}

function text(x: number, y: number, content: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}

/** "1.8k". */
function shortNumber(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(value >= 10_000 ? 0 : 1)}k` : value.toFixed(0);
}

/** The next 1, 2, 4 or 5 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}
