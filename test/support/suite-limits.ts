/**
 * Limits raised for the suite: it comes from one address, makes many users and hurries. A test of a limit sets its own
 * (in workerd by configuring the object, over real sockets by `startTestServer({ vars })`).
 */
export const SUITE_LIMITS = {
  MESSAGES_PER_MINUTE: "1000000",
  MESSAGES_PER_HOUR: "10000000",
  REQUESTS_PER_SECOND: "100000",
  REQUESTS_BURST: "100000",
  FRAMES_PER_SECOND: "1000000",
  FRAMES_BURST: "1000000",
  REQUESTS_PER_MINUTE_PER_IP: "1000000",
  AUTH_ATTEMPTS_PER_5_MINUTES: "1000",
  CONNECTIONS_PER_MINUTE_PER_USER: "10000",
  CONNECTIONS_PER_MINUTE_PER_IP: "100000",
  GROUPS_CREATED_PER_HOUR: "1000",
  SEARCHES_PER_MINUTE: "1000000",
} as const;
