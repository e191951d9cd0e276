// @ts-check
import { randomUUID } from "node:crypto";
import { Failure } from "../failure.mjs";
import { Follower } from "./follower.mjs";
import { Session } from "./session.mjs";

/**
 * A group: three begin it, a fourth comes by an invitation, one is away meanwhile, one leaves. In the end every screen shows what
 * the history says.
 * @param {Session} ada
 * @param {Session} bob
 */
export async function playGroup(ada, bob) {
  const [cleo, dan] = [await Session.register(ada.url, "cleo"), await Session.register(ada.url, "dan")];
  const [bobs, cleos, dans] = [
    new Follower("Bob's tablet", await bob.anotherDevice()),
    new Follower("Cleo's phone", await cleo.anotherDevice()),
    new Follower("Dan's phone", await dan.anotherDevice()),
  ];
  const followers = [bobs, cleos, dans];
  try {
    await Promise.all(followers.map((follower) => follower.connect()));
    console.log("\nA group: Ada, Bob and Cleo");
    const group = new Group(await begin(ada, [bob, cleo]));
    const plan = await group.say(ada, `Saturday at the lake, @${bob.user.username}?`);
    const typo = await group.say(cleo, "I bring the salat");
    const slip = await group.say(ada, "My password is swordfish");
    await Promise.all([bobs, cleos].map((follower) => follower.upTo(3)));
    expectThat(await mentions(bob, group), 1, "messages that name Bob");
    await group.change(bob, "PUT", plan, `/reactions/${encodeURIComponent("👍")}`);
    await group.change(ada, "PUT", plan, "/pin");
    await bobs.upTo(5);
    console.log("  Bob is named and answers with 👍, Ada pins the plan");

    await bobs.disconnect();
    await group.change(cleo, "PUT", typo, "", { content: "I bring the salad" });
    await group.change(ada, "DELETE", slip);
    await ada.call("PUT", group.path, { name: "Picnic at the lake" });
    console.log("  Bob goes offline. Cleo mends a typo, Ada deletes her password and renames the group");

    const { code } = await ada.call("POST", `${group.path}/invites`, { max_uses: 1 });
    await dan.call("POST", `/api/invites/${code}/accept`);
    await group.say(dan, "May I bring a dog?");
    await dans.until("the group", () => dans.group !== null);
    console.log("  Dan comes by an invitation and sees the group from there on");
    await cleo.call("DELETE", `${group.path}/members/${cleo.user.user_id}`);
    await cleos.until("her leaving", () => cleos.shown.get(11)?.event?.change === "member_removed");
    await group.say(ada, "Cleo has left. The salad stays.");
    await bobs.connect();
    await Promise.all([bobs.upTo(12), dans.upTo(12)]);
    console.log("  Cleo leaves. Bob comes back, and has it all");
    await judge(group, [
      { follower: bobs, session: bob },
      { follower: dans, session: dan },
    ]);
    expectThat(cleos.seqs.has(12) ? 1 : 0, 0, "messages that Cleo got after she had left");
    expectThat(await unread(bob, group), 4, "messages that Bob has not read");
    console.log("  ✓✓ Every screen shows what the history says, and every count is right");
  } finally {
    await Promise.all(followers.map((follower) => follower.disconnect()));
  }
}

/** The requests of one group. */
class Group {
  /** @param {{ conversation_id: string }} group */
  constructor({ conversation_id }) {
    this.conversation_id = conversation_id;
    this.path = `/api/conversations/${conversation_id}`;
  }

  /**
   * @param {Session} session
   * @param {string} content
   * @returns {Promise<string>} the id of the message
   */
  async say(session, content) {
    const body = { content, client_message_id: randomUUID() };
    return (await session.call("POST", `${this.path}/messages`, body)).message_id;
  }

  /**
   * @param {Session} session
   * @param {string} method
   * @param {string} message_id
   * @param {string} [what]
   * @param {object} [body]
   */
  change(session, method, message_id, what = "", body) {
    return session.call(method, `${this.path}/messages/${message_id}${what}`, body);
  }
}

/**
 * @param {Session} owner
 * @param {readonly Session[]} others
 */
function begin(owner, others) {
  const participant_ids = others.map(({ user }) => user.user_id);
  return owner.call("POST", "/api/conversations", { type: "group", name: "Picnic", participant_ids });
}

/**
 * @param {Group} group
 * @param {readonly { follower: Follower, session: Session }[]} seats
 */
async function judge({ conversation_id }, seats) {
  const faults = [];
  for (const { follower, session } of seats) {
    /** @type {any[]} what the demo reads of a message is less than what there is */
    const history = await session.history(conversation_id);
    faults.push(...follower.differences(history));
  }
  if (faults.length > 0) throw new Failure(`  ✗ ${faults.join("\n  ✗ ")}`);
}

/**
 * @param {Session} session
 * @param {Group} group
 */
async function mentions(session, { conversation_id }) {
  return (await session.inboxRow(conversation_id)).mention_count;
}

/**
 * @param {Session} session
 * @param {Group} group
 */
async function unread(session, { conversation_id }) {
  return (await session.inboxRow(conversation_id)).unread_count;
}

/**
 * @param {number} found
 * @param {number} expected
 * @param {string} what
 */
function expectThat(found, expected, what) {
  if (found !== expected) throw new Failure(`  ✗ ${what}: ${found} instead of ${expected}`);
}
