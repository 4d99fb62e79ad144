import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { areasChart } from '../../pipeline/report/series-chart.ts';
import { seriesManifestSchema, seriesSummarySchema } from '../../pipeline/report/series-formats.ts';
import type { SeriesManifest, SeriesSummary } from '../../pipeline/report/series-formats.ts';
import { areasByLook, areasText, looksText, observationsText } from '../../pipeline/report/series-tables.ts';
import { tracksText } from '../../pipeline/report/series-tracks.ts';
import { categoryStyles } from '../compute/category-style.ts';
import { manifestName, openStaging, publishFolder } from '../compute/out-folder.ts';
import { fileError, temporaryMark, writeFileAtomic } from '../images/file-sink.ts';
import type { PlantingRow } from '../season/planting-file.ts';
import { writePlantingFile } from '../season/series-planting.ts';
import { frameCentreOf } from './detect-look.ts';
import type { SeriesResult } from './run-series.ts';
import { lookRows, manifestOf, summaryOf } from './series-documents.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * Write all files of a series and put them in the place of what was there.
 *
 * @param timing clock times for the manifest
 * @param onPlanting told of each row of `planting.csv`
 */
export async function writeSeries(
  result: SeriesResult,
  out: string,
  timing: Readonly<Record<string, unknown>>,
  onPlanting?: (row: PlantingRow) => void,
): Promise<SeriesSummary> {
  const staging = await openStaging(out, result.id.slice(0, 12) || 'empty');
  try {
    const summary = seriesSummarySchema.parse(summaryOf(result));
    const { plan, looks, tracks, planting } = result;
    const write = (name: string, text: string) => writeFileAtomic(join(staging, name), bytesOf(text));
    await write('looks.csv', looksText(lookRows(result)));
    await write('observations.csv', observationsText(tracks));
    const shown = looks.map(({ opened, found }) => ({
      id: opened.id,
      date: opened.acquired ?? '',
      observedFraction: found.gridM2 === 0 ? 0 : found.observedM2 / found.gridM2,
    }));
    const areas = areasByLook(tracks, shown);
    await write('areas.csv', areasText(areas));
    const frame = plan && equalAreaFrame(frameCentreOf(plan.grid));
    await write('tracks.geojson', frame ? tracksText(tracks, frame) : tracksText([], equalAreaFrame(anywhere)));
    if (shown.length > 0) {
      const svg = areasChart(areas, shown, categoryStyles);
      await writeFileAtomic(join(staging, 'areas.png'), await sharp(bytesOf(svg), { density: 144 }).png().toBuffer());
    }
    if (planting !== null) await writePlantingFile(join(staging, 'planting.csv'), planting(), onPlanting);
    await write('summary.json', `${JSON.stringify(summary, null, 2)}\n`);
    const manifest: SeriesManifest = seriesManifestSchema.parse({
      ...manifestOf(result, summary),
      outputs: await hashFolder(staging),
      timing,
    });
    await write(manifestName, `${JSON.stringify(manifest, null, 2)}\n`);
    await publishFolder(staging, out);
    return summary;
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

/** A frame for no track at all. */
const anywhere = { lonDeg: 0, latDeg: 0 };

async function hashFolder(folder: string): Promise<SeriesManifest['outputs']> {
  const names = (await readdir(folder)).filter((name) => name !== manifestName && !name.includes(temporaryMark));
  const outputs: SeriesManifest['outputs'] = [];
  for (const file of names.toSorted()) {
    const path = join(folder, file);
    const hash = createHash('sha256');
    try {
      for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
      outputs.push({ file: basename(path), bytes: (await stat(path)).size, sha256: hash.digest('hex') });
    } catch (error) {
      throw fileError(error, path);
    }
  }
  return outputs;
}
