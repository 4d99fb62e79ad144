import iconv from 'iconv-lite';

/** Encodings a name means, in one spelling; null of one that is not known. `system` and the like say nothing. */
export function encodingName(text: string): string | null {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/^(ansi|oem|cp|windows|ms)[ _-]*(?=\d)/, '')
    .replaceAll(/[^a-z0-9]/g, '');
  if (/^(65001|utf8)$/.test(plain)) return 'utf-8';
  // GB18030 holds GBK holds GB 2312
  if (/^(936|gbk|gb2312|gb231280|gb18030|54936|hzgb2312|euccn|chinesegb2312|xgbk)$/.test(plain)) return 'gb18030';
  if (/^(950|big5|big5hkscs)$/.test(plain)) return 'big5';
  if (/^(88591|iso88591|latin1|1252|cp1252)$/.test(plain)) return 'windows-1252';
  if (plain === '' || !/\d|utf|jis|euc|koi/.test(plain)) return null;
  return iconv.encodingExists(text.trim()) ? text.trim().toLowerCase() : null;
}

/** A decoder of whole values; what it cannot read becomes U+FFFD. */
export function textDecoder(encoding: string): (bytes: Uint8Array) => string {
  try {
    const decoder = new TextDecoder(encoding, { ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  } catch {
    return (bytes) => iconv.decode(Buffer.from(bytes), encoding);
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The 3,755 characters of level 1 of GB 2312-80: what nearly all of any Chinese text consists of. */
let common: ReadonlySet<string> | null = null;
function commonCharacters(): ReadonlySet<string> {
  if (common !== null) return common;
  const codes = range(0xb0, 0xd7).flatMap((lead) => range(0xa1, 0xfe).flatMap((trail) => [lead, trail]));
  common = new Set(new TextDecoder('gbk').decode(Uint8Array.from(codes)).replaceAll('\uFFFD', ''));
  return common;
}

const punctuation = /[\u3000-\u303F\uFF00-\uFFEF\u00B0\u00B7\u2014\u2018-\u201D\u2026\u2103\u33A1]/u;

/** Share of the characters above ASCII that are everyday Chinese, 0..1; null of text without any. */
export function chineseFraction(text: string): number | null {
  const characters = commonCharacters();
  let [all, hits] = [0, 0];
  for (const character of text) {
    if (character.codePointAt(0)! < 0x80) continue;
    all++;
    if (characters.has(character) || punctuation.test(character)) hits++;
  }
  return all === 0 ? null : hits / all;
}

const replaced = /\uFFFD|锟斤拷|ï¿½|烫烫烫/u;

/**
 * What a text that was decoded wrongly before it was stored should have been; '' where it cannot be told,
 * null where the text is sound. UTF-8 read as GBK, GBK or UTF-8 read as Latin 1.
 */
export function undoMojibake(text: string): string | null {
  const lost = replaced.test(text) ? '' : null;
  const own = chineseFraction(text);
  if (own === null || own > 0.8) return lost;
  const [isLatin, high] = [
    !/[^\u0020-\u00FF\u0152-\u0192\u02C6\u02DC\u2013-\u2122]/u.test(text),
    [...text].filter((c) => c > '\u007F').length,
  ];
  // fewer characters are too little to tell a foreign name from a damaged one
  if (high < 3) return lost;
  const bytes = iconv.encode(text, isLatin ? 'windows-1252' : 'gbk');
  for (const encoding of isLatin ? ['utf-8', 'gb18030'] : ['utf-8']) {
    const undone = textDecoder(encoding)(bytes);
    // UTF-8 read as GBK has lost what did not pair up; three sound characters in five are proof enough
    const sound = undone.replaceAll(/[\uFFFD?]/gu, '');
    const fraction = chineseFraction(sound) ?? 0;
    if (fraction > 0.6 && fraction > own + 0.3 && sound.length >= undone.length * 0.6) return undone;
  }
  return lost;
}
