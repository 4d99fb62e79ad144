import { openFileSink } from '../../workers/images/file-sink.ts';
import { openPlanting } from './planting.ts';
import type { World } from './world.ts';

/** What grew on each cropland parcel in each year of the looks: `parcel,year,winter,summer,status,grainFraction`. */
export async function writePlanting(path: string, world: World): Promise<void> {
  const { sketch, looks } = world;
  const years = [...new Set(looks.map(({ date }) => Number(date.slice(0, 4))))];
  const plantingOf = openPlanting(world);
  const sink = await openFileSink(path);
  try {
    let text = 'parcel,year,winter,summer,status,grainFraction\n';
    for (const [number, { code }] of sketch.parcels.entries()) {
      if (!code.startsWith('01')) continue;
      for (const year of years) {
        const planted = plantingOf(number, year);
        if (planted === null) continue;
        const { winter, summer, status, grainFraction } = planted;
        text += `${number + 1},${year},${winter},${summer},${status},${grainFraction.toFixed(3)}\n`;
      }
      if (text.length < 1 << 20) continue;
      await sink.write(Buffer.from(text));
      text = '';
    }
    await sink.write(Buffer.from(text));
    await sink.publish();
  } finally {
    await sink.discard();
  }
}
