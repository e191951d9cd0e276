import { z } from "zod";
import { faultsSchema, machineSchema, spreadSchema } from "../report/results.ts";

/** How large the server and its data are. */
const sizesSchema = z.object({
  rss_bytes: z.number(),
  /** Of these, what is not the pages of a file. */
  anonymous_bytes: z.number(),
  open_files: z.number(),
  /** Databases that the server has open: each object in memory has one. */
  objects_awake: z.number(),
  files: z.number(),
  /** All of the data folder, and of that the write-ahead logs. */
  folder_bytes: z.number(),
  wal_bytes: z.number(),
});
export type Sizes = z.infer<typeof sizesSchema>;

/** What was read at the end of a minute, and what happened in it. */
const minuteSchema = sizesSchema.extend({
  minute: z.number(),
  seconds: z.number(),
  /** The part of one core. */
  server_cpu: z.number(),
  client_cpu: z.number(),
  messages: z.number(),
  messages_in_all: z.number(),
  deliveries: z.number(),
  /** Messages that devices got on their return. */
  synced: z.number(),
  returns: z.number(),
  ack_ms: spreadSchema,
  delivery_ms: spreadSchema,
  rest_ms: spreadSchema,
});
export type Minute = z.infer<typeof minuteSchema>;

/** One run, as it is kept in JSON. */
export const soakResultsSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  machine: machineSchema,
  users: z.number(),
  devices: z.number(),
  conversations: z.number(),
  /** The folder before the first message. */
  seeded_bytes: z.number(),
  /** So many times the usual traffic. */
  rate: z.number(),
  minutes: z.array(minuteSchema),
  /** When nobody had sent anything for a while, with all devices connected. */
  at_rest: sizesSchema,
  faults: faultsSchema,
  /** Inbox rows whose unread count or read mark was compared with what was sent and read. */
  inbox_rows: z.number(),
  /** Messages that were read back from the logs and compared with what was acked. */
  read_back: z.number(),
  /** How often more was missed than is pushed, and had to be fetched. */
  gaps: z.number(),
  /** Pushed again for want of an ack. */
  repeated: z.number(),
  error_count: z.number(),
  errors: z.array(z.string()),
});
export type SoakResults = z.infer<typeof soakResultsSchema>;
