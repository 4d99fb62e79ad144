import type { Home } from '../home.ts';
import { protocolVersion } from '../queue/protocol.ts';
import { ask, hasDatabase } from '../registry/door.ts';
import { userName } from '../user-name.ts';
import type { Schedule, StoredSchedule } from './schedule.ts';

const version = protocolVersion;

/** All schedules, by area. */
export async function listSchedules(home: Home): Promise<readonly StoredSchedule[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-schedules' }, 'schedules')).schedules;
}

/** Add a schedule, or put it in place of that of its area. */
export async function addSchedule(home: Home, schedule: Schedule): Promise<void> {
  await ask(home, { version, ask: 'registry-schedule-add', schedule, by: userName() }, 'remembered');
}

/** @throws AppError NOT_FOUND */
export async function removeSchedule(home: Home, area: string): Promise<void> {
  await ask(home, { version, ask: 'registry-schedule-remove', area, by: userName() }, 'remembered');
}
