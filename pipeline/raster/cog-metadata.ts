import { AppError } from '../errors.ts';

function escapeXml(text: string): string {
  // XML 1.0 has no way to write these, escaped or not
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text))
    throw new AppError(
      'BUG',
      `Metadata text holds a control character: ${JSON.stringify(text.slice(0, 80))}.`,
      'Remove it.',
    );
  // GDAL unescapes the parsed value once more, so a lone & needs to survive two rounds
  return text
    .replaceAll('&', '&amp;amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}

/**
 * Text of the GDAL_METADATA tag (42112): dataset items by name, then band descriptions; null where there is neither.
 *
 * @see https://gdal.org/drivers/raster/gtiff.html#metadata
 */
export function metadataXml(
  items: Readonly<Record<string, string>>,
  bandDescriptions: readonly (string | null)[],
): string | null {
  const lines = Object.keys(items)
    .sort()
    .map((name) => `  <Item name="${escapeXml(name)}">${escapeXml(items[name] ?? '')}</Item>\n`);
  bandDescriptions.forEach((description, band) => {
    if (description !== null)
      lines.push(`  <Item name="DESCRIPTION" sample="${band}" role="description">${escapeXml(description)}</Item>\n`);
  });
  return lines.length === 0 ? null : `<GDALMetadata>\n${lines.join('')}</GDALMetadata>\n`;
}
