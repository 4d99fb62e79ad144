import type { SeriesStatus } from '../../workers/series/series-status.ts';

/** @param other null where it cannot be told which one has to end first */
export function waitingLine(other: SeriesStatus | null): string {
  const who = other === null ? 'of somebody else' : `${other.runId} (${other.request.out})`;
  const what = other?.request['only'] === 'planting' ? 'planting' : 'series';
  return `等待 waiting for ${what} ${who}: same scenes or folder\n`;
}
