/** Who is calling, as its session proves it; never taken from a body or a frame (SEND-3). */
export interface Identity {
  readonly user_id: string;
  readonly session_id: string;
  readonly device_id: string;
}
