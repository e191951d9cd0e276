/** WebSocket close codes. 4000–4499: reconnect with backoff. 4500–4999: do not. */
export const CLOSE = {
  going_away: 4000,
  heartbeat_timeout: 4001,
  slow_reader: 4002,
  too_many_frames: 4003,
  token_expired: 4010,
  unauthenticated: 4500,
  session_revoked: 4501,
  replaced: 4502,
  protocol_violation: 4503,
  account_suspended: 4504,
  no_longer_a_member: 4505,
} as const;
