/** Limits raised so far that none is met: the benchmark comes from one address and makes few users send much. */
export const BENCH_VARS = {
  MESSAGES_PER_MINUTE: "10000000",
  MESSAGES_PER_HOUR: "100000000",
  CONVERSATIONS_PER_TEXT: "1000000",
  REQUESTS_PER_SECOND: "100000",
  REQUESTS_BURST: "100000",
  FRAMES_PER_SECOND: "10000000",
  FRAMES_BURST: "10000000",
  REQUESTS_PER_MINUTE_PER_IP: "10000000",
  AUTH_ATTEMPTS_PER_5_MINUTES: "100000",
  CONNECTIONS_PER_MINUTE_PER_USER: "100000",
  CONNECTIONS_PER_MINUTE_PER_IP: "1000000",
  GROUPS_CREATED_PER_HOUR: "100000",
  SEARCHES_PER_MINUTE: "1000000",
  // A token of the seed lasts for the whole run.
  ACCESS_TOKEN_SECONDS: "86400",
  // A line of log per connection is not what is measured.
  LOG_LEVEL: "warn",
} as const;
