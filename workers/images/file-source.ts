import { open, stat } from 'node:fs/promises';
import { AppError } from '../../pipeline/errors.ts';
import type { ByteSource } from '../../pipeline/ports.ts';

const reasons: Readonly<Record<string, readonly [what: string, todo: string]>> = {
  ENOENT: ['does not exist', 'Check the path.'],
  EISDIR: ['is a folder', 'Name the file inside it.'],
  EACCES: ['may not be read', 'Give this user the right to read it.'],
  EPERM: ['may not be read', 'Give this user the right to read it.'],
  ESPIPE: ['is a pipe or device, not a file', 'Copy it to a file first.'],
  ENOTDIR: ['does not exist: part of its path is a file', 'Check the path.'],
};

function translate(path: string, error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code];
  if (reason !== undefined)
    return new AppError('INPUT_INVALID', `${path} ${reason[0]}.`, reason[1], { path, code }, error);
  const text = error instanceof Error ? error.message : String(error);
  return new AppError(
    'UNAVAILABLE',
    `${path} cannot be read: ${text}.`,
    'Check the disk or network share it is on.',
    { path, code },
    error,
  );
}

async function lookAt(path: string): Promise<{ size: number; isFile: boolean; isFolder: boolean }> {
  const facts = await stat(path);
  return { size: facts.size, isFile: facts.isFile(), isFolder: facts.isDirectory() };
}

/**
 * A local file as a source of bytes.
 *
 * @throws AppError INPUT_INVALID where there is no such file, UNAVAILABLE where the device fails
 */
export async function openFileSource(path: string): Promise<ByteSource> {
  try {
    // asked before opening: to open a pipe would wait for its writer
    const { size, ...kind } = await lookAt(path);
    if (!kind.isFile)
      throw Object.assign(new Error(`${path} is no file`), { code: kind.isFolder ? 'EISDIR' : 'ESPIPE' });
    const handle = await open(path, 'r');
    let isOpen = true;
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const wanted = Math.max(0, Math.min(length, size - offset));
      // not zeroed: every byte is overwritten or cut off
      const bytes = Buffer.allocUnsafeSlow(wanted);
      let filled = 0;
      try {
        while (filled < wanted) {
          const { bytesRead } = await handle.read(bytes, filled, wanted - filled, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
      } catch (error) {
        throw translate(path, error);
      }
      return filled < wanted ? bytes.subarray(0, filled) : bytes;
    };
    const close = async () => {
      if (isOpen) await handle.close();
      isOpen = false;
    };
    return { uri: path, size, read, close };
  } catch (error) {
    throw error instanceof AppError ? error : translate(path, error);
  }
}
