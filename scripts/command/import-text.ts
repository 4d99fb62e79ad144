import type { Preview } from '../../workers/registry/preview.ts';
import { importProblemTable } from '../../workers/registry/problem.ts';
import type { Recorded } from '../../workers/registry/record.ts';

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const area = ({ areaM2, areaMu }: { readonly areaM2: number; readonly areaMu: number }): string =>
  `${number(areaM2, 2)} m² (${number(areaMu, 2)} 亩)`;

/** Problems that a terminal shows; JSON has all. */
const shownProblems = 20;
const effects = { blocks: '拒绝 blocks', ask: '待确认 ask', tells: '提示 note' } as const;

function problemLines({ problems }: Preview): string[] {
  const order = ['blocks', 'ask', 'tells'];
  const sorted = problems.toSorted((a, b) => order.indexOf(a.effect) - order.indexOf(b.effect));
  const lines = sorted.slice(0, shownProblems).map(({ effect, code, message, todo }) => {
    const zh = Object.entries(importProblemTable).find(([name]) => name === code)?.[1].zh ?? '';
    return `  [${effects[effect]}] ${code} ${zh}: ${message}. ${todo}`;
  });
  const rest = problems.length - shownProblems;
  return rest > 0 ? [...lines, `  … 另有 ${rest} 项 and ${rest} more (--json shows all)`] : lines;
}

function codeLines({ codes }: Preview): string[] {
  return codes.map(
    (entry) =>
      `  ${entry.code.padEnd(6)}${number(entry.rows).padStart(9)}  ${area(entry)}  ${entry.name || '字典中没有 unknown'}`,
  );
}

function findingLines({ repaired, repairedRows, overlaps, gaps, notCovered }: Preview): string[] {
  const lines = [];
  if (repairedRows > 0) {
    lines.push(`修复图形 repaired: ${number(repairedRows)}`);
    for (const { row, id, areaBeforeM2, areaAfterM2 } of repaired)
      lines.push(`  row ${row}${id ? ` (${id})` : ''}: ${number(areaBeforeM2, 2)} → ${number(areaAfterM2, 2)} m²`);
  }
  if (overlaps) lines.push(`相互重叠 overlaps: ${number(overlaps.pairs)} pairs, ${number(overlaps.areaM2, 2)} m²`);
  if (gaps && gaps.count > 0) {
    lines.push(`空隙 gaps: ${number(gaps.count)}, ${area(gaps)}`);
    for (const { town, name, gaps: own, ...size } of gaps.byTown)
      lines.push(`  ${name || town || '?'}: ${number(own)}, ${area(size)}`);
  }
  if (notCovered.length > 0) lines.push(`未检查 not looked at: ${notCovered.join(', ')}`);
  return lines;
}

/** What an import found, line by line, Chinese first. */
export function previewLines(preview: Preview): string[] {
  const { file, fileFormat, fileLayer, kind, zone, asOf, asOfHow, rows, withoutGround, boundsDeg, crs } = preview;
  const { columns, encoding, encodingHow, problems } = preview;
  const mapped = Object.entries(columns.mapped).map(([name, field]) => `${name} ← ${field}`);
  const lacking = columns.missing.length > 0 ? `; 缺 missing: ${columns.missing.join(', ')}` : '';
  const dropped = columns.unknown.length > 0 ? `; 不入库 not stored: ${columns.unknown.join(', ')}` : '';
  const given =
    preview.givenAreaM2 === null ? '' : `, 表中面积 as the rows give it: ${number(preview.givenAreaM2, 2)} m²`;
  const code = crs.epsg === null ? '' : `EPSG:${crs.epsg} `;
  return [
    `文件 file: ${file} (${fileFormat}, ${fileLayer})`,
    `类别 kind: ${zone === null ? kind : `${kind} ${zone}`}; 基准日期 as of: ${asOf ?? '?'} (${asOfHow})`,
    `行数 rows: ${number(rows)}${withoutGround > 0 ? `, 无图形 without ground: ${number(withoutGround)}` : ''}; 面积 area: ${area(preview)}${given}`,
    `坐标系 CRS: ${code}${crs.name} (${crs.how})`,
    ...(encoding === null ? [] : [`编码 encoding: ${encoding} (${encodingHow ?? ''})`]),
    ...(boundsDeg === null ? [] : [`范围 bounds: ${boundsDeg.map((value) => value.toFixed(5)).join(', ')}°`]),
    `字段 columns: ${mapped.join(', ')}${lacking}${dropped}`,
    ...(preview.codes.length > 0 ? ['地类 land codes:', ...codeLines(preview)] : []),
    ...findingLines(preview),
    ...(problems.length > 0 ? ['问题 problems:', ...problemLines(preview)] : ['未发现问题 no problems']),
  ];
}

/** What became of it. */
export function recordedLines({ version, isNew, superseded }: Recorded): string[] {
  const name = version.zone === null ? version.kind : `${version.kind} ${version.zone}`;
  const head = isNew
    ? `已入库 imported: ${version.id.slice(0, 12)}, ${name}, ${number(version.features)} features as of ${version.asOf}`
    : `内容相同，未新增版本 the same version is there already: ${version.id.slice(0, 12)}, ${name} as of ${version.asOf}`;
  const later = isNew && version.state === 'superseded' ? ['已有更新版本 a later version is the current one'] : [];
  const older = superseded.map(({ id, asOf }) => `已替代 superseded: ${id.slice(0, 12)} as of ${asOf}`);
  return [head, ...later, ...older];
}
