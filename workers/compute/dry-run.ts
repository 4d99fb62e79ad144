import type { RunRequest } from '../../pipeline/request.ts';
import { draftRun } from './draft.ts';

/** A run as it would be done. */
export interface DescribedPlan {
  readonly grid: {
    readonly epsg: number | null;
    readonly width: number;
    readonly height: number;
    readonly gsdM: number;
  };
  readonly bands: readonly string[];
  readonly model: string;
  readonly chunks: number;
  readonly tiles: number;
  /** bytes of pixels that will be decoded, halos included */
  readonly readBytes: number;
  readonly inputBytes: number;
  /** at the speed of the machine the figures below were measured on */
  readonly expectedMinutes: number;
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly todo: string }[];
}

/** Measured on 2 cores with `npm run bench`; pairs of pixels a second and thread, halos included. */
const pxPerSecond = { network: 230_000, evidence: 1_500_000 };
const overheadSeconds = 4;

export async function describePlan(request: RunRequest, threads: number): Promise<DescribedPlan> {
  const draft = await draftRun(request);
  try {
    const { grid, chunks, bands, card, gsdM, warnings, before, after } = draft;
    const readPx = chunks.flatMap(({ tiles }) => tiles).reduce((sum, { read }) => sum + read.width * read.height, 0);
    const speed = (card === null ? pxPerSecond.evidence : pxPerSecond.network) * threads;
    return {
      grid: { epsg: grid.crs.epsg, width: grid.width, height: grid.height, gsdM: Math.round(gsdM * 1000) / 1000 },
      bands: bands.evidence,
      model: card === null ? 'none' : `${card.card.id}@${card.card.version}`,
      chunks: chunks.length,
      tiles: chunks.reduce((sum, { tiles }) => sum + tiles.length, 0),
      readBytes: readPx * 4 * (bands.before.length + bands.after.length),
      inputBytes: [...before.scene.files, ...after.scene.files].reduce((sum, { bytes }) => sum + bytes, 0),
      expectedMinutes: Math.round(((readPx / speed + overheadSeconds) / 60) * 10) / 10,
      warnings,
    };
  } finally {
    await draft.close();
  }
}

export function planLines({
  grid,
  bands,
  model,
  chunks,
  tiles,
  readBytes,
  inputBytes,
  expectedMinutes,
  warnings,
}: DescribedPlan): string[] {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    `格网 grid: ${grid.epsg === null ? 'no EPSG code' : `EPSG:${grid.epsg}`}, ${grid.width} × ${grid.height} px, ${grid.gsdM} m`,
    `波段 bands: ${bands.join(', ')}`,
    `模型 model: ${model}`,
    `分块 chunks: ${chunks}, tiles: ${tiles}`,
    `数据 bytes: ${megabytes(inputBytes)} of files, ${megabytes(readBytes)} decoded`,
    `预计 expected: ${expectedMinutes} min`,
    ...warnings.map(({ code, message, todo }) => `提示 remark: ${code}: ${message} ${todo}`),
  ];
}
