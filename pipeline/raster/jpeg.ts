import type { Layout } from './layout.ts';
export function readJpegTables(bytes: Uint8Array | null): Uint8Array | null {
  return bytes;
}
export function decodeJpeg(_bytes: Uint8Array, _tables: Uint8Array | null, _layout: Layout, _rows: number): Uint8Array {
  throw new Error('JPEG follows');
}
