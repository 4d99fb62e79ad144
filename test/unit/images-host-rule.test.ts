import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { hostRule, isInnerAddress } from '../../workers/images/host-rule.ts';

const says = (hosts: string, url: string): string => {
  try {
    hostRule({ TIANWATCH_HOSTS: hosts }).check(new URL(url));
    return 'may';
  } catch (error) {
    return String(error);
  }
};

test('no host may be asked that is not listed, by name, domain or star', () => {
  for (const [hosts, url, answer] of [
    ['', 'https://data.example/a.tif', /data\.example is no host that may be asked/],
    ['other.example', 'https://data.example/a.tif', /no host/],
    ['data.example', 'https://data.example/a.tif', /^may$/],
    ['data.example', 'https://DATA.example./a.tif', /^may$/],
    ['data.example', 'https://data.example.evil.example/a.tif', /no host/],
    [' b.example , *.example', 'https://deep.data.example/a.tif', /^may$/],
    ['*.example', 'https://example/a.tif', /no host/],
    ['*.ample', 'https://ex.ample.com/a.tif', /no host/],
    ['*', 'https://anything.example/a.tif', /^may$/],
  ] as const)
    expect([hosts, url, says(hosts, url)]).toEqual([hosts, url, expect.stringMatching(answer)]);
});

test('private, loopback and link-local addresses need to be named themselves, in whatever form they are written', () => {
  const inner = [
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://10.1.2.3/',
    'https://169.254.169.254/latest/meta-data',
    'https://192.168.0.1/',
    'https://172.31.0.1/',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fe80::1]/',
    'https://[fd00::1]/',
  ];
  for (const url of inner) expect([url, says('*', url)]).toEqual([url, expect.stringMatching(/no public address/)]);
  expect(says('127.0.0.1', 'https://2130706433/')).toBe('may');
  expect(says('::1', 'https://[::1]:8443/a')).toBe('may');
  expect(says('*', 'https://9.9.9.9/')).toBe('may');
  expect(isInnerAddress('172.32.0.1')).toBe(false);
  expect(isInnerAddress('2a00:1450::1')).toBe(false);
});

test('plain HTTP only to a host that is named, other protocols and passwords never', () => {
  expect(says('*', 'http://data.example/')).toMatch(/without encryption/);
  expect(says('data.example', 'http://data.example/')).toBe('may');
  expect(says('data.example', 'ftp://data.example/')).toMatch(/without encryption/);
  expect(says('data.example', 'https://me:secret@data.example/')).toMatch(/user name or password/);
  expect(says('data.example', 'https://me:secret@data.example/')).not.toMatch(/secret/);
});

test('a public name that leads to a private address is refused where it is resolved', async () => {
  const lookup = (hosts: string) => promisify(hostRule({ TIANWATCH_HOSTS: hosts }).lookup);
  await expect(lookup('*')('localhost', { all: true })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: /localhost is at .* no public address/,
  });
  await expect(lookup('localhost')('localhost', { family: 4 })).resolves.toBe('127.0.0.1');
});
