import { z } from "zod";

/** What the platform bills for (docs/performance.md), since the server began. */
export const meterReadingSchema = z.object({
  rows_written: z.number(),
  rows_read: z.number(),
  /** Each is billed as a row written. */
  alarms_set: z.number(),
  /** Calls and upgrades that objects received. */
  object_calls: z.number(),
  alarms_fired: z.number(),
  /** Texts that came in over sockets, of any size. */
  socket_messages: z.number(),
  /** Objects that were made, or made anew after they had slept, and then had something to do. */
  wakings: z.number(),
  /** Which statements wrote rows; an alarm is `setAlarm`. */
  rows_written_by: z.record(z.string(), z.number()),
  /** The sum over all objects of the time in which they could not have slept. */
  awake_ms: z.number(),
});
export type MeterReading = z.infer<typeof meterReadingSchema>;
