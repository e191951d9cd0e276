// An echo: UIM=http://127.0.0.1:8787 BOT_NAME=echo BOT_PASSWORD=… node echo-bot.mjs
import { UimClient } from "@uim/client";

const { UIM = "http://127.0.0.1:8787", BOT_NAME = "echo", BOT_PASSWORD = "" } = process.env;
const bot = new UimClient({ url: UIM, device: { device_id: "echo-bot", platform: "bot" } });
bot.on("message", ({ conversation_id, content }) =>
  bot.conversation(conversation_id).send(`You said: ${content}`),
);
bot.on("signed_out", () => process.exit(1));
await bot.login({ username: BOT_NAME, password: BOT_PASSWORD });
await bot.connect();
console.log(`${BOT_NAME} is listening`);
