/** Two-byte codes of GBK by character, read off the decoder that Node carries. */
function gbkTable(): ReadonlyMap<string, number> {
  const decoder = new TextDecoder('gbk');
  const table = new Map<string, number>();
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue;
      const text = decoder.decode(Uint8Array.of(lead, trail));
      if (text.length === 1 && text !== '\uFFFD' && !table.has(text)) table.set(text, (lead << 8) | trail);
    }
  return table;
}

let table: ReadonlyMap<string, number> | null = null;

/** Tables repeat their words. */
const known = new Map<string, Uint8Array>();
const mostKnown = 10_000;

/** Text as GBK bytes; what GBK does not have becomes `?`. */
export function encodeGbk(text: string): Uint8Array {
  const found = known.get(text);
  if (found) return found;
  table ??= gbkTable();
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    const pair = table.get(character);
    if (code < 0x80) bytes.push(code);
    else if (pair === undefined) bytes.push(0x3f);
    else bytes.push(pair >> 8, pair & 255);
  }
  const encoded = Uint8Array.from(bytes);
  if (known.size < mostKnown) known.set(text, encoded);
  return encoded;
}
