import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { unreadable } from '../../pipeline/vector/feature.ts';
import {
  checkZipCount,
  checkZipEntries,
  crc32,
  zipLayers,
  zipName,
  type ZipLayer,
} from '../../pipeline/vector/zip-entry.ts';
import { openFileSink } from '../images/file-sink.ts';
import { readFirst } from './byte-window.ts';
import { pickLayer } from './pick-layer.ts';

/** A layer that was unpacked into a temporary folder. */
export interface UnpackedLayer {
  readonly path: string;
  /** whether the archive has others, of which this one was asked for by name */
  readonly isNamed: boolean;
  /** Remove the folder. */
  close(): Promise<void>;
}

const packAgain = 'Pack the files again, or give them unpacked.';

function zipError(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!(error instanceof Error) || error.name === 'AppError' || (code !== '' && !code.startsWith('Z_'))) return error;
  return unreadable(file, `its archive is damaged: ${error.message}.`, packAgain);
}

async function entriesOf(zip: ZipFile): Promise<{ readonly entry: Entry; readonly name: string }[]> {
  const found: { entry: Entry; name: string }[] = [];
  zip.on('entry', (entry: Entry) => {
    // names come as bytes: their encoding is ours to find out
    const raw = entry.fileNameRaw;
    found.push({ entry, name: zipName(raw, (entry.generalPurposeBitFlag & 0x800) !== 0) });
    zip.readEntry();
  });
  const ended = once(zip, 'end');
  zip.readEntry();
  await ended;
  return found;
}

/** Members of a layer: the parts of a shapefile, all files of a .gdb, or the file alone. */
function belongsTo(name: string, { stem, extension }: ZipLayer): boolean {
  if (extension === 'gdb') return name.toLowerCase().startsWith(`${stem}.gdb/`.toLowerCase()) && !name.endsWith('/');
  if (extension !== 'shp') return name.toLowerCase() === `${stem}.${extension}`.toLowerCase();
  return (
    /^\.(shp|shx|dbf|prj|cpg)$/i.test(name.slice(stem.length)) && name.toLowerCase().startsWith(stem.toLowerCase())
  );
}

async function unpack(
  zip: ZipFile,
  entry: Entry,
  { path, file }: { readonly path: string; readonly file: string },
): Promise<void> {
  const openStream = promisify(zip.openReadStream.bind(zip)) as (entry: Entry) => Promise<NodeJS.ReadableStream>;
  const sink = await openFileSink(path);
  let sum = 0;
  try {
    // read from at once: an error of damaged bytes that nobody listens to yet would end the process
    const stream = await openStream(entry);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      await sink.write(chunk);
    }
    if (sum !== entry.crc32 >>> 0)
      throw unreadable(file, `its entry ${basename(path)} is damaged: its checksum is wrong.`, packAgain);
    await sink.publish();
  } finally {
    await sink.discard();
  }
}

/**
 * Unpack one layer of a .zip into a temporary folder. Sizes are checked before and while unpacking, paths before.
 *
 * @param layer name (without folder and extension) where the archive has several
 * @throws AppError INPUT_INVALID, naming the entry; EXHAUSTED on a full disk
 */
export async function unpackZip(path: string, layer: string | undefined): Promise<UnpackedLayer> {
  const file = basename(path);
  // its errors say more than those of the archive's library
  await readFirst(path, 4);
  const folder = await mkdtemp(join(tmpdir(), 'tianwatch-zip-'));
  const close = () => rm(folder, { recursive: true, force: true });
  let zip: ZipFile | null = null;
  try {
    zip = await yauzl.openPromise(path, {
      lazyEntries: true,
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: true,
    });
    checkZipCount(file, zip.entryCount);
    const entries = await entriesOf(zip);
    checkZipEntries(
      file,
      entries.map(({ entry, name }) => ({
        name,
        bytes: entry.uncompressedSize,
        packedBytes: entry.compressedSize,
        isEncrypted: entry.isEncrypted(),
      })),
    );
    const layers = zipLayers(entries.map(({ name }) => name));
    const nameOf = ({ stem }: ZipLayer) => basename(stem);
    const isNamed = layers.length > 1 || layers.some((one) => nameOf(one) === layer);
    const wanted = pickLayer(file, layers, nameOf, isNamed ? layer : undefined);
    const members = entries.filter(({ name }) => belongsTo(name, wanted));
    for (const { entry, name } of members) {
      const inside =
        wanted.extension === 'gdb'
          ? name.slice(dirname(wanted.stem) === '.' ? 0 : dirname(wanted.stem).length + 1)
          : basename(name);
      await mkdir(dirname(join(folder, inside)), { recursive: true });
      await unpack(zip, entry, { path: join(folder, inside), file });
    }
    const main =
      wanted.extension === 'gdb'
        ? `${nameOf(wanted)}.gdb`
        : basename(members.find(({ name }) => name.toLowerCase().endsWith(`.${wanted.extension}`))!.name);
    return { path: join(folder, main), isNamed, close };
  } catch (error) {
    await close();
    throw zipError(file, error);
  } finally {
    zip?.close();
  }
}
