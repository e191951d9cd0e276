import type { FaultRates, Pace } from "./faults.ts";
import type { Random } from "./random.ts";

/** What people do: write and read only, also change messages and the group, or also hide messages and invite. */
export type Scenario = "messages" | "changes" | "asides";

/** Who talks with whom; members are numbers of users. */
export interface PlannedConversation {
  readonly type: "one_on_one" | "group";
  readonly members: readonly number[];
  /** From when on nobody does anything in it (ms after the storm's begin): what is left undone there, nobody else mends. */
  readonly quiet_ms: number;
}

/** What a seed decides about a run before it begins. */
export interface Plan {
  readonly scenario: Scenario;
  readonly users: number;
  readonly devices: readonly number[];
  readonly conversations: readonly PlannedConversation[];
  /** Variables of the environment. */
  readonly vars: Readonly<Record<string, string>>;
  readonly rates: FaultRates;
  readonly pace: Pace;
  /** How long the storm lasts (ms). */
  readonly storm_ms: number;
  readonly actions: number;
  readonly outages: readonly { readonly from_ms: number; readonly to_ms: number }[];
  readonly deploys: readonly number[];
  /** Who begins a conversation does not try again when that fails. */
  readonly givesUpFounding: boolean;
  /** Conversations are aborted between the last thing done in them and what should follow from it. */
  readonly endsWithBlow: boolean;
  /** Senders give up what has not been acknowledged when the storm is over, so that nothing but alarms heals the log. */
  readonly givesUpUnsent: boolean;
  /** When all is healed people talk once more, to see how soon the others hear of it. */
  readonly endsWithTalk: boolean;
}

const PACES: readonly Pace[] = [
  { usual_ms: 0, slow_ms: 0, slowness: 0 },
  { usual_ms: 3, slow_ms: 3, slowness: 0 },
  { usual_ms: 5, slow_ms: 200, slowness: 0.1 },
  { usual_ms: 50, slow_ms: 3_000, slowness: 0.03 },
];

export function makePlan(random: Random, scenario: Scenario): Plan {
  const isCrowd = random.chance(0.1);
  const users = isCrowd ? 10 : random.between(2, 4) + (scenario === "messages" ? 0 : 1);
  const storm_ms = random.pick([5_000, 20_000, 60_000]);
  const plan = {
    scenario,
    users,
    devices: Array.from({ length: users }, () => (isCrowd ? 1 : random.pick([1, 1, 2, 3]))),
    conversations: planConversations(random, users, isCrowd, storm_ms, scenario),
    vars: planLimits(random),
    rates: planRates(random),
    pace: random.pick(PACES),
    storm_ms,
    actions: isCrowd ? 25 : random.between(30, 100),
    outages: random.chance(0.4) ? [planOutage(random, storm_ms)] : [],
    deploys: random.chance(0.25) ? [random.between(0, storm_ms)] : [],
    givesUpFounding: random.chance(0.2),
    endsWithBlow: random.chance(0.4),
    givesUpUnsent: random.chance(0.5),
  };
  // Where people have to wait, nobody hears of anything soon.
  return { ...plan, endsWithTalk: plan.vars.MESSAGES_PER_MINUTE !== TIGHT && random.chance(0.3) };
}

function planConversations(
  random: Random,
  users: number,
  isCrowd: boolean,
  storm_ms: number,
  scenario: Scenario,
): PlannedConversation[] {
  const isChanging = scenario !== "messages";
  const everyone = Array.from({ length: users }, (_, user) => user);
  const plan = (type: PlannedConversation["type"], members: readonly number[]) => ({
    type,
    members,
    quiet_ms: random.chance(0.3) ? storm_ms : random.between(storm_ms / 10, storm_ms),
  });
  const conversations: PlannedConversation[] = [];
  const hasGroup = isCrowd || isChanging || random.chance(0.6);
  // Somebody may come later.
  const founders = isChanging && users > 3 ? everyone.slice(0, -1) : everyone;
  if (users >= 3 && hasGroup) conversations.push(plan("group", founders));
  if (!isCrowd || random.chance(0.5)) conversations.push(plan("one_on_one", [0, 1]));
  if (users >= 4 && random.chance(0.4)) conversations.push(plan("one_on_one", [1, 2]));
  return conversations;
}

/** So few messages a minute that people have to wait. */
const TIGHT = "30";

/** High, so that only what a limit does is in the way; in some runs low, so that lending and recalling are at work. */
function planLimits(random: Random): Record<string, string> {
  return {
    LOG_LEVEL: "warn",
    MESSAGES_PER_MINUTE: random.chance(0.15) ? TIGHT : "100000",
    MESSAGES_PER_HOUR: "1000000",
    REQUESTS_PER_SECOND: "1000",
    REQUESTS_BURST: "10000",
    FRAMES_PER_SECOND: "1000",
    FRAMES_BURST: "10000",
    CONNECTIONS_PER_MINUTE_PER_USER: "10000",
    SYNC_PUSH_LIMIT: random.pick(["200", "200", "5", "2"]),
  };
}

/** What can happen at each kind of occasion, from seldom to often. */
const RATES: Readonly<Record<keyof FaultRates, readonly number[]>> = {
  callLost: [0.01, 0.05, 0.2],
  answerLost: [0.01, 0.05, 0.2],
  callOverloaded: [0.01, 0.05],
  callHangs: [0.003, 0.01, 0.05],
  callLate: [0.01, 0.05, 0.1],
  cutBeforeServer: [0.003, 0.01, 0.05],
  cutBeforeClient: [0.003, 0.01, 0.05],
  frameDoubled: [0.05, 0.2, 0.5],
  abort: [0.003, 0.01, 0.03],
  abortAtCommit: [0.01, 0.05, 0.2],
  hibernate: [0.05, 0.2, 0.5],
  alarmLate: [0.05, 0.2, 0.5],
  alarmTwice: [0.05, 0.2, 0.5],
  clockSkewed: [0.05, 0.2, 0.5],
};

/** In each run some kinds of faults and not the others: what breaks under all of them hides what breaks under one. */
function planRates(random: Random): FaultRates {
  const share = random.pick([0.1, 0.3, 0.6]);
  const rate = (kind: keyof FaultRates) => (random.chance(share) ? random.pick(RATES[kind]) : 0);
  return {
    callLost: rate("callLost"),
    answerLost: rate("answerLost"),
    callOverloaded: rate("callOverloaded"),
    callHangs: rate("callHangs"),
    callLate: rate("callLate"),
    cutBeforeServer: rate("cutBeforeServer"),
    cutBeforeClient: rate("cutBeforeClient"),
    frameDoubled: rate("frameDoubled"),
    abort: rate("abort"),
    abortAtCommit: rate("abortAtCommit"),
    hibernate: rate("hibernate"),
    alarmLate: rate("alarmLate"),
    alarmTwice: rate("alarmTwice"),
    clockSkewed: rate("clockSkewed"),
  };
}

function planOutage(random: Random, storm_ms: number) {
  const from_ms = random.chance(0.5) ? 0 : random.between(0, storm_ms);
  return { from_ms, to_ms: from_ms + random.between(1_000, 180_000) };
}
