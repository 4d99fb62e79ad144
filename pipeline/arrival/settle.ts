/** A file as one look at its folder, bucket or catalogue shows it. */
export interface SeenFile {
  /** path or URI */
  readonly path: string;
  readonly bytes: number;
  /** differs whenever the content may differ: size with time of change, or an ETag */
  readonly version: string;
  /** of a STAC Item: its id; it is a scene by itself */
  readonly item?: string;
  /** 0..1, where a catalogue says it */
  readonly cloudFraction?: number;
}

/** Since when a file has been as it is (ms of the watch's clock), and in how many looks. */
export interface FileHistory {
  readonly version: string;
  readonly sinceMs: number;
  readonly looks: number;
  /** whether it was another before */
  readonly hasChanged: boolean;
}

export type FileHistories = ReadonlyMap<string, FileHistory>;

/** What is known of the files after one more look; files that are gone are forgotten. */
export function lookAgain(past: FileHistories, files: readonly SeenFile[], nowMs: number): FileHistories {
  return new Map(
    files.map(({ path, version }) => {
      const known = past.get(path);
      if (known?.version === version) return [path, { ...known, looks: known.looks + 1 }] as const;
      return [path, { version, sinceMs: nowMs, looks: 1, hasChanged: known !== undefined }] as const;
    }),
  );
}

export type Settling = 'settled' | 'SETTLING' | 'GROWING';

/** Whether a file was the same in two looks at least `settleMs` apart. */
export function settlingOf(history: FileHistory, nowMs: number, settleMs: number): Settling {
  if (history.looks >= 2 && nowMs - history.sinceMs >= settleMs) return 'settled';
  return history.hasChanged ? 'GROWING' : 'SETTLING';
}
