import type { SeriesStatus } from '../../workers/series/series-status.ts';

/** @param other null where it cannot be told which one has to end first */
export function waitingLine(other: SeriesStatus | null): string {
  const who = other === null ? 'another series' : `${other.runId} (${other.request.out})`;
  return `等待 waiting for series ${who}: same scenes or folder\n`;
}
