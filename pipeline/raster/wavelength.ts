const keys = [
  ['central_wavelength_nm', 1],
  ['wavelength_nm', 1],
  ['central_wavelength_um', 1000],
  ['central_wavelength', 0],
  ['center_wavelength', 0],
  ['centre_wavelength', 0],
  ['wavelength', 0],
] as const;

const unitNm: readonly (readonly [RegExp, number])[] = [
  [/^(nm|nanomet)/i, 1],
  [/^(um|µm|μm|mum|micromet|micron)/i, 1000],
];

function unitOf(text: string | undefined): number {
  return unitNm.find(([pattern]) => pattern.test(text?.trim() ?? ''))?.[1] ?? 0;
}

/** optical to thermal; what is outside is no wavelength of a band */
function plausible(nm: number): number | null {
  return nm >= 100 && nm <= 100_000 ? Math.round(nm * 1000) / 1000 : null;
}

/**
 * Central wavelength (nm) of a band from its metadata items, else from a description such as
 * `Band 1 (0.485000 Micrometers)`. A bare number below 100 counts as µm: no sensor sees less than 100 nm.
 */
export function wavelengthOf(items: Readonly<Record<string, string>>, description: string | null): number | null {
  const lower = new Map(Object.entries(items).map(([key, text]) => [key.toLowerCase(), text]));
  const stated = unitOf(lower.get('wavelength_units') ?? lower.get('wavelength_unit'));
  for (const [key, factor] of keys) {
    const match = /^\s*(\d+(?:\.\d+)?)\s*(\S*)/.exec(lower.get(key) ?? '');
    if (match === null) continue;
    const value = Number(match[1]);
    const nm = plausible(value * (factor || unitOf(match[2]) || stated || (value < 100 ? 1000 : 1)));
    if (nm !== null) return nm;
  }
  const named = /(\d+(?:\.\d+)?)\s*(nm\b|nanomet|um\b|µm|μm|micromet|micron)/i.exec(description ?? '');
  return named === null ? null : plausible(Number(named[1]) * unitOf(named[2]));
}
