/** What the GDAL_METADATA tag says of the dataset and of its bands. */
export interface GdalMetadata {
  /** all domains; where a name comes twice, the default domain counts */
  readonly dataset: Readonly<Record<string, string>>;
  readonly bands: ReadonlyMap<number, BandMetadata>;
}

export interface BandMetadata {
  readonly items: Readonly<Record<string, string>>;
  readonly description: string | null;
  readonly scale: number | null;
  readonly offset: number | null;
  readonly colour: string | null;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });
}

function numberOf(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

interface Item {
  readonly name: string;
  readonly domain: string;
  readonly sample: number | null;
  readonly role: string;
  readonly text: string;
}

function* itemsOf(xml: string): Generator<Item> {
  for (const [, head = '', body = ''] of xml.matchAll(/<Item\b([^>]*?)(?:\/>|>([^<]*)<\/Item>)/g)) {
    const attributes = new Map<string, string>();
    for (const [, key = '', double, single] of head.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
      attributes.set(key, unescapeXml(double ?? single ?? ''));
    const sample = attributes.get('sample');
    yield {
      name: attributes.get('name') ?? '',
      domain: attributes.get('domain') ?? '',
      sample: sample === undefined ? null : Number(sample),
      role: attributes.get('role') ?? '',
      // GDAL escapes values twice and undoes it twice
      text: unescapeXml(unescapeXml(body)),
    };
  }
}

interface BandItems {
  readonly items: Map<string, string>;
  readonly roles: Map<string, string>;
}

const bandOf = ({ items, roles }: BandItems): BandMetadata => ({
  items: Object.fromEntries(items),
  description: roles.get('description') ?? null,
  scale: numberOf(roles.get('scale')),
  offset: numberOf(roles.get('offset')),
  colour: roles.get('colorinterp')?.toLowerCase() ?? null,
});

/**
 * Reads the XML that GDAL writes; what is not of its form is passed over.
 *
 * @see https://gdal.org/drivers/raster/gtiff.html#metadata
 */
export function parseGdalMetadata(xml: string): GdalMetadata {
  const dataset = new Map<string, string>();
  const bands = new Map<number, BandItems>();
  const later: Item[] = [];
  const keep = ({ name, text, sample, role }: Item) => {
    if (sample === null || !Number.isInteger(sample)) {
      if (!dataset.has(name)) dataset.set(name, text);
      return;
    }
    const band = bands.get(sample) ?? { items: new Map<string, string>(), roles: new Map<string, string>() };
    bands.set(sample, band);
    if (role !== '') band.roles.set(role.toLowerCase(), text);
    else if (!band.items.has(name)) band.items.set(name, text);
  };
  for (const item of itemsOf(xml)) {
    if (item.domain === '') keep(item);
    else later.push(item);
  }
  later.forEach(keep);
  return {
    dataset: Object.fromEntries(dataset),
    bands: new Map([...bands].map(([sample, band]) => [sample, bandOf(band)] as const)),
  };
}
