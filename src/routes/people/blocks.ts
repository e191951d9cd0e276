import { createRoute, z } from "@hono/zod-openapi";
import { deleteBlock, insertBlock, listBlocks } from "../../db/blocks.ts";
import { openDatabase } from "../../db/client.ts";
import { userOf } from "../../db/users.ts";
import { reachAll } from "../../middleware/reach.ts";
import { refuse } from "../../middleware/refusal-error.ts";
import { type Block, blockSchema } from "../../protocol/friend.ts";
import { userIdSchema } from "../../protocol/ids.ts";
import { pageQuerySchema, pageSchema } from "../../protocol/page.ts";
import { pageOf } from "../cursor.ts";
import { answer, createRouter, problem, signedIn } from "../router.ts";
import { decodeTimeCursor, timeKeyText } from "../time-cursor.ts";
import { conveyBlock } from "./convey-block.ts";
import { demandOther } from "./friends.ts";
import { tellPair } from "./tell-pair.ts";

export const blockRoutes = createRouter();

const params = z.object({ user_id: userIdSchema });

blockRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/blocks",
    tags: ["Blocks"],
    summary: "Whom the caller has blocked, newest first",
    request: { query: pageQuerySchema },
    responses: { 200: answer(pageSchema(blockSchema), "Blocked users"), default: problem },
  }),
  async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const { user_id } = c.var.caller.identity;
    const rows = await listBlocks(openDatabase(c.env.DB), user_id, decodeTimeCursor(cursor), limit + 1);
    const page = pageOf(
      rows,
      limit,
      ({ user, created_at }) => timeKeyText({ at: created_at, id: user.user_id }),
      ({ user, created_at }): Block => ({ user: userOf(user), created_at }),
    );
    return c.json(page, 200);
  },
);

blockRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "put",
    path: "/blocks/{user_id}",
    tags: ["Blocks"],
    summary: "Block a user: ends friendship and requests, and keeps either from writing to the other",
    request: { params },
    responses: { 204: { description: "Blocked" }, default: problem },
  }),
  async (c) => {
    const { user_id } = c.var.caller.identity;
    const blocked_id = c.req.valid("param").user_id;
    demandOther(user_id, blocked_id);
    const pair = await insertBlock(openDatabase(c.env.DB), user_id, blocked_id, Date.now());
    if (pair === "unknown") throw refuse("not_found", "There is no such user");
    const conveying = conveyBlock(c.env, user_id, blocked_id);
    await reachAll(pair ? [conveying, tellPair(c.env, user_id, blocked_id, pair)] : [conveying]);
    return c.body(null, 204);
  },
);

blockRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "delete",
    path: "/blocks/{user_id}",
    tags: ["Blocks"],
    summary: "Lift a block",
    request: { params },
    responses: { 204: { description: "Not blocked" }, default: problem },
  }),
  async (c) => {
    const { user_id } = c.var.caller.identity;
    const blocked_id = c.req.valid("param").user_id;
    demandOther(user_id, blocked_id);
    await deleteBlock(openDatabase(c.env.DB), user_id, blocked_id);
    await conveyBlock(c.env, user_id, blocked_id);
    return c.body(null, 204);
  },
);
