import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { takeLock } from '../../workers/queue/lock.ts';

/** `take-lock.ts <folder> <log> <times> <mode>`: takes the lock again and again and writes down when it holds it. */
const [folder = '', log = '', times = '1', mode = 'release'] = process.argv.slice(2);
const nobody = () => Promise.resolve(false);

for (let taken = 0; taken < Number(times);) {
  const lock = await takeLock(folder, nobody);
  if (!lock) {
    await pause(2);
    continue;
  }
  taken += 1;
  appendFileSync(log, `+${process.pid}\n`);
  await pause(5);
  appendFileSync(log, `-${process.pid}\n`);
  // a kill: the lock is left behind by a dead process
  if (mode === 'die' && taken === Number(times)) process.kill(process.pid, 'SIGKILL');
  await lock.release();
}
