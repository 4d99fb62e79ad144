import { maxVertices, tooMany, unreadable } from './feature.ts';

/** Cuts the text of a GeoJSON collection into its features without holding more than one of them. */
export interface JsonSplitter {
  /** bytes of each feature (UTF-8 JSON) that ends in `chunk`, in order; the chunk is kept by reference */
  push(chunk: Uint8Array): Uint8Array[];
  /** @throws AppError INPUT_INVALID where the text stops before its end */
  end(): void;
  /** short members beside the features (`crs`, `name`, `type`) as JSON text */
  readonly members: ReadonlyMap<string, string>;
  /** whether there was a `features` member */
  readonly hasFeatures: () => boolean;
}

const [quote, backslash, open, close, openList, closeList, comma, colon] = [...'"\\{}[],:'].map((c) => c.charCodeAt(0));
/** 1 for bytes that mean something outside strings */
const marks = new Uint8Array(256);
for (const c of '"{}[],:') marks[c.charCodeAt(0)] = 1;

const kept = new Set(['crs', 'name', 'type']);
const maxMemberBytes = 1 << 16;
/** JSON of 2 million vertices */
const maxFeatureBytes = 128 << 20;

/** Of vertices, rings and what properties may hold. */
const mostLists = 1.1 * maxVertices;

const join = (parts: readonly Uint8Array[]): Uint8Array => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));

/**
 * A splitter of one file.
 *
 * @param file name in messages
 */
export function splitGeojson(file: string): JsonSplitter {
  const members = new Map<string, string>();
  let [depth, count, commas, read, lists] = [0, 0, 0, 0, 0];
  let [isText, isEscaped, isKey, isInFeatures, hasFeatures, isDone] = [false, false, false, false, false, false];
  let key = '';
  let [parts, partsBytes]: [Uint8Array[], number] = [[], 0];
  /** where in the chunk the piece begins that is being kept; -1 nothing is */
  let from = -1;
  const broken = (what: string, at: number) =>
    unreadable(
      file,
      `${what} (byte ${read + at}, after ${count} features).`,
      'Export the file again, or repair the text.',
      { byte: read + at },
    );
  const take = (chunk: Uint8Array, to: number): Uint8Array => {
    const piece = join([...parts, chunk.subarray(from, to)]);
    [parts, partsBytes, from] = [[], 0, -1];
    return piece;
  };
  const endMember = (chunk: Uint8Array, to: number): void => {
    if (from < 0) return;
    const piece = take(chunk, to);
    if (piece.length <= maxMemberBytes) members.set(key, Buffer.from(piece).toString('utf8').trim());
  };

  const push = (chunk: Uint8Array): Uint8Array[] => {
    const features: Uint8Array[] = [];
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) {
          isText = false;
          if (isKey) key = Buffer.from(take(chunk, i)).toString('utf8');
        }
        continue;
      }
      if (marks[byte] === 0) {
        if (depth === 0 && byte > 0x20)
          throw broken(isDone ? 'there is more text after its end' : 'it is no JSON object', i);
        continue;
      }
      if (byte === quote) {
        isText = true;
        if (isKey) from = i + 1;
      } else if (byte === open || byte === openList) {
        if (depth === 0 && (isDone || byte === openList))
          throw broken(isDone ? 'it is a sequence of JSON texts, not one' : 'it is a list, not a GeoJSON object', i);
        if (depth === 1 && byte === openList && key === 'features') [isInFeatures, hasFeatures] = [true, true];
        else if (depth === 2 && isInFeatures && byte === open) [from, lists] = [i, 0];
        // each vertex is a list: too many are refused before they are parsed
        if (byte === openList && ++lists > mostLists) throw tooMany(file, count + 1);
        depth++;
        if (depth === 1) isKey = true;
      } else if (byte === close || byte === closeList) {
        depth--;
        if (depth < 0) throw broken('a bracket closes that never opened', i);
        if (isInFeatures && depth === 2 && byte === close) {
          features.push(take(chunk, i + 1));
          count++;
        } else if (isInFeatures && depth === 1) {
          isInFeatures = false;
          if (count > 0 || commas > 0)
            if (count !== commas + 1)
              throw broken(`${commas + 1 - count} of its ${commas + 1} features are no JSON objects`, i);
        } else if (depth === 0) {
          endMember(chunk, i);
          isDone = true;
        }
      } else if (byte === comma) {
        if (depth === 1) {
          endMember(chunk, i);
          isKey = true;
        } else if (depth === 2 && isInFeatures) commas++;
      } else if (byte === colon && depth === 1) {
        isKey = false;
        if (kept.has(key)) from = i + 1;
      }
    }
    if (from >= 0) {
      partsBytes += chunk.length - from;
      if (partsBytes > maxFeatureBytes)
        throw broken(`feature ${count + 1} is longer than ${maxFeatureBytes >> 20} MB`, chunk.length);
      parts.push(chunk.subarray(from));
      from = 0;
    }
    read += chunk.length;
    return features;
  };

  return {
    push,
    end() {
      if (!isDone) throw broken('it ends early', 0);
    },
    members,
    hasFeatures: () => hasFeatures,
  };
}
