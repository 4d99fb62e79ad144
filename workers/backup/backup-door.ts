import { resolve } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { composeImages, composeStores } from '../compose.ts';
import { type Home, isShared } from '../home.ts';
import { protocolVersion as version } from '../queue/protocol.ts';
import { reach } from '../reach.ts';
import { ask, hasDatabase } from '../registry/door.ts';
import { userName } from '../user-name.ts';
import type { BackupManifest } from './backup-format.ts';
import { dumpBetween } from './dump-between.ts';
import { makeBackup } from './make-backup.ts';
import { checkBackup } from './read-backup.ts';
import { type Restored, restoreBackup } from './restore-backup.ts';

const now = () => new Date();

/**
 * Back up a home, whoever works in it meanwhile; see `makeBackup`.
 *
 * @throws AppError NOT_FOUND where nothing was ever recorded
 */
export async function backupHome(
  home: Home,
  { to, withCache }: { readonly to: string; readonly withCache: boolean },
): Promise<BackupManifest> {
  if (!(await hasDatabase(home)))
    throw new AppError(
      'NOT_FOUND',
      `There is nothing in ${home.folder} yet.`,
      'Set TIANWATCH_DATA to the folder to back up.',
    );
  const dump = async (folder: string) => (await ask(home, { version, ask: 'registry-dump', folder }, 'dumped')).dumped;
  return makeBackup({
    to: resolve(to),
    images: await composeImages(home),
    dump: (folder) => (isShared(home) ? dump(folder) : dumpBetween(home.folder, folder, dump)),
    withCache,
    now,
  });
}

/**
 * Restore a backup into a home in which nobody works; see `checkBackup`, `restoreBackup`.
 *
 * @throws AppError CONFLICT where a command works in it
 */
export async function restoreHome(
  home: Home,
  given: { readonly folder: string; readonly force: boolean },
): Promise<Restored & { readonly manifest: BackupManifest }> {
  const folder = resolve(given.folder);
  // before anything is made or locked
  const checked = await checkBackup(folder);
  return reach(home, {
    async held(lock) {
      try {
        const { close, ...stores } = await composeStores(home);
        try {
          const { force } = given;
          const restored = await restoreBackup({ folder, checked, ...stores, force, now, by: userName() });
          return { ...restored, manifest: checked.manifest };
        } finally {
          await close();
        }
      } finally {
        await lock.release();
      }
    },
    answered(socket) {
      socket.destroy();
      const todo = 'Wait until that command has ended, or end it.';
      throw new AppError('CONFLICT', `Another command works in ${home.folder}.`, todo);
    },
  });
}
