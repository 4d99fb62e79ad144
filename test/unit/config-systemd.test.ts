import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const units = new URL('../../config/systemd/', import.meta.url).pathname;
const isPresent = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!isPresent) process.stdout.write('skipped: systemd-analyze is absent; units are not verified\n');
const names = readdirSync(units).filter((name) => /\.(service|timer)$/.test(name));

it('a service ends its main process by SIGTERM, within the time that workers drain, and as nobody special', () => {
  for (const name of names.filter((unit) => unit.endsWith('.service'))) {
    const text = readFileSync(join(units, name), 'utf8');
    expect(text, name).toMatch(/^User=tianwatch$/m);
    expect(text, name).toMatch(/^NoNewPrivileges=yes$/m);
    if (/^Type=exec$/m.test(text))
      expect(text, name).toMatch(/^KillSignal=SIGTERM\nKillMode=mixed\nTimeoutStopSec=15$/m);
  }
});

it.skipIf(!isPresent)('systemd finds nothing wrong in any unit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-units-'));
  try {
    const files = names.map((name) => {
      const file = join(folder, name.replace('@.', '@some.'));
      // the place of the program differs, the rest does not
      const text = readFileSync(join(units, name), 'utf8').replaceAll('/usr/bin/node', process.execPath);
      writeFileSync(file, text.replaceAll('file:///opt/tianwatch/docs/OPERATION.md', 'https://tianwatch.example'));
      return file;
    });
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
