import { zhOfBand } from './band-name.ts';
import type { InspectedFile } from './inspect-format.ts';
import { problemTable } from './problem.ts';

const round = (value: number) => String(Number(value.toPrecision(7)));

function bandLines(bands: NonNullable<InspectedFile['bands']>): string[] {
  return bands.map(({ name, dtype, nodata, scale, offset }, index) => {
    const known = name === null ? '未知 unknown' : `${zhOfBand(name)} ${name}`;
    const scaling =
      scale === null
        ? '定标未知 scale unknown'
        : `× ${scale}${offset ? ` ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}` : ''}`;
    return `    ${index + 1}  ${known}  ${dtype}  无效值 nodata ${nodata ?? '—'}  ${scaling}`;
  });
}

/** One file for a person to read, Chinese first. */
export function inspectText(entry: InspectedFile): string {
  const { width, height, bands, crs, epsg, gsdM, overviews } = entry;
  const lines = [`文件 File          ${entry.file}`];
  if (width !== null && height !== null && bands !== null) {
    const levels = overviews?.map((level) => `${level.width}×${level.height}`).join(' ') || '无 none';
    lines.push(
      `  尺寸 Size        ${width} × ${height} px`,
      `  坐标系 CRS       ${crs === null ? '未知 unknown' : `${crs}${epsg === null ? '' : ` (EPSG:${epsg})`}`}`,
      `  变换 Transform   ${entry.transform ? entry.transform.map(String).join(', ') : '未知 unknown'}`,
      `  分辨率 GSD       ${gsdM ? `${gsdM.map(round).join(' × ')} m` : '未知 unknown'}`,
      `  日期 Acquired    ${entry.acquired ?? '未知 unknown'}`,
      `  传感器 Sensor    ${entry.sensor ?? '未知 unknown'}`,
      `  存储 Storage     ${entry.compression}, ${entry.tiled ? '分块 tiled' : '条带 strips'}, ${entry.interleave}, 金字塔 overviews: ${levels}`,
      '  波段 Bands',
      ...bandLines(bands),
    );
  }
  if (entry.problems.length > 0) lines.push('  问题 Problems');
  for (const { code, message, todo } of entry.problems)
    lines.push(`    ${code} ${problemTable[code].zh}: ${message}`, `      → ${todo}`);
  return `${lines.join('\n')}\n`;
}
