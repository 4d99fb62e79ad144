import { describe, expect, it } from 'vitest';
import { notice, type Summary } from '../../pipeline/report/formats.ts';
import { renderReport } from '../../pipeline/report/html.ts';
import type { ReportInput } from '../../pipeline/report/report-input.ts';

const sha256 = 'a'.repeat(64);
const dropped = { slivers: { patches: 0, pixels: 0, areaM2: 0 } };
const coverage: Summary['coverage'] = {
  gridM2: 1000,
  observedM2: 750,
  unobservedM2: 250,
  unobservedFraction: 0.25,
  reasonsM2: { outside: 0, nodata: 0, cloud: 250, shadow: 0, failed: 0 },
};
const summary: Summary = {
  format: 'tianwatch-summary/1',
  state: 'done',
  notice,
  dateBefore: '2025-08-15',
  dateAfter: null,
  sensorBefore: 'sentinel-2',
  sensorAfter: null,
  model: 'none',
  gsdM: 10,
  coverage,
  changedM2: 0,
  patches: { suspected: 0, watch: 0, suspectedM2: 0, watchM2: 0, dropped },
  categories: [],
  changes: [],
  layers: [],
  warnings: [{ code: 'X', message: 'a <b> & "c"', todo: '' }],
};
const picture = { dataUri: 'data:image/jpeg;base64,AA==', width: 4, height: 4 };
const input: ReportInput = {
  summary,
  manifest: {
    format: 'tianwatch-run/1',
    id: sha256,
    state: 'done',
    code: { name: 'tianwatch', version: '0.1.0', pixelsVersion: sha256 },
    inputs: [{ role: 'before', file: '<script>.tif', bytes: 1, sha256, acquired: null, sensor: null }],
    layers: [],
    model: null,
    config: [],
    grid: { epsg: 32651, crs: 'x', affine: [10, 0, 0, 0, -10, 0], width: 4, height: 4, gsdM: 10 },
    bands: ['blue'],
    statistics: null,
    chunks: { total: 1, failed: [] },
    coverage,
    counts: { suspected: 0, watch: 0, changedPixels: 0, dropped },
    warnings: [],
  },
  classes: [],
  categories: [],
  projects: [],
  map: { before: picture, after: picture, metresPerPx: 10 },
  patches: [],
};

describe('renderReport', () => {
  const page = renderReport(input);

  it('shows foreign text as text', () => {
    expect(page).not.toContain('<script>');
    expect(page).toContain('&lt;script&gt;.tif');
    expect(page).toContain('a &lt;b&gt; &amp; &quot;c&quot;');
  });

  it('needs nothing from outside', () => {
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect(page).not.toContain('url(');
  });

  it('says that findings are suspected, what was not seen, and that a date is unknown', () => {
    expect(page).toContain(notice.zh);
    expect(page).toContain('25.0 %');
    expect(page).toContain('未知 unknown');
    expect(page).toContain('未观测不等于未变化');
  });
});
