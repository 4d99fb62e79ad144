import sharp from 'sharp';
import type { Picture } from '../../pipeline/report/report-input.ts';
import { openSceneFiles } from '../../workers/compute/look-reader.ts';
import { displayGrid, picture, readDisplay, shownBands, stretchesOf } from '../../workers/compute/pictures.ts';
import type { LookPlan } from '../../workers/compute/run-plan.ts';
import { shiftOf } from '../../workers/compute/shift.ts';
import type { JudgedPlace } from './labelled-place.ts';

const sidePx = 560;

/** Both dates in colour, and what was found, missed and wrong over the later date in grey. */
export interface PlacePictures {
  readonly before: Picture;
  readonly after: Picture;
  readonly outcome: Picture;
}

export async function drawPlace({ plan, map, gsdM }: JudgedPlace): Promise<PlacePictures> {
  const shown = shownBands(plan.before.bands);
  const stretches = stretchesOf(plan.statistics, shown);
  const display = displayGrid(plan.grid, sidePx);
  const draw = async (side: 'before' | 'after', look: LookPlan): Promise<Picture> => {
    const files = await openSceneFiles(look.scene);
    try {
      const raster = await readDisplay(
        {
          scene: look.scene,
          files,
          bands: look.bands,
          neededBands: plan.evidenceBands.length,
          gsdM,
          cloud: look.cloud,
          ...(side === 'after' && { shiftPx: shiftOf(plan) }),
        },
        display.grid,
      );
      return await picture(raster, shown, stretches[side]);
    } finally {
      for (const file of files) await file.close();
    }
  };
  const before = await draw('before', plan.before);
  const after = await draw('after', plan.after);
  const { width, height } = display.grid;
  const cells = { raw: { width: map.cols, height: map.rows, channels: 4 as const } };
  // the last cells may reach over the edge of the grid
  const [overX, overY] = [map.cols * map.cellPx, map.rows * map.cellPx];
  const veil = await sharp(map.rgba(), cells)
    .resize(
      Math.max(width, Math.round(overX / display.perPx[0])),
      Math.max(height, Math.round(overY / display.perPx[1])),
      { kernel: 'nearest', fit: 'fill' },
    )
    .extract({ left: 0, top: 0, width, height })
    .png()
    .toBuffer();
  const grey = await sharp(Buffer.from(after.dataUri.split(',')[1] ?? '', 'base64'))
    .greyscale()
    .toColourspace('srgb')
    .linear(0.55, 12)
    .toBuffer();
  const bytes = await sharp(grey)
    .composite([{ input: veil }])
    .jpeg({ quality: 88, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return { before, after, outcome: { dataUri: `data:image/jpeg;base64,${bytes.toString('base64')}`, width, height } };
}
