import type { Scenario } from "../scenario.ts";
import { costs } from "./costs.ts";
import { fixedRate } from "./fixed-rate.ts";
import { groups } from "./groups.ts";
import { history } from "./history.ts";
import { idle } from "./idle.ts";
import { login } from "./login.ts";
import { memory } from "./memory.ts";
import { oneToOne } from "./one-to-one.ts";
import { scroll } from "./scroll.ts";
import { search } from "./search.ts";
import { storm } from "./storm.ts";
import { sync } from "./sync.ts";

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  oneToOne,
  fixedRate,
  groups,
  costs,
  sync,
  history,
  search,
  scroll,
  login,
  idle,
  storm,
  memory,
];
