import { AppError } from '../errors.ts';
import type { VectorNote } from './feature.ts';
import { chineseFraction, encodingName, textDecoder } from './text-score.ts';

/** A value above ASCII, from anywhere in the table. */
export interface TextSample {
  readonly row: number;
  readonly bytes: Uint8Array;
  /** it fills its column and may have been cut within a character */
  readonly isFull: boolean;
}

export interface EncodingEvidence {
  readonly file: string;
  /** what the user says */
  readonly option: string | null;
  /** text of the .cpg */
  readonly cpg: string | null;
  /** language driver id of the .dbf; 0 none */
  readonly languageDriver: number;
  readonly samples: readonly TextSample[];
}

export interface EncodingChoice {
  readonly encoding: string;
  /** how it was found out, for people */
  readonly how: string;
  readonly notes: readonly VectorNote[];
}

/** Language driver ids that name an encoding; 0x57 (whatever the writer's machine had) says nothing. */
const drivers: Readonly<Record<number, string>> = {
  0x03: 'windows-1252',
  0x13: 'shift_jis',
  0x4d: 'gb18030',
  0x4e: 'euc-kr',
  0x4f: 'big5',
  0x58: 'windows-1252',
  0x59: 'windows-1252',
  0x78: 'big5',
  0x79: 'euc-kr',
  0x7a: 'gb18030',
  0x7b: 'shift_jis',
};

interface Trial {
  readonly encoding: string;
  readonly badRow: number | null;
  /** share of everyday Chinese */
  readonly score: number;
}

/**
 * Decode a value; a character that its column has cut in two is left out, also before the `_1` by which a writer told
 * two cut names apart.
 */
export function decodeCut(decode: (bytes: Uint8Array) => string, bytes: Uint8Array, isFull: boolean): string {
  const text = decode(bytes);
  return isFull ? text.replace(/\uFFFD{1,3}(?=(?:_\d{1,2})?$)/u, '') : text;
}

function attempt(encoding: string, samples: readonly TextSample[]): Trial {
  const decode = textDecoder(encoding);
  const texts = samples.map(({ bytes, isFull }) => decodeCut(decode, bytes, isFull));
  const bad = texts.findIndex((text) => text.includes('\uFFFD'));
  return { encoding, badRow: samples[bad]?.row ?? null, score: chineseFraction(texts.join('')) ?? 0 };
}

/** The encoding that the bytes themselves speak for; null where neither fits. */
function detect(samples: readonly TextSample[]): Trial | null {
  const [utf8, gb] = [attempt('utf-8', samples), attempt('gb18030', samples)];
  const isGb = gb.badRow === null && gb.score > 0.5;
  // a few GBK characters may happen to be valid UTF-8, of letters that are not Chinese
  if (utf8.badRow === null) return isGb && gb.score > utf8.score + 0.3 ? gb : utf8;
  return isGb ? gb : null;
}

/**
 * Choose the encoding of a table: option → .cpg → language driver id → detection. What the bytes contradict is not
 * believed, and said.
 *
 * @throws AppError INPUT_INVALID where the option cannot be right, or where nothing fits
 */
export function chooseEncoding({ file, option, cpg, languageDriver, samples }: EncodingEvidence): EncodingChoice {
  const wanted = option === null ? null : encodingName(option);
  if (option !== null && wanted === null)
    throw new AppError('CONFIG_INVALID', `"${option}" is no encoding.`, 'Give gb18030, gbk, utf-8 or big5.', {
      option,
    });
  const fromCpg = cpg === null ? null : encodingName(cpg);
  const claims: readonly { readonly encoding: string | null; readonly how: string }[] = [
    { encoding: wanted, how: '按选项 option' },
    { encoding: fromCpg, how: `按 .cpg（${cpg?.trim() ?? ''}）` },
    {
      encoding: drivers[languageDriver] ?? null,
      how: `按 dbf 语言标识 language driver 0x${languageDriver.toString(16)}`,
    },
  ];
  const claim = claims.find((one): one is { encoding: string; how: string } => one.encoding !== null) ?? null;
  if (samples.length === 0)
    return claim === null
      ? { encoding: 'gb18030', how: '无非 ASCII 文本 no text above ASCII', notes: [] }
      : { ...claim, notes: [] };
  const seen = detect(samples);
  if (claim === null) {
    if (seen === null) throw unknownEncoding(file, samples[0]!);
    return { encoding: seen.encoding, how: '按字节检测 detected from the bytes', notes: [] };
  }
  const claimed = attempt(claim.encoding, samples);
  const isBetter = seen !== null && seen.encoding !== claim.encoding && seen.score > claimed.score + 0.3;
  if (claimed.badRow === null && !isBetter) return { ...claim, notes: [] };
  if (wanted !== null) {
    if (claimed.badRow !== null) throw wrongOption(file, wanted, claimed.badRow, seen);
    return { ...claim, notes: [mojibakeNote(file, claim, seen)] };
  }
  if (seen === null) throw unknownEncoding(file, samples[0]!, claim.encoding);
  const how = `按字节检测 detected from the bytes，不信 against ${claim.how}`;
  return { encoding: seen.encoding, how, notes: [mojibakeNote(file, claim, seen)] };
}

function mojibakeNote(
  file: string,
  claim: { readonly encoding: string; readonly how: string },
  seen: Trial | null,
): VectorNote {
  return {
    code: 'mojibake',
    message: `${file}: 声明的编码会成乱码 the declared encoding ${claim.encoding} (${claim.how}) turns its text into mojibake; the bytes are ${seen?.encoding ?? 'something else'}.`,
    todo: `Correct the .cpg, or give --encoding ${seen?.encoding ?? 'gb18030'}.`,
  };
}

function wrongOption(file: string, option: string, row: number, seen: Trial | null): AppError {
  return new AppError(
    'INPUT_INVALID',
    `${file}: row ${row} is not ${option}${seen === null ? '' : `, but ${seen.encoding}`}.`,
    seen === null
      ? 'Give the encoding it was written in.'
      : `Give --encoding ${seen.encoding}, or leave the option out.`,
    { file, row, option },
  );
}

function unknownEncoding(file: string, { row, bytes }: TextSample, claimed?: string): AppError {
  const hex = Buffer.from(bytes.subarray(0, 16)).toString('hex');
  return new AppError(
    'INPUT_INVALID',
    `${file}: the text of row ${row} (bytes ${hex}) is neither UTF-8 nor GB 18030${claimed ? ` nor the declared ${claimed}` : ''}.`,
    'Give --encoding, such as big5, or export the file again as UTF-8.',
    { file, row },
  );
}
