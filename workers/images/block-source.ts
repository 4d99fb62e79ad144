import type { ByteSource } from '../../pipeline/ports.ts';

/** An object somewhere else that gives spans of itself. */
export interface RangedObject {
  readonly uri: string;
  /** bytes */
  readonly size: number;
  /** exactly these bytes; the span lies within the object */
  readSpan(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Blocks of one version of a remote object that this host has kept. */
export interface ObjectBlocks {
  has(block: number): boolean;
  /** null: not there any more, or damaged */
  read(block: number): Promise<Uint8Array | null>;
  /** Sooner or later; a disk that cannot take it is left alone. */
  keep(block: number, bytes: Uint8Array): void;
}

/** Bytes that are asked for together: a request costs more than they do. */
export const blockBytes = 64 << 10;
/** Longest request, 4 MiB, and longest way ahead of who reads in order, 1 MiB. */
const mostBlocks = 64;
const mostAhead = 16;
/** Blocks kept, 8 MiB: headers and the ends that neighbouring tiles share; decoded tiles are kept elsewhere. */
const keptBlocks = 128;

/**
 * Reads an object by aligned blocks, each asked for once while it is kept; who reads in order is read ahead of, by no
 * more than was read in order so far.
 *
 * @param head the first bytes, where they are known: a whole block, or the whole object
 * @param kept where blocks are looked for before they are asked for
 */
export function blockSource(
  object: RangedObject,
  head: Uint8Array | null = null,
  kept: ObjectBlocks | null = null,
): ByteSource {
  const { uri, size } = object;
  const blocks = new Map<number, Promise<Uint8Array>>();
  const count = Math.ceil(size / blockBytes);
  let expected = head === null ? 0 : 1;
  let inOrder = 1;
  if (head !== null) blocks.set(0, Promise.resolve(head));

  const ask = (first: number, end: number): void => {
    const offset = first * blockBytes;
    const bytes = object.readSpan(offset, Math.min(end * blockBytes, size) - offset);
    for (let block = first; block < end; block++) {
      const at = (block - first) * blockBytes;
      // a copy: a part would keep all that came with it
      const own = bytes.then((all) => all.slice(at, at + blockBytes));
      own.then((got) => kept?.keep(block, got)).catch(() => undefined);
      hold(block, own);
    }
  };
  const hold = (block: number, own: Promise<Uint8Array>): void => {
    // whoever waits hears of it; the next one asks again
    own.catch(() => blocks.delete(block));
    blocks.set(block, own);
  };
  const isHere = (block: number): boolean => blocks.has(block) || kept?.has(block) === true;
  const recall = async (block: number): Promise<Uint8Array> => {
    const offset = block * blockBytes;
    return (await kept?.read(block)) ?? object.readSpan(offset, Math.min(blockBytes, size - offset));
  };

  const need = (first: number, end: number): readonly Promise<Uint8Array>[] => {
    for (let block = first; block < end; block++) {
      if (blocks.has(block)) continue;
      if (kept?.has(block)) {
        hold(block, recall(block));
        continue;
      }
      let until = block + 1;
      while (until < end && until - block < mostBlocks && !isHere(until)) until += 1;
      inOrder = block === expected ? inOrder : 0;
      const stop = Math.min(count, until + (until === end ? Math.min(inOrder, mostAhead) : 0));
      while (until < stop && !isHere(until)) until += 1;
      ask(block, until);
      inOrder += until - block;
      expected = until;
    }
    return Array.from({ length: end - first }, (_, at) => {
      const found = blocks.get(first + at)!;
      // the latest used stand last
      blocks.delete(first + at);
      blocks.set(first + at, found);
      return found;
    });
  };

  return {
    uri,
    size,
    close: () => object.close(),
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      if (wanted === 0) return new Uint8Array(0);
      const first = Math.floor(offset / blockBytes);
      const parts = need(first, Math.ceil((offset + wanted) / blockBytes));
      for (const block of blocks.keys()) {
        if (blocks.size <= keptBlocks) break;
        blocks.delete(block);
      }
      // not zeroed: every byte is overwritten
      const bytes = Buffer.allocUnsafeSlow(wanted);
      for (const [index, part] of (await Promise.all(parts)).entries()) {
        const at = (first + index) * blockBytes - offset;
        const from = Math.max(0, -at);
        bytes.set(part.subarray(from, Math.min(part.length, wanted - at)), at + from);
      }
      return bytes;
    },
  };
}
