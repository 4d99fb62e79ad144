/** Memory as it is now. */
export interface MemoryLook {
  /** of this process, its threads included */
  readonly rssBytes: number;
  /** what the machine could still give */
  readonly freeBytes: number;
}

export interface MemoryLimits {
  /** what this process may take */
  readonly limitBytes: number;
  /** what is left to the machine */
  readonly reserveBytes: number;
}

/** Jobs that are being done. */
export interface UnderWay {
  readonly count: number;
  /** sum of what they need */
  readonly needBytes: number;
  /** what the process took when it did none */
  readonly idleBytes: number;
}

/**
 * Whether one more job may begin. One that is alone always may: it would wait for nobody.
 *
 * @param needBytes what the job takes at its most
 */
export function mayBegin(needBytes: number, limits: MemoryLimits, look: MemoryLook, under: UnderWay): boolean {
  if (under.count === 0) return true;
  // a job that has begun takes its memory bit by bit; one that has ended gives it back late
  const promisedBytes = under.idleBytes + under.needBytes;
  if (Math.max(look.rssBytes, promisedBytes) + needBytes > limits.limitBytes) return false;
  const yetToComeBytes = Math.max(0, promisedBytes - look.rssBytes);
  return look.freeBytes - yetToComeBytes - needBytes >= limits.reserveBytes;
}
