import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../images/file-sink.ts';
import { makeFolder } from '../make-folder.ts';
import type { Channel } from './channel.ts';

/** One JSON file a message in `folder`, under the message's key: sent twice, it is there once. @throws AppError of `writeFileAtomic` */
export function openFileChannel(folder: string): Channel {
  return {
    name: folder,
    async send(message) {
      const path = join(folder, `${message.key}.json`);
      if (existsSync(path)) return;
      await makeFolder(folder);
      await writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(message, null, 2)}\n`));
    },
  };
}
