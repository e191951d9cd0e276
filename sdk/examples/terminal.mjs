// Chat in a terminal: UIM=http://127.0.0.1:8787 node terminal.mjs <user name> <password>
// Add --register for a new account. Then: /with <user name>, /list, /open <number>, /more, /quit; anything else is sent.
import { createInterface } from "node:readline/promises";
import { UimClient, UimError } from "@uim/client";

const { UIM = "http://127.0.0.1:8787" } = process.env;
const [username = "", password = "", flag] = process.argv.slice(2);
const client = new UimClient({ url: UIM, device: { platform: "cli" } });
const TICKS = { pending: "…", sent: "✓", delivered: "✓✓", read: "✓✓ read", failed: "✗" };

if (flag === "--register") await client.register({ username, password, email: `${username}@example.org` });
else await client.login({ username, password });
await client.connect();
console.log(`Signed in as ${username}`);

let open = null;
let leave = () => undefined;
const printed = new Map();

function nameOf({ name, peer, conversation_id }) {
  return name ?? peer?.display_name ?? peer?.username ?? conversation_id;
}

/** Prints what is new, and once more what has changed. */
function print() {
  for (const message of open.getSnapshot().messages) {
    const { key, seq, mine, content, event, deleted_at, status, failure } = message;
    const text = event ? `* ${event.change}` : deleted_at ? "(deleted)" : content;
    const line = `${seq ?? "-"} ${mine ? `you: ${text} ${TICKS[status] ?? ""}` : text}${failure ? ` ${failure.message}` : ""}`;
    if (printed.get(key) !== line) console.log(line);
    printed.set(key, line);
  }
  open.markRead();
}

async function show(conversation) {
  leave();
  open?.close();
  printed.clear();
  open = conversation;
  await conversation.open();
  leave = conversation.subscribe(print);
  print();
}

const commands = {
  "/list": () => {
    for (const [index, row] of client.inbox.getSnapshot().rows.entries())
      console.log(
        `${index + 1}. ${nameOf(row)}${row.unread_count > 0 ? ` (${row.unread_count} unread)` : ""}`,
      );
  },
  "/open": async (number) => {
    const row = client.inbox.getSnapshot().rows[Number(number) - 1];
    if (row) await show(client.conversation(row.conversation_id));
  },
  "/with": async (name) => {
    const { items } = await client.api.findUsers(name);
    const user = items.find((candidate) => candidate.username === name);
    if (user) await show(await client.conversationWith(user.user_id));
    else console.log(`There is nobody called ${name}`);
  },
  "/more": () => open?.loadEarlier(),
};

client.on("signed_out", ({ message }) => {
  console.log(message);
  process.exit(1);
});

for await (const line of createInterface({ input: process.stdin })) {
  const [command = "", ...rest] = line.trim().split(" ");
  if (command === "/quit") break;
  try {
    if (Object.hasOwn(commands, command)) await commands[command](rest.join(" "));
    else if (open && line.trim() !== "") open.send(line.trim());
  } catch (error) {
    console.log(error instanceof UimError ? `${error.code}: ${error.message}` : error);
  }
}
client.disconnect();
process.stdin.destroy();
