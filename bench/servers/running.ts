/** A server that is up. */
export interface Running {
  /** `http://host:port` */
  readonly url: string;
  /** Of the process whose CPU and memory count as the server's. */
  readonly pid: number;
  /** Where its inspector listens, if it was asked to. */
  readonly inspector_port?: number | undefined;
  stop(): Promise<void>;
}
